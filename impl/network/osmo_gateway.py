"""The network entity before an osmo-hlr: to the application server and the VLRs, a home register.

It owns the identity pool and interrogates the register for the application server [070]: the
subscribers that it gives identities to are created in osmo-hlr over the control interface, with
their keys, and deleted again; vectors and locations are asked of osmo-hlr. Who reserves an identity
hears of it only when osmo-hlr holds it.
"""

from __future__ import annotations

from sqlalchemy import Connection

from impl.codec.gsup import Gsup
from impl.codec.osmo_control import ControlError, SetReply, decode_control
from impl.crypto.vault import Vault
from impl.errors import HlrRefusedError
from impl.events import Arrived, Command, Event, Expired, Reconnected, Send
from impl.messages import IdentityNotice, Refusal, RefusalReason, ReserveIdentity
from impl.network.gsup_proxy import REGISTER, GsupProxy
from impl.network.gsup_proxy import TIMER as PROXY_TIMER
from impl.network.hlr import HomeRegister, HomeRegisterConfig, answer
from impl.network.provisioning import (
    CONTROL,
    DONE_ALREADY,
    GONE,
    ProvisionedPool,
    Provisioning,
    imsi_of_key,
    with_key,
)
from impl.network.reversible import Reversible
from impl.ports import Store, Surroundings
from impl.values import IMSI


class OsmoGateway(HomeRegister):
    """The node. Its store holds the tables `records.HOME_REGISTER`."""

    def __init__(
        self, config: HomeRegisterConfig, store: Store, surroundings: Surroundings, vault: Vault
    ) -> None:
        """Prepare; the `vault` is a home register's.

        Raises:
            UnusableKeyError: osmo-hlr has no such algorithm.
        """
        self._provisioning = Provisioning(surroundings)
        pool = ProvisionedPool(
            config.numbers, surroundings, vault, config.algorithm, self._provisioning
        )
        super().__init__(config, store, surroundings, vault, pool)
        self._proxy = GsupProxy(self._hub, self._pool, self._provisioning)
        self._reserving = Reversible[IMSI, ReserveIdentity]()
        """Who waits for an identity until osmo-hlr holds it."""
        self._memories += [self._proxy.memory, self._reserving]

    def _take(self, connection: Connection, event: Event) -> list[Command]:
        self._provisioning.collect()  # of a transaction that was not committed
        match event:
            case Arrived(source, octets) if source == CONTROL:
                commands = self._take_control(connection, octets)
            case Reconnected(source) if source == CONTROL:
                self._provisioning.ask_again(connection)
                commands = []
            case Reconnected(source) if source == REGISTER:
                commands = self._proxy.again(connection)
            case Expired(timer) if timer.startswith(f"{PROXY_TIMER}/"):
                commands = self._proxy.expire(timer)
            case _:
                commands = super()._take(connection, event)
        commands += self._provisioning.collect()
        return [self._with_key(connection, command) for command in commands]

    def _with_key(self, connection: Connection, command: Command) -> Command:
        """Return what is said to osmo-hlr with the K that its outbox does not hold."""
        if not isinstance(command, Send) or command.target != CONTROL:
            return command
        imsi = imsi_of_key(command.octets)
        found = None if imsi is None else self._pool.of_imsi(connection, imsi)
        return command if found is None else Send(CONTROL, with_key(command.octets, found))

    def _route(self, connection: Connection, source: str, message: Gsup) -> list[Command]:
        return self._proxy.take(connection, source, message)

    def _reserve(self, connection: Connection, message: ReserveIdentity) -> list[Command]:
        said, commands = self._subscriptions.reserve(connection, message)
        if not isinstance(said, IdentityNotice):
            return [answer(said), *commands]
        if not self._provisioning.is_pending(connection, said.imsi):
            return [answer(said), *commands]
        if said.imsi in self._reserving:  # said again, because nothing was heard for long
            self._provisioning.ask_again(connection, said.imsi)
        self._reserving[said.imsi] = message
        return commands

    def _take_control(self, connection: Connection, octets: bytes) -> list[Command]:
        """Go on with the subscriber whom an answer is about.

        Raises:
            MalformedError: it cannot be read. Nothing changed.
            HlrRefusedError: it is an error after which nobody can be refused. It is asked again.
        """
        said = decode_control(octets)
        if not isinstance(said, SetReply | ControlError):
            return []
        asked = self._provisioning.asked(connection, said)
        if asked is None:
            return []
        imsi, step = asked
        found = self._pool.of_imsi(connection, imsi)
        assert found is not None  # an identity remains in the set, free ones too
        if isinstance(said, ControlError) and (step, said.why) not in DONE_ALREADY:
            if said.why != GONE:
                return self._refuse(connection, imsi, said)
            self._provisioning.enter(connection, found)
            return []
        if self._provisioning.go_on(connection, step, found):
            return []
        return self._provisioned(connection, imsi)

    def _provisioned(self, connection: Connection, imsi: IMSI) -> list[Command]:
        """Answer who waited for that."""
        waiting = self._reserving.pop(imsi, None)
        told = self._reserve(connection, waiting) if waiting else []
        return [*told, *self._proxy.again(connection, imsi)]

    def _refuse(self, connection: Connection, imsi: IMSI, error: ControlError) -> list[Command]:
        """Give nobody an identity that osmo-hlr does not take."""
        waiting = self._reserving.pop(imsi, None)
        if waiting is None:
            raise HlrRefusedError(error.why)
        refusal = Refusal(id=waiting.id, reason=RefusalReason.NO_FREE_IDENTITY)
        return [answer(refusal), *self._subscriptions.end_lease(connection, waiting.transaction)]
