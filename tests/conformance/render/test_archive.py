"""Everything that was said is in the archive, once."""

import gzip
import json
from base64 import b64decode
from dataclasses import replace

from conformance.evidence import Result
from conformance.render.archive import Archive
from conformance.render.divergence import Divergence
from conformance.render.shelf import anchor
from conformance.verdicts import Verdict

FIRST = "lamp/1a/1"


def unpacked(report, leaving=None):
    return json.loads(gzip.decompress(b64decode(Archive(report, leaving or {}).pack())))


def said(held, place):
    """Read an exchange as the script of the page does."""
    exchange, words = held["exchanges"][held["places"][place][0]], held["words"]
    time_ms, found = 0, []
    for line, later in zip(exchange[::2], exchange[1::2], strict=True):
        sender, receiver, body, arrived = held["lines"][line]
        protocol, name, octets, *fields = held["bodies"][body]
        time_ms += later
        found.append(
            (words[sender], words[receiver], words[protocol], words[name], octets, arrived, time_ms)
        )
        assert [words[at] for at in fields[::4]] == ["level"]
        assert fields[1::4] == ["1"]
    return found


def changed(report, **facts):
    """Change the first result of the first system."""
    first, *others = report.systems
    results = (replace(first.results[0], **facts), *first.results[1:])
    return replace(report, systems=(replace(first, results=results), *others))


def test_every_message_of_every_result_is_found_again(record):
    report = record({"bulb": {}, "tube": {}})
    held = unpacked(report)
    for system in report.systems:
        for result in system.results:
            assert said(held, anchor(result.case, system.name)) == [
                ("switch", "lamp", "WIRE", "ON", "a0b1", 1, number * 100) for number in (1, 2, 3)
            ]


def test_an_exchange_that_repeats_is_kept_once(record):
    held = unpacked(record({"bulb": {}, "tube": {}}))
    assert (len(held["exchanges"]), len(held["lines"]), len(held["bodies"])) == (1, 1, 1)


def test_messages_that_differ_in_anything_are_told_apart(record, message):
    report = record({"bulb": {}})
    plain = message(1)
    others = [
        replace(plain, **facts)
        for facts in (
            {"sender": "eye"}, {"octets": "a0b2"}, {"delivered": False}, {"fields": {"level": "2"}},
        )
    ]  # fmt: skip
    held = unpacked(changed(report, messages=(plain, *others)))
    assert len(held["lines"]) == 5
    assert len(held["bodies"]) == 3


def test_steps_spans_states_and_what_went_wrong_are_kept(record, message):
    report = record({"bulb": {}})
    spoken = (message(1, spans={"level": (1, 2)}),)
    held = unpacked(
        changed(report, messages=spoken, trail=("OFF", "ON"), verdict=Verdict.FAIL),
        {("bulb", FIRST): Divergence(7, "tube")},
    )
    place = anchor(FIRST, "bulb")
    _, steps, failing, mark, *counts = held["places"][place]
    assert held["words"][held["steps"][steps][0]] == "Given a lamp"
    assert (failing, mark, counts) == (0, 7, [0, 3, 0])
    assert [held["words"][at] for at in held["trails"][place]] == ["OFF", "ON"]
    assert held["bodies"][held["lines"][0][2]][3:] == [held["words"].index("level"), "1", 1, 2]


def test_the_same_report_gives_the_same_archive(record):
    report = record({"bulb": {}})
    assert Archive(report, {}).pack() == Archive(report, {}).pack()


def test_where_nothing_was_said_there_is_no_archive(record):
    report = record({"bulb": {}}, evidence=False)
    assert all(isinstance(one, Result) and not one.trail for one in report.systems[0].results)
    assert Archive(report, {}).pack() == ""
