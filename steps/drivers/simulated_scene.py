"""What stands on the stage: one card in a world that stands, with its change under way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from impl.application_server.server import ChangeView
from impl.network.customer_centre import CustomerCentre, CustomerCentreConfig
from impl.network.records import SubscriberState
from impl.runtime.sessions import SERVER
from impl.runtime.stepping import Kept, SteppedSimulation
from impl.runtime.world import Network as WorldNetwork
from impl.values import PLMN, TransactionId
from steps.driver import Network, UnsupportedError, User
from steps.drivers.simulated_glance import Glance
from steps.drivers.simulated_mail import Letter, Mail
from steps.drivers.simulated_parties import PLMNS
from steps.drivers.stage import RecordView

if TYPE_CHECKING:
    from steps.drivers.simulated import SimulatedDriver

ATTEMPTS = 2
"""The model's server sends a message, and once again."""
PARTS = 2
MOST_TIMES = 40
"""Any timer runs out fewer times until its node gives up."""
MORE_IDENTITIES = 4

NEEDS: dict[str, Letter] = {
    "provide_identity": Letter.RESERVE,
    "garble_identity": Letter.RESERVE,
    "refuse_exhausted": Letter.RESERVE,
    "ask_acknowledgement": Letter.NOTICE,
    "refuse_acknowledgement": Letter.ASK,
    "miss_acknowledgement": Letter.ASK,
    "refuse_identity": Letter.NOTICE,
    "lose_notice": Letter.NOTICE,
    "confirm_change": Letter.CONFIRM,
    "release_identity": Letter.RELEASE,
    "refuse_release": Letter.RELEASE,
    "delete_subscriber": Letter.INFORM,
    "note_deletion": Letter.NOTED,
}
"""By event, the letter that has to be under way for it."""
RETRIEVING = frozenset({"retrieve_admin_code", "retrieve_wrong_code", "retrieve_wrong_keys"})


class Scene:
    """One card, two networks, and how far its change is."""

    def __init__(self, driver: SimulatedDriver) -> None:
        self.driver = driver
        self.world = driver.world
        simulation = driver.world.simulation
        if not isinstance(simulation, SteppedSimulation):
            raise UnsupportedError("the parties run by themselves here")
        self.simulation = simulation
        self.mail = Mail(self.simulation)
        self.asks = driver.asks
        self.left, self.joined = PLMNS[Network.FIRST], PLMNS[Network.SECOND]
        self.copies: list[list[Kept]] = []
        """The personalization messages that were sent in this change, each in its parts."""
        self.orders: list[list[Kept]] = []
        self.receipts: list[Kept] = []
        """Reports on an order that are under way."""
        self.has_wrong_code = False
        """Whether the server retrieved another card's admin code, in this change."""
        self.has_wrong_keys = False
        """Likewise another card's keys."""
        self.home_transaction: TransactionId | None = None
        self._begun = 0  # changes that were over before this one
        driver.send_in_parts(PARTS)
        self.world.reconfigure_server(attempts=ATTEMPTS, asks_for_acknowledgement=self.asks)
        driver.agree(Network.FIRST)
        driver.agree(Network.SECOND)
        driver.subscribe(Network.FIRST, User.THE_USER)
        driver.settle()
        self.handset = self.world.handsets[0]
        self.iccid = self.handset.profile.iccid
        self.changes = Glance(
            self.world.stores[SERVER], lambda: self.world.server.changes(self.iccid)
        )
        self.refused = Glance(self.world.stores[SERVER], lambda: len(self.world.server.refusals()))
        self.records = {
            plmn: Glance(self.world.stores[f"HLR {plmn}"], partial(self._record, plmn))
            for plmn in (self.left, self.joined)
        }
        """By network, what its home register holds of the card."""
        self.simulation.stand(self.mail.gate)

    def network(self, plmn: PLMN) -> WorldNetwork:
        """Return the nodes of a network."""
        return self.world.networks[plmn]

    def change(self) -> ChangeView | None:
        """Return the change under way, or the one that ended last, None if none was taken."""
        changes = self.changes()
        return changes[-1] if len(changes) > self._begun else None

    @property
    def transaction(self) -> TransactionId | None:
        """The name of that change."""
        change = self.change()
        return change.transaction if change else None

    def missing(self, event: str) -> str | None:
        """Say that the letter is missing that an event is about; None if it is there."""
        needed = NEEDS.get(event)
        if event in RETRIEVING:
            needed = Letter.ASK if self.asks else Letter.NOTICE
        if needed is None or self.mail.has(needed):
            return None
        return f"not under way: {needed.value}"

    def sort(self, *, keeps_orders: bool = True) -> None:
        """Put the parts that left the server to the message or order that they are of."""
        parts = self.mail.kept[Letter.PARTS]
        if not parts:
            return
        change = self.change()
        is_message = change is not None and change.ended is None
        if is_message:
            self.copies.append(list(parts))
        elif keeps_orders:
            self.orders.append(list(parts))
        parts.clear()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Let something happen out of turn; what is said meanwhile is lost."""
        self.mail.loses_all = True
        yield
        self.mail.loses_all = False

    def expire_change(self) -> None:
        """Let the timer of the change run out at the server, if it is set."""
        self.simulation.expire(SERVER, f"change/{self.transaction}")

    def expire_question(self) -> None:
        """Let the timer run out of whatever the server asks an operator."""
        for timer in self._questions():
            self.simulation.expire(SERVER, timer)

    def without_change_timer(self) -> str | None:
        """Say that no timer of the change is set; None if one is."""
        is_set = (SERVER, f"change/{self.transaction}") in self.simulation.armed
        return None if is_set else "no timer of the change is set"

    def without_question(self) -> str | None:
        """Say that the server asks no operator anything; None if it does."""
        return None if self._questions() else "the server waits for no answer"

    def without_lease(self) -> str | None:
        """Say that no reservation is there whose time could be over; None if there is."""
        name = (f"HLR {self.joined}", f"lease/{self.transaction}")
        return None if name in self.simulation.armed else "nothing is reserved"

    def may_ask_again(self) -> bool:
        """Whether the server would ask for an identity once more, rather than give up."""
        if self.mail.has(Letter.RESERVE):  # a server that starts again asks at once
            return True
        timers = [timer for timer in self._questions() if timer.startswith("outbox/reserve:")]
        waits = [self.simulation.armed[SERVER, timer].after_s for timer in timers]
        return any(0 < wait_s < 15 for wait_s in waits)

    def mistake_code(self) -> None:
        """Let the server hold another card's admin code."""
        self.has_wrong_code = True
        self.driver.exchange_admin_code(User.THE_USER)

    def mistake_keys(self) -> None:
        """Let the server hold another card's keys."""
        self.has_wrong_keys = True
        self.driver.encipher_with_another_key(User.THE_USER)

    def impersonate(self, plmn: PLMN) -> None:
        """Put an impostor in the place of a home register."""
        self.world.impersonate_register(plmn)

    def unmask(self, plmn: PLMN) -> None:
        """Give the home register its place again."""
        self.world.impersonate_register(plmn, ends=True)

    def restart(self, name: str) -> None:
        """Let a node die, and start again over its records."""
        self.simulation.remove(name)
        self.world.start(name)
        self.simulation.run()

    def restart_centre(self) -> None:
        """Let the customer centre of the left network die, and start again; it keeps nothing."""
        network = self.network(self.left)
        surroundings = self.simulation.surroundings(network.centre_name)
        network.centre = CustomerCentre(CustomerCentreConfig(self.left), surroundings)
        self.simulation.remove(network.centre_name)
        self.simulation.add(network.centre_name, network.centre)
        self.simulation.run()

    def begin_next(self, *, changed: bool) -> None:
        """Let the next change begin: what is said of the one before does not matter any more."""
        if changed:
            self.home_transaction = self.transaction
            self.left, self.joined = self.joined, self.left
        changes = self.changes()
        self.mail.left_behind |= {change.transaction for change in changes}
        self._begun = len(changes)
        requests = {one: list(self.mail.kept[one]) for one in (Letter.REQUEST, Letter.CENTRE)}
        self.mail.clear()
        self.mail.kept.update(requests)
        self.copies, self.orders, self.receipts = [], [], []
        self._right()

    def heal(self) -> None:
        """Undo every mistake, and let time pass and messages be carried again."""
        self._right()
        self.mail.passing |= set(Letter)
        for letter in (Letter.ATTACH, Letter.CONFIRM, Letter.INFORM, Letter.NOTED):
            while self.mail.has(letter):
                self.mail.deliver(letter)
        self.simulation.flow()

    def _record(self, plmn: PLMN) -> RecordView:
        register = self.network(plmn).register
        if register.knows(self.iccid):
            return RecordView.ACTIVE
        reserved = register.count(SubscriberState.RESERVED)
        return RecordView.RESERVED if reserved else RecordView.NOTHING

    def _right(self) -> None:
        self.has_wrong_code = self.has_wrong_keys = False
        self.driver.restore_admin_code(User.THE_USER)
        self.driver.restore_keys(User.THE_USER)
        for plmn in (self.left, self.joined):
            register = self.network(plmn).register
            register.drain_pool()
            register.fill_pool(MORE_IDENTITIES)

    def _questions(self) -> list[str]:
        return [
            timer
            for name, timer in self.simulation.armed
            if name == SERVER and timer.startswith("outbox/")
        ]
