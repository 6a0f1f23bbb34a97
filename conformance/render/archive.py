"""All messages of a report in one compressed text, for the script of the page to unpack.

What a page of bounded size cannot show it holds all the same: what repeats is written once (words,
what a message says, who said it to whom, a whole exchange), and the rest is compressed (deflate
with the header of gzip, then base64). A browser unpacks it with `DecompressionStream`.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from conformance.catalogue import Case
from conformance.evidence import Message, Report, Result
from conformance.render.divergence import Divergence, Divergences, failing, step_texts
from conformance.render.shelf import anchor

_GZIP = 31  # window bits that ask zlib for the header of gzip, with a time of 0


class _Table:
    """Gives things numbers, and keeps each once."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {}

    def number(self, key: Any) -> int:
        """Return the number of `key`, a new one if it was not seen before."""
        return self._numbers.setdefault(key, len(self._numbers))

    @property
    def rows(self) -> list[Any]:
        """All of them, by number."""
        return list(self._numbers)


class Archive:
    """The exchanges of a report, by the anchor of the result. Numbers are places in the lists.

    words: texts. bodies: protocol, name, octets, then name, value, first octet and the one behind
    the last (-1 and -1 where it cannot be told) of each field. lines: sender, receiver, body,
    whether it arrived. exchanges: line and milliseconds since the one before, in turn. steps: the
    words of each step of a case. places: exchange, steps, number of the step that did not hold and
    of the message that diverges (0 for none), then how many messages each step caused. trails: the
    words of each state. records: the words of place, before and after of each, in turn.
    """

    def __init__(self, report: Report, leaving: Divergences) -> None:
        self._words, self._bodies, self._lines = _Table(), _Table(), _Table()
        self._known: dict[tuple[Any, ...], int] = {}
        self._exchanges, self._steps = _Table(), _Table()
        cases = {case.id: case for case in report.cases}
        self._places = {
            anchor(result.case, run.name): self._place(
                cases[result.case], result, leaving.get((run.name, result.case))
            )
            for run in report.systems
            for result in run.results
            if result.messages
        }
        self._trails = {
            anchor(result.case, run.name): list(map(self._words.number, result.trail))
            for run in report.systems
            for result in run.results
            if result.trail
        }
        self._records = {
            anchor(result.case, run.name): [
                self._words.number(text)
                for one in result.records
                for text in (one.place, one.before, one.after)
            ]
            for run in report.systems
            for result in run.results
            if result.records
        }

    def pack(self) -> str:
        """Return everything as base64; empty if there is nothing."""
        if not (self._places or self._trails or self._records):
            return ""
        document: Mapping[str, Any] = {
            "words": self._words.rows,
            "bodies": self._bodies.rows,
            "lines": self._lines.rows,
            "exchanges": self._exchanges.rows,
            "steps": self._steps.rows,
            "places": self._places,
            "trails": self._trails,
            "records": self._records,
        }
        text = json.dumps(document, separators=(",", ":"))
        packer = zlib.compressobj(level=9, wbits=_GZIP)
        return b64encode(packer.compress(text.encode()) + packer.flush()).decode()

    def _place(self, case: Case, result: Result, leaves: Divergence | None) -> list[int]:
        texts = tuple(map(self._words.number, step_texts(case)))
        return [
            self._exchanges.number(self._exchange(result.messages)),
            self._steps.number(texts),
            failing(result),
            leaves.number if leaves else 0,
            *(step.messages for step in result.steps),
        ]

    def _exchange(self, messages: tuple[Message, ...]) -> tuple[int, ...]:
        found: list[int] = []
        before_ms = 0
        for message in messages:
            now_ms = round(message.time_s * 1000)
            found += [self._line(message), now_ms - before_ms]
            before_ms = now_ms
        return tuple(found)

    def _line(self, message: Message) -> int:
        key = (
            message.sender,
            message.receiver,
            message.protocol,
            message.name,
            message.octets,
            tuple(message.fields.items()),
            message.delivered,
        )
        number = self._known.get(key)
        if number is None:
            word = self._words.number
            line = word(message.sender), word(message.receiver), self._body(message)
            number = self._lines.number((*line, int(message.delivered)))
            self._known[key] = number
        return number

    def _body(self, message: Message) -> int:
        word = self._words.number
        body: list[Any] = [word(message.protocol), word(message.name), message.octets]
        for name, value in message.fields.items():
            body += [word(name), value, *message.spans.get(name, (-1, -1))]
        return self._bodies.number(tuple(body))
