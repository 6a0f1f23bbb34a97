import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.ipa import IpaFrame
from impl.codec.smpp import EnquireLink
from impl.errors import MalformedError
from impl.served.framing import SMPP_LONGEST, IpaFraming, RadioFraming, SmppFraming

PDU = EnquireLink(sequence_number=7).encode()


def fed(framing, stream, sizes):
    """Return the messages that a framing finds in a stream that comes in pieces."""
    buffer, found, at = bytearray(), [], 0
    for size in [*sizes, len(stream)]:
        buffer += stream[at : at + size]
        at += size
        found += framing.split(buffer)
    assert not buffer
    return found


MESSAGES = {
    SmppFraming(): st.just(PDU),
    IpaFraming(): st.binary(min_size=1, max_size=40).map(lambda one: IpaFrame(0xEE, one).encode()),
    RadioFraming(): st.binary(max_size=40).map(lambda one: len(one).to_bytes(2, "big") + one),
}


@pytest.mark.parametrize("framing", MESSAGES, ids=lambda one: type(one).__name__)
@given(data=st.data())
def test_messages_come_whole_however_the_stream_is_cut(framing, data):
    messages = data.draw(st.lists(MESSAGES[framing], max_size=5))
    sizes = data.draw(st.lists(st.integers(1, 30), max_size=20))
    assert fed(framing, b"".join(messages), sizes) == messages


@pytest.mark.parametrize("length", [0, 15, SMPP_LONGEST + 1, 0xFFFFFFFF])
def test_a_command_length_that_no_pdu_has_is_refused(length):
    with pytest.raises(MalformedError, match="command_length"):
        list(SmppFraming().split(bytearray(length.to_bytes(4, "big") + bytes(20))))


def test_a_radio_frame_that_is_too_long_is_refused():
    with pytest.raises(MalformedError, match="announces 1025"):
        list(RadioFraming().split(bytearray((1025).to_bytes(2, "big"))))


def test_half_a_message_stays_in_the_buffer():
    buffer = bytearray(PDU[:10])
    assert not list(SmppFraming().split(buffer))
    assert buffer == PDU[:10]
