"""The one door between the steps and a system under test. Implement it to verify your own.

A driver is made anew for every scenario by a factory `(Setup) -> Driver`. Parties cause things,
faults let things go wrong, observations are what an outsider can see. What a system does not have,
its driver answers by raising `UnsupportedError(reason)`: the scenario is then not applicable (NA),
for that reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from steps.system import DriverError, Exchange, Setup, UnsettledError, UnsupportedError
from steps.terms import (
    Answer,
    Ban,
    CardReport,
    Generation,
    Interface,
    Means,
    Message,
    Network,
    Party,
    Standing,
    User,
)

__all__ = [
    "Answer",
    "Ban",
    "CardReport",
    "Driver",
    "DriverError",
    "Exchange",
    "Factory",
    "Faults",
    "Generation",
    "Interface",
    "Means",
    "Message",
    "Network",
    "Observations",
    "Parties",
    "Party",
    "Setup",
    "Standing",
    "UnsettledError",
    "UnsupportedError",
    "User",
]


class Parties(Protocol):
    """What the parties of the method can do."""

    def agree(self, network: Network) -> None:
        """S0: application server and operator of `network` agree on subscription change [059]."""

    def use_generation(self, network: Network, generation: Generation) -> None:
        """S0: let `network` be of that generation, and its cards; before anything else [031]."""

    def subscribe(self, network: Network, user: User) -> None:
        """S0: write credentials of `network` in the card and, with IdSC, in its HLR [062]."""

    def ask_for_acknowledgement(self) -> None:
        """Let the application server ask the left operator before it sends MesP [079]."""

    def send_in_parts(self, parts: int) -> None:
        """Let each personalization message be as long as `parts` short messages [074]."""

    def send_scripts(self) -> None:
        """Let each personalization message be commands on files, not one command to CPA [074]."""

    def use_admin_code_as_key(self) -> None:
        """Let admin codes be tools of authentication and ciphering, not a field [074]."""

    def let_manage(self, network: Network) -> None:
        """Let the operator of `network` manage the application server, independent else [053]."""

    def announce_card(self, user: User) -> None:
        """Tell the application server, as its manufacturer does, of a card that it lacks [060]."""

    def let_card_ask(self) -> None:
        """Let every card ask its user, by the device, before it changes [076]."""

    def answer(self, user: User, answer: Answer) -> None:
        """Let `user` answer so when asked; yes, if nothing else was said [076]."""

    def use_machine(self, user: User) -> None:
        """Let the device of `user` be a machine, without screen and anybody to answer [039]."""

    def switch_off(self, user: User) -> None:
        """Take the power from the device and so from its card."""

    def switch_on(self, user: User) -> None:
        """Power the device and its card again."""

    def omit_application(self) -> None:
        """Let every card come without its personalization application [051]."""

    def install_application(self, user: User) -> None:
        """Let the operator have that application installed in the card over the air [051]."""

    def permit_roaming(self, home: Network, visited: Network) -> None:
        """Let subscribers of `home` have service in `visited` [013]."""

    def travel(self, user: User, network: Network) -> None:
        """Take the device to where no network but this one can be heard."""

    def interpose_entity(self, network: Network) -> None:
        """Let a network entity interrogate the HLR of `network` for the server [070]."""

    def request_change(self, network: Network, means: Means, user: User) -> None:
        """S1: `user` asks the device for `network`; it sends Req. Returns at once [063] [064]."""

    def ask_customer_centre(self, network: Network, user: User, *, agrees: bool) -> None:
        """S1: `user` gives IdSC to the customer centre of `network`, and agrees or not [066]."""

    def ask_web_site(self, network: Network, user: User, *, reads_code: bool) -> None:
        """S1: somebody gives IdSC of `user` to the web site of `network`, and agrees [066].

        The site sends a code to the device with that card. `reads_code` says whether the visitor
        has the device and types that code, or types another.
        """

    def stop(self, party: Party) -> None:
        """End the program of `party`: what is said to it from now on is lost [080]."""

    def start(self, party: Party) -> None:
        """Run the program of `party` again over the records that it kept [080]."""

    def change_again_and_again(self, user: User, networks: Sequence[Network], times: int) -> None:
        """Let `user` change to each of `networks` in turn, `times` times, always to the end."""

    def settle(self) -> None:
        """Run until nothing is under way; UnsettledError past the system's own bound."""


class Faults(Protocol):
    """What can go wrong, or be done wrong. Each holds until it is undone or the scenario ends."""

    def exchange_admin_code(self, user: User) -> None:
        """Let the application server hold another card's admin code for this user's card."""

    def restore_admin_code(self, user: User) -> None:
        """Give the application server the right admin code again."""

    def swap_admin_codes(self) -> None:
        """Let the application server hold, for each of two cards, the admin code of the other."""

    def forget_card(self, user: User) -> None:
        """Remove the card of `user` from the database of the application server."""

    def omit_card_identifier(self) -> None:
        """Let requests that devices send lack the identifier of the card."""

    def exhaust_identities(self, network: Network) -> None:
        """Leave no free identity in the home register of `network`."""

    def replenish_identities(self, network: Network) -> None:
        """Let the home register of `network` have free identities again."""

    def mistake_keys(self, network: Network) -> None:
        """Let the home register of `network` give out keys other than those that it stores."""

    def forget_sequence(self, network: Network) -> None:
        """Let the home register of `network` have lost how often it challenged its cards."""

    def garble_identities(self, network: Network) -> None:
        """Let the home register of `network` provide identities of another network."""

    def omit_card_in_notice(self, network: Network) -> None:
        """Let notices of the home register of `network` not say for which card they are [069]."""

    def mistake_card_in_notice(self, network: Network) -> None:
        """Let notices of the home register of `network` be for another card than was asked for."""

    def alter_session(self, network: Network) -> None:
        """Change octets of whatever passes between application server and that register."""

    def impersonate_register(self, network: Network) -> None:
        """Put an impostor without the agreed key in the place of the home register."""

    def refuse_acknowledgement(self, network: Network) -> None:
        """Let the operator of `network` answer no when asked to acknowledge a change."""

    def grant_acknowledgement(self, network: Network) -> None:
        """Let the operator of `network` answer yes again, as it does from the start."""

    def silence_acknowledgement(self, network: Network) -> None:
        """Let the operator of `network` never answer when asked to acknowledge a change."""

    def lose_part(self, part_number: int) -> None:
        """Lose part `part_number` (1-based) of every personalization message on its way."""

    def lose_no_part(self) -> None:
        """Lose no part any more."""

    def reverse_parts(self) -> None:
        """Deliver the parts of a personalization message in the opposite order."""

    def repeat_parts(self) -> None:
        """Deliver every part of a personalization message twice."""

    def lose(self, message: Message, times: int) -> None:
        """Lose the next `times` such messages on their way."""

    def delay(self, message: Message) -> None:
        """Let every such message arrive an hour late."""

    def hold_reports(self, network: Network) -> None:
        """Let reports of cards wait in their devices until these are attached to `network`."""

    def replay(self, message: Message) -> None:
        """Let every such message so far arrive again: by an outsider, or said by its sender."""

    def cut_power(self, user: User, share: int, *, comes_back: bool) -> None:
        """Take the power from the card in the middle of the next personalization.

        After `share` hundredths (0 to 99) of what it writes. It comes back by itself or when the
        device is switched on.
        """

    def crash(self, party: Party, decision: int, *, kept: bool) -> None:
        """Let `party` die at its `decision`th decision from now (1-based), and start again.

        Right before the decision is in its records, or right after; nobody hears of it.
        """

    def send_nonsense(self, interface: Interface) -> None:
        """Let something arrive there that has no meaning."""

    def alter_message(self) -> None:
        """Change octets of every personalization message on its way to a card."""

    def encipher_with_another_key(self, user: User) -> None:
        """Let the application server use another card's keys for the card of `user`."""

    def refuse_attach(self, network: Network) -> None:
        """Let `network` reject for good every device that wants to attach."""

    def allow_attach(self, network: Network) -> None:
        """Let `network` accept its subscribers again."""

    def ban_strangers(self, network: Network, ban: Ban) -> None:
        """Let `network` tell so every device that it does not let in."""

    def impersonate_card(self, user: User, victim: User) -> None:
        """Let requests of the device of `user` name the card of `victim`."""

    def overreach(self, network: Network, target: Network, user: User) -> None:
        """Let the customer centre of `network` ask for a change of this card to `target`."""

    def forge_message(self, user: User) -> None:
        """Let somebody without the card's keys send it a personalization message."""


class Observations(Protocol):
    """What an outsider can see. Asking changes nothing that a later question could notice."""

    def authenticates_in(self, network: Network, user: User) -> bool:
        """Whether `network` accepts the card now: a real attach, not a look into its memory."""

    def authenticated_as(self, network: Network, user: User) -> Generation | None:
        """Return as which generation `network` authenticated the card it last let in [031].

        None if it never let it in, or did so without a challenge that was answered.
        """

    def attached_to(self, user: User) -> Network | None:
        """Return the network that serves the device now, by its own choice [077]."""

    def is_reachable(self, user: User) -> bool:
        """Whether an ordinary short message to the user's number arrives at the device now."""

    def standing(self, user: User) -> Standing:
        """Return what the application server says of the last change asked for this card.

        A request that was not this card's, or came while a change was open, asked for none.
        """

    def agreed_network(self, user: User) -> Network | None:
        """Return whose subscriber `user` is by the word of all: card, registers and server.

        None if they do not agree, or if a change is open.
        """

    def refused_requests(self, user: User) -> int:
        """Return how many requests for this card the application server refused."""

    def requested_network(self, user: User) -> Network | None:
        """Return the network that the last request taken for this card named, if any."""

    def sessions(self) -> frozenset[Network]:
        """Return the networks whose home register had a session with the application server."""

    def reserved_identities(self, network: Network) -> int:
        """Return how many identities the register holds for changes that are not complete."""

    def interrogated_by_entity(self, network: Network) -> bool:
        """Whether a network entity asked the register for an identity, in the server's place."""

    def provided_identities(self, network: Network) -> int:
        """Return how many identities the register has provided to the application server."""

    def messages_sent(self, user: User) -> int:
        """Return how many personalization messages left for this card, resent ones not counted."""

    def was_resent(self, user: User) -> bool:
        """Whether a personalization message was sent again, since no report came."""

    def parts_delivered(self, user: User) -> int:
        """Return how many short messages of personalization reached this card."""

    def is_blocked(self, user: User) -> bool:
        """Whether the card said that it takes no admin code any more, after too many wrong ones."""

    def question(self, user: User) -> Network | None:
        """Return which network the last question to the user named, None if none was asked."""

    def carried_message(self, network: Network) -> bool:
        """Whether the short message centre of `network` carried a personalization message."""

    def relays_faithfully(self, user: User) -> bool:
        """Whether the device passed on, unchanged, every short message from and for its card.

        And whether the card replied to every command of the device, by which they pass [046].
        """

    def takes_pin(self, user: User) -> bool:
        """Whether the card takes the PIN of its user, and no other [050]."""

    def yields_to_commands(self, user: User) -> bool:
        """Whether commands of whoever has the card read a key or code, or change what it is [052].

        That the device reads the identity is no yielding: it attaches with it.
        """

    def card_report(self, user: User) -> CardReport:
        """Return what this card last reported to the application server."""

    def register_knows(self, network: Network, user: User) -> bool:
        """Whether the home register of `network` holds an identity and key for this card."""

    def locates(self, network: Network, user: User) -> Network | None:
        """Return where the register of `network` has this card's device, if it knows it [033]."""

    def shares_identity(self) -> bool:
        """Whether two cards were ever attached with one IMSI at the same time."""

    def has_confirmed(self, network: Network, user: User) -> bool:
        """Whether the operator of `network` said to the server that this card attached [078]."""

    def was_informed(self, network: Network, user: User) -> bool:
        """Whether the operator was told that `user` is not its subscriber any more."""

    def was_asked(self, network: Network, user: User) -> bool:
        """Whether the operator of `network` was asked to acknowledge that `user` leaves."""

    def overheard_secrets(self) -> bool:
        """Whether a key or an admin code passed in clear over any link between parties."""

    def shows_secrets(self) -> bool:
        """Whether a key or an admin code stands in evidence, records shown or texts of errors."""

    def refused_nonsense(self, interface: Interface) -> bool:
        """Whether what came without meaning was answered by the error that is defined there."""

    def carried_request(self, network: Network) -> bool:
        """Whether the short message centre of `network` carried the last request."""

    def exchanges(self) -> Sequence[Exchange]:
        """Return every message so far, in order. Empty where the system cannot tell."""


class Driver(Parties, Faults, Observations, Protocol):
    """A system under test. `Factory` makes one for each scenario."""

    def close(self) -> None:
        """Give back what the system holds; called once, at the end of the scenario."""


class Factory(Protocol):
    """`package.module:factory` names one of these."""

    def __call__(self, setup: Setup) -> Driver:
        """Make the system, ready and at rest; no operator has agreed yet."""
