"""A diagram shows every state, and every arc with how much of it was taken."""

from xml.etree import ElementTree as ET

import pytest

from conformance.machines import Machine, State, Transition
from conformance.render.diagram import draw_machine


def machine(*ends, states="ABCD"):
    transitions = tuple(
        Transition(source, f"e{at}", target, "normal", ())
        for at, (source, target) in enumerate(ends)
    )
    return Machine("m", "A", tuple(State(name, "") for name in states), transitions)


def drawn(one, *taken):
    names = [one.transitions[at].name for at in taken]
    return ET.fromstring(draw_machine(one, dict.fromkeys(names, 1), "A title"))


def looks(root, tag):
    return [item.get("class") for item in root.iter(tag)]


def test_every_state_is_a_box_with_its_name_and_the_first_is_marked():
    root = drawn(machine(("A", "B")))
    assert [item.text for item in root.iter("text") if item.get("class") == "name"] == list("ABCD")
    assert looks(root, "rect") == ["state first", "state", "state", "state"]


def test_transitions_between_the_same_states_are_one_arc_with_their_number():
    one = machine(("A", "B"), ("A", "B"), ("B", "A"), ("C", "C"))
    root = drawn(one, 0, 2)
    counts = {item.text: item.get("class") for item in root.iter("text")}
    assert counts["1/2"] == "arc some count"
    assert counts["1/1"] == "arc count"
    assert counts["\N{ANTICLOCKWISE OPEN CIRCLE ARROW} 0/1"] == "arc none back"
    assert looks(root, "path").count("arc some") == 1


def test_numbers_of_arcs_stand_apart():
    ends = [(a, b) for a in "ABCDEF" for b in "ABCDEF" if a != b]
    root = drawn(machine(*ends, states="ABCDEF"))
    places = [
        (int(item.get("x")), int(item.get("y")))
        for item in root.iter("text")
        if item.get("class").endswith("count")
    ]
    assert len(places) == len(ends)
    for at, (x, y) in enumerate(places):
        assert all(abs(x - u) > 20 or abs(y - v) > 8 for u, v in places[at + 1 :])


def test_nothing_is_drawn_outside_the_picture():
    root = drawn(machine(("A", "D"), ("D", "A"), ("A", "C"), ("B", "D")))
    width = int(root.get("width"))
    assert all(0 <= int(item.get("x")) <= width for item in root.iter("text"))


@pytest.mark.parametrize("word", ["<b>", '"><script>', "&amp;", "</svg>"])
def test_no_name_is_markup(word):
    one = Machine("m", word, (State(word, ""),), ())
    root = ET.fromstring(draw_machine(one, {}, word))
    assert root.find("title").text == word
    assert [item.text for item in root.iter("text")] == [word]
