"""What features took stands apart from what suites took."""

from dataclasses import replace

from conformance.evidence import Background
from conformance.machines import Machine, State, SuiteRun, Transition
from conformance.render.machines import machine_views, sources

ON, OFF = "lamp: OFF - press -> ON", "lamp: ON - press -> OFF"
LAMP = Machine(
    "lamp",
    "OFF",
    (State("OFF", ""), State("ON", "")),
    (
        Transition("OFF", "press", "ON", "normal", ()),
        Transition("ON", "press", "OFF", "normal", ()),
    ),
)


def told(report, trail, *suites):
    (bulb, *others) = report.systems
    bulb = replace(bulb, results=(replace(bulb.results[0], trail=trail), *bulb.results[1:]))
    background = Background(machines=(LAMP,), suites=suites)
    return replace(report, systems=(bulb, *others), background=background)


def test_only_systems_that_tell_transitions_are_sources(record):
    report = told(record({"bulb": {}, "tube": {}}), (ON,))
    (source,) = sources(told(report, (ON,)))
    assert source.name == "features on bulb"


def test_features_and_suites_are_told_apart(record):
    report = told(record({"bulb": {}}), (ON,), SuiteRun("tour", "tube", 2, (), (), ((ON, OFF),)))
    features, tour = sources(report)
    (view,) = machine_views(report, (features, tour))
    assert (features.transitions, features.pairs) == ((1, 2), (0, 2))
    assert (tour.transitions, tour.pairs) == ((2, 2), (1, 2))
    assert [line.counts for line in view.lines] == [(1, 1), (0, 1)]
    assert set(view.taken) == {LAMP.transitions[0].name}


def test_where_nobody_tells_anything_there_are_no_sources(record):
    report = record({"bulb": {}})
    assert sources(report) == ()
    assert machine_views(report, ()) == ()
