"""The estimates of the page are near what the page takes."""

from dataclasses import replace

import pytest

from conformance.evidence import RecordChange
from conformance.render import costs
from conformance.render.html import render_html


def size(report):
    return len(render_html(report).encode())


def many(record, systems, cases):
    """Make a report of as many cases, which all showed the same."""
    report = record({f"system {number}": {} for number in range(systems)}, messages=0)
    copies = [replace(report.cases[0], id=f"lamp/1a/{number}") for number in range(1, cases + 1)]
    found = tuple(
        replace(
            system,
            results=tuple(replace(system.results[0], case=copy.id) for copy in copies),
        )
        for system in report.systems
    )
    return replace(report, cases=tuple(copies), systems=found)


@pytest.mark.parametrize(("systems", "cases"), [(1, 100), (3, 100), (3, 200)])
def test_what_the_page_takes_without_messages_is_estimated_well(record, systems, cases):
    report = many(record, systems, cases)
    bare = size(replace(report, cases=(), systems=()))
    assert 0.75 < costs.of_frame(report) / (size(report) - bare) < 1.3


def test_what_messages_take_is_estimated_well(record, message):
    report = many(record, 1, 10)
    (system,) = report.systems
    messages = tuple(
        message(
            number,
            sender=f"party {number % 3}",
            name="A MESSAGE",
            octets=f"{number:04x}" * 20,
            fields={"a": "b" * 8},
        )
        for number in range(1, 101)
    )
    results = tuple(replace(result, messages=messages) for result in system.results)
    full = replace(report, systems=(replace(system, results=results),))
    shown = sum(costs.of_message(one) for one in messages) * 10
    assert 0.85 < shown / (size(full) - size(report)) < 1.25


def test_a_long_talk_takes_less_than_messages_of_many_parties(message):
    talk = [message(number) for number in range(1, 101)]
    mixed = [message(number, protocol=str(number)) for number in range(1, 101)]
    assert costs.of_chart(talk) < costs.of_chart(mixed) / 5
    assert costs.of_chart(()) < costs.of_chart(talk) * 2


def test_states_and_records_are_counted(record):
    report = many(record, 1, 10)
    (system,) = report.systems
    changed = (RecordChange("place", "before", "after"),)
    results = tuple(replace(result, records=changed) for result in system.results)
    more = replace(report, systems=(replace(system, results=results),))
    took = costs.of_records(changed) * len(results)
    assert 0.5 < took / (size(more) - size(report)) < 1.3
    assert costs.of_records(()) == 0
    assert costs.of_trail(("OFF", "ON")) == 5 + 2 * costs.LINE
