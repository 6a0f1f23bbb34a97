"""A secured link: what an eavesdropper sees, and what becomes of a broken session."""

from impl.events import Arrived, Interface, Peer, Send, SetTimer
from impl.runtime.secured_link import SecuredLink
from impl.runtime.simulation import Simulation
from impl.runtime.tls import Endpoint, make_identity

TO_A, TO_B = Peer(Interface.GSUP, "a"), Peer(Interface.GSUP, "b")
A, B = (make_identity(f"{name}.gsup") for name in "ab")


class Listener:
    """A node that notes what arrives."""

    def __init__(self):
        self.seen = []

    def handle(self, event):
        self.seen += [event] if isinstance(event, Arrived) else []
        return []

    @property
    def heard(self):
        return [event.octets for event in self.seen]


def joined(secured):
    simulation, a, b = Simulation(0), Listener(), Listener()
    simulation.add("a", a)
    simulation.add("b", b)
    simulation.connect(("a", TO_B), ("b", TO_A), secured=secured)
    return simulation, a, b


def secured_link(b_presents=B) -> SecuredLink:
    def end(own, pinned, *, server, peer=None):
        return lambda: Endpoint(own, frozenset({pinned}), server=server, peer=peer)

    return SecuredLink(
        {
            "a": (end(A, B, server=False, peer="b.gsup"), end(b_presents, A, server=True)),
            "b": (end(b_presents, A, server=False, peer="a.gsup"), end(A, B, server=True)),
        }
    )


def test_a_secured_link_hides_the_message_and_proves_the_sender():
    simulation, a, b = joined(secured_link())
    wire = []
    simulation.taps.append(lambda frame, *, delivered: wire.append((frame, delivered)))
    simulation.perform("a", [Send(TO_B, b"secret")])
    simulation.perform("b", [Send(TO_A, b"answer")])
    simulation.run()
    assert b.seen == [Arrived(TO_A, b"secret")]
    assert a.seen == [Arrived(TO_B, b"answer")]
    assert all(b"secret" not in frame.octets and delivered for frame, delivered in wire)


def test_an_impostor_hears_nothing():
    simulation, _, b = joined(secured_link(b_presents=make_identity("b.gsup")))
    wire = []
    simulation.taps.append(lambda frame, *, delivered: wire.append((frame.octets, delivered)))
    simulation.perform("a", [Send(TO_B, b"secret")])
    simulation.run()
    assert b.heard == []
    assert wire == [(b"", False)]


def test_a_lost_record_ends_the_session_and_the_next_message_opens_another():
    simulation, _, b = joined(secured_link())
    simulation.perform("a", [Send(TO_B, b"opens the session")])
    simulation.filters.append(lambda _: [])
    simulation.perform("a", [Send(TO_B, b"lost")])
    simulation.filters.clear()
    simulation.perform("a", [Send(TO_B, b"finds the session broken")])
    simulation.run()
    simulation.perform("a", [Send(TO_B, b"opens another")])
    simulation.run()
    assert b.heard == [b"opens the session", b"opens another"]


def test_a_record_that_is_late_from_an_earlier_session_does_no_harm_to_the_next():
    simulation, _, b = joined(link := secured_link())
    simulation.filters.append(
        lambda frame: [(30.0 if frame.message == b"late" else 0.0, frame)],
    )
    simulation.perform("a", [Send(TO_B, b"late"), Send(TO_B, b"overtakes it, which ends it")])
    simulation.perform("a", [SetTimer("t", 20.0)])
    while simulation.now_s < 20.0:
        simulation.step()
    simulation.perform("a", [Send(TO_B, b"opens another")])
    simulation.run()
    simulation.perform("a", [Send(TO_B, b"is heard in it")])
    simulation.run()
    assert b.heard == [b"opens another", b"is heard in it"]
    assert link.established == 2
