"""What the media core takes of other people's packages although they call it private.

Raise one of the pinned versions, and this says first what must be looked at.
"""

import inspect
import re

from aioice import stun
from aiortc import RTCCertificate, RTCDtlsTransport
from pylibsrtp import Policy, Session, _binding


def test_aiortcs_transport_has_the_methods_that_are_called_or_replaced() -> None:
    parameters = {
        name: list(inspect.signature(getattr(RTCDtlsTransport, name)).parameters)
        for name in ("_handle_rtp_data", "_handle_rtcp_data", "_send_rtp", "_set_role")
    }
    assert parameters == {
        "_handle_rtp_data": ["self", "data", "arrival_time_ms"],
        "_handle_rtcp_data": ["self", "data"],
        "_send_rtp": ["self", "data"],
        "_set_role": ["self", "role"],
    }
    assert all(
        inspect.iscoroutinefunction(getattr(RTCDtlsTransport, name)) for name in ("_handle_rtp_data", "_send_rtp")
    )


async def test_aiortcs_transport_has_the_keys_and_takes_a_lane_for_its_network() -> None:
    transport = RTCDtlsTransport(object(), [RTCCertificate.generateCertificate()])  # type: ignore[arg-type]
    assert {"_rx_srtp", "_tx_srtp"} <= set(vars(transport))
    assert transport.state == "new"
    used = set(re.findall(r"self\.transport\.(\w+)", inspect.getsource(RTCDtlsTransport)))
    assert used <= {"_recv", "_send", "role", "state"}


def test_libsrtp_is_reached_through_its_session() -> None:
    session = Session(Policy(key=bytes(30), ssrc_type=Policy.SSRC_ANY_OUTBOUND))
    packet = bytearray(b"\x80\x6f" + bytes(10) + b"sound" + bytes(20))
    length = _binding.ffi.new("int *")
    length[0] = 17

    assert _binding.lib.srtp_protect(session._srtp[0], _binding.ffi.from_buffer(packet), length) == 0

    assert length[0] == 27
    assert bytes(packet[:27]) == Session(Policy(key=bytes(30), ssrc_type=Policy.SSRC_ANY_OUTBOUND)).protect(
        b"\x80\x6f" + bytes(10) + b"sound"
    )
    assert {"srtp_protect", "srtp_protect_rtcp", "srtp_unprotect", "srtp_unprotect_rtcp"} <= set(dir(_binding.lib))


def test_aioices_messages_are_parsed_and_signed() -> None:
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    message.attributes["USERNAME"] = "ours:theirs"
    message.add_message_integrity(b"key")
    read = stun.parse_message(bytes(message))
    assert read.check_message_integrity(b"key")
    assert not read.check_message_integrity(b"another")
