"""The options of the server: what no change could be carried out with is refused at once."""

import pytest

from impl.application_server.config import ApplicationServerConfig
from impl.codec.concatenation import split
from impl.codec.user_data import InformationElement
from impl.errors import MalformedError
from impl.values import MSISDN, Secret


def config(**options):
    return ApplicationServerConfig(MSISDN("33700"), Secret(bytes(32)), {}, **options)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"attempts": 1},
        {"part_limit_octets": 20},
        {"further_contents": bytes(32_000)},
        {"further_contents": bytes(2_000), "part_limit_octets": 20},
    ],
)
def test_what_can_be_carried_out_is_taken(options):
    made = config(**options)
    longest = made.further_contents + bytes(512)
    parts = split(longest, InformationElement(0x70), 1, wide=True, limit=made.part_limit_octets)
    assert len(parts) <= 255


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("attempts", 0),
        ("inform_attempts", 0),
        ("acknowledgement_wait_s", 0.0),
        ("resend_after_s", -1.0),
        ("confirmation_wait_s", 0.0),
        ("part_limit_octets", 19),
        ("part_limit_octets", 141),
        ("further_contents", bytes(40_000)),
    ],
)
def test_what_cannot_is_refused_by_its_name(name, value):
    with pytest.raises(MalformedError, match=f"ApplicationServerConfig.{name}: is out of bounds"):
        config(**{name: value})


def test_no_secret_shows():
    key = Secret(b"k" * 32)
    shown = repr(ApplicationServerConfig(MSISDN("33700"), key, {}))
    assert "k" * 32 not in shown
    assert key.reveal().hex() not in shown
