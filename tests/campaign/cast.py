"""Many victims with five relatives each, written straight into the rows of an installation; a process of its own.

python -m tests.campaign.cast write 200      prints the people as JSON
python -m tests.campaign.cast states         prints how many messages are in which state
"""

import json
import os
import sys
from uuid import uuid4

import django

RELATIVES = 5
ON_CALL = "+33639989999"  # one line for the relatives of many
_EVERY = 10  # the last relative of each tenth victim is that line


def numbers_of(victim: int) -> list[str]:
    """The telephones of her relatives, from the range that the regulator keeps for fiction (06 39 98)."""
    own = [f"+3363998{victim * RELATIVES + rank:04d}" for rank in range(RELATIVES)]
    return [*own[:-1], ON_CALL] if victim % _EVERY == 0 else own


def mails_of(victim: int) -> list[str]:
    """The mailboxes of her relatives."""
    return [f"r{rank}.v{victim}@example.org" for rank in range(RELATIVES)]


def write(victims: int) -> list[str]:
    """The people and their paired telephones; the tokens of these, in order."""
    from alerts.links import fingerprint  # noqa: PLC0415 - Django must be set up first
    from alerts.models import Account, Contact, Phone, Victim  # noqa: PLC0415
    from alerts.models.fields import digest  # noqa: PLC0415

    accounts = Account.objects.bulk_create([Account(username=f"v{number}") for number in range(victims)])
    hers = Victim.objects.bulk_create([Victim(account=account, name="Marie") for account in accounts])
    contacts = [
        Contact(
            victim=victim,
            rank=rank,
            name=f"Nadia {rank}",
            phone_number=phone_number,
            phone_digest=digest("number", phone_number),
            email=email,
            state="accepted",
        )
        for number, victim in enumerate(hers)
        for rank, (phone_number, email) in enumerate(zip(numbers_of(number), mails_of(number), strict=True), start=1)
    ]
    Contact.objects.bulk_create(contacts, batch_size=500)
    tokens = [uuid4().hex for _ in hers]
    Phone.objects.bulk_create(
        [
            Phone(victim=victim, token_hash=fingerprint(token), osmand_id=token, osmand_digest=fingerprint(token))
            for victim, token in zip(hers, tokens, strict=True)
        ]
    )
    return tokens


def states() -> dict[str, int]:
    """How many messages are in which state; those that rest in doubt apart."""
    from django.db.models import Count  # noqa: PLC0415

    from alerts.domain.deliveries import IN_DOUBT  # noqa: PLC0415
    from alerts.models import Delivery  # noqa: PLC0415

    found = dict(Delivery.objects.values_list("state").annotate(Count("pk")))
    return {**found, "in doubt for good": Delivery.objects.filter(state="unknown", error_code=IN_DOUBT).count()}


def main(words: list[str]) -> int:
    """See the head of this file."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sherif_web.settings")
    django.setup()
    printed = write(int(words[1])) if words[0] == "write" else states()
    sys.stdout.write(json.dumps(printed))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
