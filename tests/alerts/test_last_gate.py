"""No emergency or premium number can be dialled, whatever the database says."""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.providers.base import Provider, ProviderError
from alerts.providers.console import ConsoleProvider
from alerts.providers.numbers import FORBIDDEN, is_forbidden
from alerts.states import Channel
from tests import twilio
from tests.outgoing import message, sought, telephone_of
from tests.people import RELATIVES
from tests.twilio import Network

EMERGENCY = ("15", "17", "18", "112", "114", "115", "116117", "119", "191", "196", "197", "3919", "3018", "911", "999")
SHORT = (*EMERGENCY, "110", "113", "117", "118", "118218", "000", "111", "08", "1", *map(str, range(116000, 117000)))
COSTLY = (
    *("0899123456", "0897123456", "0893123456", "0892123456", "0891123456", "0890123456", "0884123456", "0878123456"),
    *("0812345678", "0826123456", "0820123456", "0836123456", "0841123456"),
)
FOREIGN = (
    *(
        "+44112",
        "+44999",
        "+1911",
        "+1411",
        "+19116666666",
        "+13115552368",
        "+32112",
        "+3411234",
        "+49110",
        "+43112345",
    ),
    *("+262112", "+596114", "+590899123456", "+262899123456", "+594820123456", "+689841123456"),
    *("+19005551234", "+449098765432", "+448712345678", "+499001234567", "+979123456789", "+80812345678"),
    *("+882123456789", "+88316123456789", "+15551234", "+4411234567"),
    *("+881612345678", "+8816123456789", "+870773111632", "+882161234567", "+883510001234567", "+878101234567890"),
    "+80012345678",
)
HOSTILE = (
    *("", "+", "17 ", " 17", "+33 17", "+33\u00a017", "+33(0)17", "+33-17", "+33.1.7", "+33017", "+0000000017", "0017"),
    *(" +33639980001", "+33639980001 ", "+33 6 39 98 00 01", "0639980001", "0033639980001", "+33639980001;17", "++17"),
    *("+33639980001,17", "+33639980001#", "+33639980001\n17", "+33639980001\x00", "+33639980001w17", "+33639980001x17"),
    *(
        "+\uff11\uff17",
        "+\u0661\u0667",
        "+\u0663\u0663\u0666\u0663\u0669\u0669\u0668\u0660\u0660\u0660\u0661",
        "\u2460\u2466",
    ),
    *("sip:17@sos.example", "sip:+33639980001@sos.example", "client:17", "client:marie", "tel:17", "tel:+3317"),
    *("sips:17", "whatsapp:+33639980001", "messenger:17", "112@example.org", "AC0123", "+3363998000l", "\u202e71+"),
)


@pytest.fixture
def network() -> Iterator[Network]:
    with twilio.network() as running:
        yield running


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[ConsoleProvider]:
    provider = ConsoleProvider(tmp_path)
    yield provider
    provider.close()


def as_dialled(number: str) -> tuple[str, ...]:
    """A number as hands, tables and tricks write it."""
    bare = number.removeprefix("0")
    forms = (
        number,
        f"+33{number}",
        f"+33{bare}",
        f"0033{bare}",
        f"+330{bare}",
        f"+33 {bare}",
        f"+33{bare} ",
        f"tel:{bare}",
    )
    return (*forms, f" {number}", f"sip:{number}@sos.example", f"+{number}", "\uff0b33" + bare)


def every_forbidden() -> tuple[str, ...]:
    dialled = [form for number in (*SHORT, *COSTLY) for form in as_dialled(number)]
    return tuple(dict.fromkeys((*dialled, *FOREIGN, *HOSTILE)))


def test_no_emergency_short_or_costly_number_passes_the_last_gate() -> None:
    passing = [number for number in every_forbidden() if not is_forbidden(number)]
    assert passing == []


@pytest.mark.parametrize(
    "number",
    [*(one.phone_number for one in RELATIVES), "+33140000000", "+262262123456", "+447700900123", "+14155552671"],
)
def test_ordinary_numbers_pass(number: str) -> None:
    assert not is_forbidden(number)


@given(st.text(alphabet="+0123456789", max_size=9))
def test_nothing_short_passes(number: str) -> None:
    assert is_forbidden(number) or len(number) >= 9


@given(st.text(max_size=20))
def test_whatever_passes_is_a_plus_and_ascii_digits(number: str) -> None:
    assert is_forbidden(number) or re.fullmatch(r"\+[1-9][0-9]{7,14}", number)


@given(short=st.sampled_from(EMERGENCY), before=st.text(max_size=4), behind=st.text(max_size=3))
def test_no_trick_around_the_17_passes(short: str, before: str, behind: str) -> None:
    assert is_forbidden(f"{before}{short}{behind}")


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.VOICE])
def test_no_telephone_network_is_even_asked_about_a_forbidden_number(
    *, channel: Channel, network: Network, outbox: ConsoleProvider
) -> None:
    providers: tuple[Provider, ...] = (telephone_of(network), outbox)
    for number, provider in product(every_forbidden(), providers):
        lost = message(channel, to=number)
        with pytest.raises(ProviderError) as sending:
            provider.send(lost)
        with pytest.raises(ProviderError) as asking:
            provider.find(sought(lost))
        for refused in (sending.value, asking.value):
            assert (refused.permanent, refused.code) == (True, FORBIDDEN), number
    assert network.taken == []
    assert network.refused == []
    assert outbox.entries() == []
