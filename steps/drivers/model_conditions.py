"""What is agreed and what goes wrong in a scenario, as events of the model that it calls for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from model.application_server import PAST_HOPE, UNCERTAIN
from model.bearer import Message as Way
from model.bearer import Request
from model.card import Counter
from model.home_register import Record
from steps.driver import Answer, Message, Network, Party, User
from steps.drivers.model_line import Line

REGISTERS = {
    Network.FIRST: Party.FIRST_REGISTER,
    Network.SECOND: Party.SECOND_REGISTER,
}
LOST = {
    "lose_request": Message.REQUEST,
    "lose_notice": Message.NOTICE,
    "lose_message": Message.PERSONALIZATION,
    "lose_report": Message.REPORT,
}
"""By event, what is lost by it."""
GUESS_LIMIT = 3
"""Wrong admin codes after which a card takes none any more."""
CENTRES = {
    Network.FIRST: Party.FIRST_CENTRE,
    Network.SECOND: Party.SECOND_CENTRE,
}


@dataclass
class Conditions:
    """What is agreed, and what is wrong, until it is undone."""

    agreed: set[Network] = field(default_factory=set)
    asks_for_acknowledgement: bool = False
    parts: int = 1
    admin_code_is_key: bool = False

    entities: set[Network] = field(default_factory=set)
    """Networks whose register a network entity interrogates."""

    cards_ask: bool = False
    answers: dict[User, Answer] = field(default_factory=dict)
    machines: set[User] = field(default_factory=set)
    off: set[User] = field(default_factory=set)
    """Users whose device has no power."""

    stopped: set[Party] = field(default_factory=set)
    wrong_codes: set[User] = field(default_factory=set)
    wrong_keys: set[User] = field(default_factory=set)
    unknown_cards: set[User] = field(default_factory=set)
    requests_are_nameless: bool = False
    mistaken: set[Network] = field(default_factory=set)
    """Networks whose register gives out keys that it does not store."""
    garbling: set[Network] = field(default_factory=set)
    altered_sessions: set[Network] = field(default_factory=set)
    """Networks with whose register nothing passes that is not altered on its way."""
    impostors: set[Network] = field(default_factory=set)
    refusing: set[Network] = field(default_factory=set)
    silent: set[Network] = field(default_factory=set)
    closed: set[Network] = field(default_factory=set)
    """Networks that reject every attach."""
    lost_parts: set[int] = field(default_factory=set)
    losses: dict[Message, int] = field(default_factory=dict)
    """How many messages of each kind are still to be lost."""
    sends_scripts: bool = False
    """Whether personalization messages are commands on files."""
    messages_are_late: bool = False
    cuts: set[User] = field(default_factory=set)
    """Users whose card loses power in the next personalization."""
    impersonators: set[User] = field(default_factory=set)
    """Users whose device names another card in its requests."""
    overreached: set[User] = field(default_factory=set)
    """Users for whom the next customer centre that asks is not that of the network it names."""
    parts_are_repeated: bool = False
    messages_are_altered: bool = False

    def without(self, parties: Mapping[Network, Party]) -> set[Network]:
        """Return the networks whose party of this kind does not run."""
        return {network for network, party in parties.items() if party in self.stopped}

    def loses(self, message: Message) -> bool:
        """Whether the next message of this kind is lost."""
        return self.losses.get(message, 0) > 0

    def spend(self, event: str, user: User) -> None:
        """Note that `event` went wrong, as often as it should."""
        if (message := LOST.get(event)) and self.loses(message):
            self.losses[message] -= 1
        if event == "cut_power":
            self.cuts.discard(user)
        if event == "refuse_centre":
            self.overreached.discard(user)

    def asks(self, user: User) -> bool:
        """Whether the card asks a user, who is there to be asked; about a script it asks nobody."""
        return self.cards_ask and not self.sends_scripts and user not in self.machines

    def consents(self, user: User) -> bool:
        """Whether a user who is asked by the card says yes."""
        return self.asks(user) and self.answers.get(user, Answer.YES) is Answer.YES

    @property
    def missing(self) -> int:
        """How many parts of each personalization message are lost."""
        return len(self.lost_parts & set(range(1, self.parts + 1)))


def wrongs(
    line: Line, conditions: Conditions, pools: Mapping[Network, Sequence[int]]
) -> Iterator[tuple[str, bool]]:
    """Yield what can go wrong, the first thing first, and whether it does in this world."""
    request, message = line.system.state["request"], line.system.state["message"]
    home, joined = line.networks["home"], line.networks.get("joined")
    wrong_code = line.user in conditions.wrong_codes
    nameless = conditions.requests_are_nameless and request is Request.FROM_DEVICE
    yield "refuse_nameless_request", nameless
    yield "lose_request", Party.APPLICATION_SERVER in conditions.stopped
    yield "lose_request", home in conditions.without(CENTRES)
    yield "lose_request", conditions.loses(Message.REQUEST)
    yield "refuse_nameless_request", line.user in conditions.impersonators
    yield "refuse_centre", line.user in conditions.overreached
    yield "refuse_centre", line.wanted not in conditions.agreed
    yield "refuse_unknown_card", line.user in conditions.unknown_cards
    yield "refuse_unagreed", not conditions.agreed >= {line.wanted, home}
    yield "refuse_own_network", line.wanted == home
    yield "reject_impostor", joined in conditions.impostors
    yield "reject_impostor", joined in conditions.without(REGISTERS)
    yield "exhaust_pool", joined is not None and not pools[joined]
    yield "garble_identity", joined in conditions.garbling
    yield "refuse_acknowledgement", home in conditions.refusing
    yield "retrieve_wrong_keys", line.user in conditions.wrong_keys
    yield "retrieve_wrong_keys", wrong_code and conditions.admin_code_is_key
    yield "retrieve_wrong_code", wrong_code
    yield "alter_message", conditions.messages_are_altered
    yield "lose_notice", conditions.loses(Message.NOTICE)
    yield "lose_message", conditions.loses(Message.PERSONALIZATION)
    yield "lose_report", conditions.loses(Message.REPORT)
    yield from late(line, conditions)
    yield "cut_power", line.user in conditions.cuts
    yield "block_admin_code", line.wrong_codes + 1 >= GUESS_LIMIT
    yield "refuse_by_user", conditions.cards_ask and not conditions.consents(line.user)
    yield "miss_joined", joined in conditions.mistaken | conditions.closed
    whole = conditions.parts == 1 or message is Way.REST
    yield "lose_message", bool(conditions.missing) and whole


def late(line: Line, conditions: Conditions) -> Iterator[tuple[str, bool]]:
    """Yield what makes every personalization message late: lost at first, repeated at the end."""
    state = line.system.state
    given_up = state["home_joined"] is Record.RELEASED and state["counter"] is Counter.BEHIND
    is_late = conditions.messages_are_late
    yield "lose_message", is_late and state["application_server"] in UNCERTAIN
    yield "repeat_message", is_late and given_up and state["application_server"] in PAST_HOPE


def withheld(line: Line, conditions: Conditions) -> Iterator[tuple[str, bool]]:
    """Yield what a party would do next, and whether it does not come to that in this world."""
    joined = line.networks.get("joined")
    yield "accept_joined", joined in conditions.mistaken | conditions.closed
    altered = joined in conditions.altered_sessions
    yield "provide_identity", altered
    yield "refuse_exhausted", altered
    is_first = line.system.state["counter"] is Counter.BEHIND
    yield "obey_order", conditions.messages_are_late and is_first  # as late as the message
    yield "accept_left", line.networks["home"] in conditions.closed
    yield "receive_message", conditions.parts > 1
    yield "receive_some_parts", conditions.parts == 1
    yield "grant_acknowledgement", line.networks["home"] in conditions.silent
    yield "ask_again", conditions.loses(Message.NOTICE)  # as often as it likes: in vain
    yield "confirm_change", conditions.loses(Message.CONFIRMATION)
    is_reserved = line.system.state["home_joined"] is Record.RESERVED
    yield "release_identity", conditions.loses(Message.RELEASE) and is_reserved
    yield "inform_left", line.networks["home"] in conditions.impostors


def parts_of(event: str, conditions: Conditions) -> int:
    """Return how many short messages of personalization reach the card at `event`."""
    missing = max(1, conditions.missing)
    counts = {
        "receive_message": 1,
        "refuse_altered_message": conditions.parts,
        "receive_some_parts": conditions.parts - missing,
        "receive_rest": missing,
    }
    return counts.get(event, 0) * (2 if conditions.parts_are_repeated else 1)
