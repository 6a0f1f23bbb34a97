"""Where in a simulated world what has no meaning arrives, and how its answer is found."""

from __future__ import annotations

from collections.abc import Callable

from impl.application_server.admin_codes import CardFileError
from impl.codec.secured_packet import COMMAND_IDENTIFIER
from impl.codec.short_message import Deliver
from impl.codec.user_data import InformationElement
from impl.errors import MalformedError
from impl.events import Interface as Link
from impl.events import Peer, Send
from impl.runtime.attacker import as_delivery
from impl.runtime.deployment import NETWORKS, SERVER_NUMBER
from impl.runtime.nonsense import (
    Nonsense,
    at_attach,
    at_message_service,
    at_register,
    at_relay,
    at_session,
)
from impl.runtime.sessions import SERVER
from impl.runtime.world import Handset, World
from steps.driver import Interface

FIRST, SECOND = (plan.plmn for plan in NETWORKS[:2])
COMMANDS = ("", "00", "00ff", "0000000000", "80c2000005d1038202", "a0a4000003", "00a4080c01")
"""Commands to a card, none of which has a meaning."""
