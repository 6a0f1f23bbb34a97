"""What a device hears, and over which links it speaks."""

from impl.events import Arrived, Interface, Peer, Send
from impl.runtime.air import DELAY_S, Air
from impl.runtime.deployment import NETWORKS, make_iccid
from impl.runtime.simulation import Simulation

CARD = make_iccid(1)
HOME = NETWORKS[0]


class Hearing:
    """Keeps what arrives, and says nothing."""

    def __init__(self):
        self.heard = []

    def handle(self, event):
        """Keep a message."""
        if isinstance(event, Arrived):
            self.heard.append(event)
        return []


def test_all_networks_are_heard_with_what_they_broadcast():
    heard = Air(NETWORKS).heard
    assert heard.reach == tuple(plan.plmn for plan in NETWORKS)
    assert heard.radios[HOME.plmn] == HOME.radio


def test_a_network_knows_a_device_by_its_card_and_the_device_a_network_by_its_code():
    simulation, network, device = Simulation(0), Hearing(), Hearing()
    simulation.add(HOME.serving_node, network)
    simulation.add("device", device)
    Air(NETWORKS).join(simulation, "device", CARD)
    for interface in (Interface.MM, Interface.SM):
        simulation.perform("device", [Send(Peer(interface, HOME.plmn), b"up")])
        simulation.perform(HOME.serving_node, [Send(Peer(interface, CARD), b"down")])
    simulation.run()
    assert network.heard == [
        Arrived(Peer(interface, CARD), b"up") for interface in (Interface.MM, Interface.SM)
    ]
    assert device.heard == [
        Arrived(Peer(interface, HOME.plmn), b"down") for interface in (Interface.MM, Interface.SM)
    ]
    assert simulation.now_s == DELAY_S
