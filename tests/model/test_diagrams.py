import re

import pytest

from model.diagrams import sequence_diagram, state_diagram
from model.system import COMPONENTS
from model.table import Component


@pytest.mark.parametrize("component", COMPONENTS, ids=[one.name for one in COMPONENTS])
def test_every_row_of_a_table_is_drawn(component: Component) -> None:
    lines = state_diagram(component).splitlines()
    assert lines[0] == "stateDiagram-v2"
    assert sum(" --> " in line and "[*]" not in line for line in lines) == len(component.arrows)


@pytest.mark.parametrize("component", COMPONENTS, ids=[one.name for one in COMPONENTS])
def test_labels_hold_nothing_that_means_something_to_mermaid(component: Component) -> None:
    for line in state_diagram(component).splitlines()[1:]:
        _, _, label = line.partition(" : ")
        assert not re.search("[:;#]", label)


def test_an_arrow_is_labelled_with_step_event_obligations_and_condition() -> None:
    (card,) = (one for one in COMPONENTS if one.name == "card")
    label = "S4 replace_identity (1e 11b) if sealing RIGHT"
    assert f"    OLD_ONLY --> NEW_ONLY : {label}" in state_diagram(card).splitlines()


def test_a_fault_is_marked_and_a_normal_event_is_not() -> None:
    (device,) = (one for one in COMPONENTS if one.name == "device")
    drawn = state_diagram(device)
    assert "restart_device (B03) [fault]" in drawn
    assert "[fault]" not in next(line for line in drawn.splitlines() if "accept_joined" in line)


def test_a_sequence_names_its_participants_in_order_of_appearance() -> None:
    lines = sequence_diagram(["send_message", "receive_message"]).splitlines()
    assert lines == [
        "sequenceDiagram",
        "    participant p1 as application server",
        "    participant p2 as short message centre of TN1",
        "    participant p3 as card",
        "    p1->>p2: MesP",
        "    p2->>p3: MesP",
    ]


def test_what_needs_no_message_is_a_note_where_it_happens() -> None:
    assert "    Note over p1: cut power" in sequence_diagram(["cut_power"]).splitlines()
    assert "participant p1 as card" in sequence_diagram(["cut_power"])


def test_a_loss_is_a_note() -> None:
    assert "Note over p1: MesP is lost" in sequence_diagram(["lose_message"])


def test_a_sequence_has_the_names_of_its_networks() -> None:
    drawn = sequence_diagram(["open_session", "inform_left"], left="A", joined="B")
    assert "home register of A" in drawn
    assert "home register of B" in drawn
