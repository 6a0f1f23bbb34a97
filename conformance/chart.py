"""The sequence chart of a case: an SVG drawn from the messages that really passed.

Parties are lanes, in the order in which they first appear. Time runs downwards: one row a message,
and one for the step that caused it. A long exchange between two parties in one protocol is drawn as
one band; the table of messages beside the chart has them all. All looks are left to classes, so
that one style sheet serves light, dark and print, and no text of a system is ever markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice, pairwise

from conformance.evidence import Message
from conformance.visible import markup

GUTTER = 118  # px left of the first lane: number and time
ROW = 25  # px from one message to the next
HEAD = 46  # px of the names of the lanes, each on one line or two
LINE = 14  # px from one line of a name to the next
LONG = 20  # letters from which a name stands on two lines
DIVIDER = 38  # px of the line of a step
GLYPH = 6.1  # px, the mean width of a letter of a label
BOLD = 7.2  # px, that of a letter of a lane's name
LANE_MIN, LANE_MAX = 96, 230  # px between two lanes
HEAD_AGAIN = 24  # rows after which the names of the lanes are repeated
DID_NOT_HOLD = " - did not hold"
DIVERGES = "first divergence"
FOLD = 8  # messages in a row between two parties that are drawn as one band


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the case and the messages that passed during it, or a note in place of them."""

    text: str
    messages: Sequence[Message]
    note: str = ""
    is_bad: bool = False  # it did not hold


@dataclass(slots=True)
class _Drawing:
    """Shapes so far. Lines of one look are one path, which keeps a long chart small."""

    lanes: dict[str, int]  # x of each party
    width: int
    mark: int = 0  # the number of the message that is marked; 0 for none
    is_timed: bool = True  # whether anything takes time: in a model nothing does
    y: int = 0
    rows: int = 0  # since the names of the lanes were last drawn
    sent: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    crosses: list[str] = field(default_factory=list)
    bands: list[str] = field(default_factory=list)
    bad_bands: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=dict)  # by look

    def text(self, look: str, x: int, y: int, words: str) -> None:
        """Put `words` at x, y."""
        shape = f"<text x={x} y={y}>{markup(words)}</text>"
        self.texts.setdefault(look, []).append(shape)


def draw_chart(steps: Iterable[Step], title: str, mark: int = 0) -> str:
    """Return the chart of a case as an SVG element; empty if no message passed.

    Args:
        steps: the steps in order; those without messages or a note are left out, unless they did
            not hold.
        title: what the chart shows, for those who cannot see it.
        mark: the number of the message at which it leaves what was expected; 0 for none.
    """
    shown = [step for step in steps if step.messages or step.note or step.is_bad]
    if not any(step.messages for step in shown):
        return ""
    lanes = _lanes([message for step in shown for message in step.messages])
    edge = max(x + max(LANE_MIN, _name_width(name)) // 2 for name, x in lanes.items())
    widest = max(_width(f"{step.text}{step.note}{DID_NOT_HOLD}") for step in shown)
    is_timed = any(message.time_s for step in shown for message in step.messages)
    drawing = _Drawing(lanes, width=max(edge, widest), mark=mark, is_timed=is_timed)
    for step in shown:
        _draw_step(drawing, step)
    _draw_names(drawing)
    return _assemble(drawing, title)


def _lanes(messages: Sequence[Message]) -> dict[str, int]:
    """Give every party its x: neighbours stand as far apart as what passes between them needs."""
    parties = list(dict.fromkeys(p for m in messages for p in (m.sender, m.receiver)))
    rank = {party: index for index, party in enumerate(parties)}
    names = [_name_width(name) for name in parties]
    room = [max(LANE_MIN, (one + next_one) // 2) for one, next_one in pairwise(names + names[-1:])]
    for message in messages:
        low, high = sorted((rank[message.sender], rank[message.receiver]))
        if high - low <= 1:
            room[low] = max(room[low], _width(message.name))
    lanes, x = {}, GUTTER + max(LANE_MIN, names[0]) // 2
    for party, space in zip(parties, room, strict=True):
        lanes[party] = x
        x += min(space, LANE_MAX)
    return lanes


def _name_width(name: str) -> int:
    longest = max(len(line) for line in _lines(name))
    return min(int(longest * BOLD) + 14, LANE_MAX)


def _lines(name: str) -> tuple[str, ...]:
    """Part a long name at the space that is nearest to its middle."""
    spaces = [at for at, sign in enumerate(name) if sign == " "]
    if len(name) < LONG or not spaces:
        return (name,)
    middle = min(spaces, key=lambda at: abs(2 * at - len(name)))
    return name[:middle], name[middle + 1 :]


def _width(words: str) -> int:
    return int(len(words) * GLYPH) + 30


def _draw_step(drawing: _Drawing, step: Step) -> None:
    if not drawing.y or drawing.rows >= HEAD_AGAIN:
        _draw_names(drawing)
    words = f"{step.text}{step.note}{DID_NOT_HOLD * step.is_bad}"
    if words:
        drawing.y += DIVIDER
        bands = drawing.bad_bands if step.is_bad else drawing.bands
        bands.append(f"M0 {drawing.y - 23}h{drawing.width}v20H0z")
        drawing.text("bad" if step.is_bad else "step", 8, drawing.y - 9, words)
    for run in _runs(step.messages, drawing.mark):
        drawing.rows += 1
        drawing.y += ROW
        if len(run) >= FOLD:
            _draw_band(drawing, run)
        else:
            _draw_message(drawing, run[0])


def row_count(messages: Sequence[Message]) -> int:
    """Return how many rows of a chart `messages` take."""
    return sum(1 for _ in _runs(messages))


def _runs(messages: Sequence[Message], mark: int = 0) -> Iterator[Sequence[Message]]:
    """Part messages in runs that are one row each: a long talk of two, or one message."""
    for _, talk in groupby(messages, _talk):
        run = tuple(talk)
        is_plain = all(message.delivered and message.number != mark for message in run)
        if len(run) >= FOLD and is_plain:
            yield run
        else:
            yield from ((message,) for message in run)


def _talk(message: Message) -> tuple[frozenset[str], str]:
    return frozenset((message.sender, message.receiver)), message.protocol


def _draw_names(drawing: _Drawing) -> None:
    drawing.y += HEAD
    drawing.rows = 0
    for name, x in drawing.lanes.items():
        for above, line in enumerate(reversed(_lines(name))):
            drawing.text("lane", x, drawing.y - 12 - LINE * above, _short_name(line))


def _draw_message(drawing: _Drawing, message: Message) -> None:
    y, begin, end = drawing.y, drawing.lanes[message.sender], drawing.lanes[message.receiver]
    drawing.text("no", 48, y + 4, str(message.number))
    if drawing.is_timed:
        drawing.text("time", 112, y + 4, f"{message.time_s:.3f} s")
    if message.number == drawing.mark:
        drawing.marks.append(f"M0 {y - 16}h{drawing.width}v23H0z")
        drawing.text("gone", 120, y + 4, DIVERGES)
    if begin == end:
        drawing.sent.append(f"M{begin} {y - 6}h26v10h-22")
        drawing.heads.append(f"M{begin} {y + 4}l8-4v8z")
        drawing.text("to", begin + 32, y + 3, message.name)
        return
    toward = 1 if end > begin else -1
    drawing.text("msg", (begin + end) // 2, y - 4, _label(message.name, abs(end - begin)))
    if message.delivered:
        drawing.sent.append(f"M{begin} {y}H{end - 7 * toward}")
        drawing.heads.append(f"M{end} {y}l{-8 * toward}-4v8z")
    else:
        stop = round(begin + (end - begin) * 0.72)
        drawing.lost.append(f"M{begin} {y}H{stop - 7 * toward}")
        drawing.crosses.append(f"M{stop - 5} {y - 5}l10 10m0-10l-10 10")
        drawing.text("gone", stop + (10 if toward > 0 else -30), y + 4, "lost")


def _draw_band(drawing: _Drawing, run: Sequence[Message]) -> None:
    first, last, y = run[0], run[-1], drawing.y
    low, high = sorted((drawing.lanes[first.sender], drawing.lanes[first.receiver]))
    drawing.text("no", 48, y + 4, f"{first.number}-{last.number}")
    drawing.text("time", 112, y + 4, f"{last.time_s:.3f} s")
    drawing.bands.append(f"M{low} {y - 13}h{max(high - low, 26)}v20H{low}z")
    words = f"{len(run)}\N{MULTIPLICATION SIGN} {first.protocol}: {first.name} … {last.name}"
    if low == high:
        drawing.text("to", low + 32, y + 1, words)
    else:
        drawing.text("msg", (low + high) // 2, y + 1, _label(words, high - low))


def _label(words: str, room: int) -> str:
    """Shorten a label that would reach far past its arrow."""
    return _short(words, max(room, LANE_MIN) + 40)


def _short_name(name: str) -> str:
    """Leave the middle out of a long name: parties of a kind differ in how their names end."""
    half = int((LANE_MAX - 14) / BOLD) // 2
    return name if len(name) <= 2 * half else f"{name[:half]}…{name[1 - half :]}"


def _short(words: str, room: int) -> str:
    letters = int(room / GLYPH)
    return words if len(words) <= letters else f"{words[: letters - 1]}…"


def _assemble(drawing: _Drawing, title: str) -> str:
    bottom = drawing.y - HEAD + 14
    poles = "".join(f"M{x} {HEAD - 4}V{bottom}" for x in drawing.lanes.values())
    looks = {
        "band": drawing.bands,
        "bad-band": drawing.bad_bands,
        "mark": drawing.marks,
        "pole": [poles],
        "sent": drawing.sent,
        "gone": drawing.lost,
        "head": drawing.heads,
        "cross": drawing.crosses,
    }
    paths = (f'<path class="{look}" d="{"".join(d)}"/>' for look, d in looks.items() if any(d))
    texts = (f'<g class="{look}">{"".join(shapes)}</g>' for look, shapes in drawing.texts.items())
    return (
        f'<svg class="chart" role="img" width="{drawing.width}" height="{drawing.y}" '
        f'viewBox="0 0 {drawing.width} {drawing.y}"><title>{markup(title)}</title>'
        f"{''.join(paths)}{''.join(texts)}</svg>"
    )


def attribute(messages: Sequence[Message], counts: Iterable[int]) -> list[Sequence[Message]]:
    """Part `messages` by the step that caused them: `counts` says how many; the rest goes last."""
    rest = iter(messages)
    parts: list[Sequence[Message]] = [tuple(islice(rest, count)) for count in counts]
    left = tuple(rest)
    if left:
        parts[-1:] = [(*parts[-1], *left)] if parts else [left]
    return parts
