"""What a page shows: all while there is room, and what matters most when there is not."""

from dataclasses import replace

import pytest

from conformance.render.shelf import Shelf, anchor
from conformance.verdicts import Verdict

FIRST, SECOND = "lamp/1a/1", "lamp/1a/2"


def distinct(report):
    """Give every message of a report octets of its own."""
    systems = []
    for at, system in enumerate(report.systems):
        results = tuple(
            replace(
                result,
                messages=tuple(
                    replace(one, octets=f"{at:02x}{where:02x}{one.number:04x}" * 40)
                    for one in result.messages
                ),
            )
            for where, result in enumerate(system.results)
        )
        systems.append(replace(system, results=results))
    return replace(report, systems=tuple(systems))


def test_everything_is_shown_where_there_is_room(record):
    shelf = Shelf(record({"bulb": {}, "tube": {}}))
    exhibit = shelf.exhibit("tube", FIRST)
    assert exhibit.has_table
    assert [row.message.number for part in exhibit.parts for row in part.rows] == [1, 2, 3]
    assert not any(row.same_as for part in exhibit.parts for row in part.rows)


def test_a_result_without_messages_has_nothing_to_show(record):
    exhibit = Shelf(record({"bulb": {}}, messages=0)).exhibit("bulb", FIRST)
    assert (exhibit.count, exhibit.parts, exhibit.same_as) == (0, (), None)


def test_an_exchange_that_is_the_same_is_shown_once_where_room_is_scarce(record):
    report = record({"bulb": {}, "tube": {}}, messages=200)
    shelf = Shelf(report, size=170_000)
    assert shelf.exhibit("bulb", FIRST).parts
    assert shelf.exhibit("tube", FIRST).same_as.name == f"{FIRST} on bulb"
    assert shelf.exhibit("bulb", SECOND).same_as.anchor == anchor(FIRST, "bulb")


def test_the_messages_of_a_step_that_are_the_same_are_shown_once(record):
    report = record({"bulb": {}}, messages=200)
    (system,) = report.systems
    first, second, *rest = system.results
    shorter = replace(second, messages=second.messages[:-1])
    steps = (second.steps[0], replace(second.steps[1], messages=150), second.steps[2])
    split = replace(first, steps=(steps[0], steps[1], replace(steps[2], messages=50)))
    other = replace(shorter, steps=(steps[0], steps[1], replace(steps[2], messages=49)))
    report = replace(report, systems=(replace(system, results=(split, other, *rest)),))
    exhibit = Shelf(report, size=150_000).exhibit("bulb", SECOND)
    assert exhibit.same_as is None
    assert [part.same_as is not None for part in exhibit.parts] == [False, True, False]
    assert exhibit.parts[1].same_as.anchor == anchor(FIRST, "bulb")


def test_octets_that_were_shown_are_a_link_where_room_is_scarce(record, message):
    report = record({"bulb": {}}, messages=300)
    (system,) = report.systems
    long = tuple(message(n, octets="a0" * 100) for n in range(1, 301))
    results = (replace(system.results[0], messages=long), *system.results[1:])
    report = replace(report, systems=(replace(system, results=results),))
    rows = [
        row
        for part in Shelf(report, size=250_000).exhibit("bulb", FIRST).parts
        for row in part.rows
    ]
    assert rows[0].anchor
    assert not rows[0].same_as
    assert {row.same_as for row in rows[1:]} == {rows[0].anchor}


def test_bad_cases_are_shown_before_good_ones(record):
    verdicts = {"lamp/2a/1": Verdict.FAIL, SECOND: Verdict.INCONC}
    report = distinct(record({"bulb": verdicts}, messages=200))
    shelf = Shelf(report, size=200_000)
    assert shelf.exhibit("bulb", "lamp/2a/1").has_table
    assert not shelf.exhibit("bulb", FIRST).has_table


def test_the_first_case_of_an_obligation_is_shown_before_its_others(record):
    report = distinct(record({"bulb": {}}, messages=200))
    shelf = Shelf(report, size=250_000)
    shown = [case for case in (FIRST, SECOND) if shelf.exhibit("bulb", case).has_table]
    assert shown in ([FIRST], [])
    assert shelf.exhibit("bulb", FIRST).parts


def test_what_finds_no_room_is_left_out_and_counted(record):
    report = distinct(record({"bulb": {}}, messages=50))
    exhibit = Shelf(report, size=0).exhibit("bulb", FIRST)
    assert (exhibit.count, exhibit.parts) == (50, ())


@pytest.mark.parametrize("name", ["a b", 'a"b', "a<b", "\n", "é"])
def test_an_anchor_is_an_id_of_html(name):
    assert not set(' "<>\n') & set(anchor("lamp/1a/1", name))
    assert anchor("lamp/1a/1", name).startswith("lamp/1a/1/")
