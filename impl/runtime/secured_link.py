"""A link whose ends speak TLS: whoever says something first opens the session."""

from __future__ import annotations

from collections.abc import Callable

from impl.runtime.tls import Endpoint, SessionBrokenError, establish

EndMaker = Callable[[], Endpoint]


class SecuredLink:
    """The TLS session of one link: established by whoever sends its first message."""

    def __init__(self, openers: dict[str, tuple[EndMaker, EndMaker]]) -> None:
        """`openers` says for each node how the ends are made (client, server) if it opens."""
        self.openers = openers
        self._ends: dict[str, Endpoint] = {}
        self.when_ended: Callable[[], None] | None = None
        """Told that the session ends, if it is held elsewhere than here."""
        self.established = 0
        """How many sessions there were."""

    def seal(self, sender: str, message: bytes) -> bytes:
        """Return the records of `message`; SessionRefusedError if an end is not accepted."""
        if not self._ends:
            make_client, make_server = self.openers[sender]
            session, _ = establish(make_client(), make_server())
            self.established += 1
            (receiver,) = self.openers.keys() - {sender}
            self._ends = {sender: session.client, receiver: session.server}
        return self._ends[sender].seal(message)

    def end(self) -> None:
        """End the session, as when a connection breaks; the next message opens another."""
        self._ends = {}
        if self.when_ended:
            self.when_ended()

    def open(self, receiver: str, records: bytes, session: int) -> tuple[str, bytes]:
        """Return the sender's proven name and its message.

        Raises:
            SessionBrokenError: the `session` that sealed it has ended, or ends by this. What is
                late from an earlier one does no harm to the one that is open.
        """
        end = self._ends.get(receiver)
        if end is None or session != self.established:
            raise SessionBrokenError("secured session: it has ended")
        try:
            return end.peer_name.split(".")[0], end.open(records)
        except SessionBrokenError:
            self.end()
            raise
