"""What the user of a device sees of the card, and a machine without a user does not."""

import pytest

from impl.device.dpa import Answer, DevicePersonalizationApplication, NotOnMenuError


def dpa(**facts) -> DevicePersonalizationApplication:
    made = DevicePersonalizationApplication(**facts)
    made.show_menu("Change of operator", {1: "First Mobile", 2: "Zweites Netz"})
    return made


def test_an_item_is_chosen_by_what_it_reads():
    assert dpa().choose("Zweites Netz") == 2


def test_an_item_that_is_not_there_is_refused():
    with pytest.raises(NotOnMenuError):
        dpa().choose("Third Wireless")


def test_a_new_menu_takes_the_place_of_the_old_one():
    made = dpa()
    made.show_menu("", {})
    with pytest.raises(NotOnMenuError):
        made.choose("First Mobile")


@pytest.mark.parametrize("answer", Answer)
def test_a_person_answers_as_they_like(answer):
    made = dpa(answer=answer)
    assert made.ask("Are you sure?") is answer
    assert made.questions == ["Are you sure?"]


def test_what_is_typed_is_taken_once():
    made = dpa()
    made.type_in("22")
    assert made.take_input("Enter command code") == "22"
    assert made.take_input("Enter command code") is None


def test_a_machine_shows_nothing_and_answers_nothing():
    machine = dpa(has_screen=False)
    machine.type_in("22")
    assert machine.ask("Are you sure?") is Answer.NONE
    assert machine.take_input("Enter command code") is None
    assert not machine.display("Hello")
    assert machine.questions == []
    with pytest.raises(NotOnMenuError):
        machine.choose("First Mobile")
