"""The sequence chart is drawn from the messages, and nothing in them is markup."""

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from conformance.chart import Step, attribute, draw_chart


def drawn(*messages, text="When it is pressed"):
    return draw_chart([Step(text, messages)], "A chart")


def xml(svg):
    """Return the chart as XML, which wants the quotes that HTML does not."""
    return ET.fromstring(re.sub(r"<text x=(-?\d+) y=(-?\d+)>", r'<text x="\1" y="\2">', svg))


def words(svg, look):
    return [
        item.text for group in xml(svg).iter("g") if group.get("class") == look for item in group
    ]


def test_without_a_message_there_is_no_chart():
    assert draw_chart([], "t") == draw_chart([Step("Given a lamp", ())], "t") == ""


def test_parties_are_lanes_in_the_order_in_which_they_appear(message):
    svg = drawn(message(1), message(2, sender="lamp", receiver="eye"), message(3))
    assert words(svg, "lane")[:3] == ["switch", "lamp", "eye"]


def test_every_message_has_its_number_time_and_name(message):
    svg = drawn(message(1), message(2, name="OFF"))
    assert words(svg, "no") == ["1", "2"]
    assert words(svg, "time") == ["0.100 s", "0.200 s"]
    assert words(svg, "msg") == ["ON", "OFF"]


def test_a_lost_message_is_marked_with_a_word_and_a_cross(message):
    svg = drawn(message(1, delivered=False))
    assert words(svg, "gone") == ["lost"]
    assert 'class="cross"' in svg
    assert 'class="sent"' not in svg


def test_a_delivered_message_is_not_marked_as_lost(message):
    assert "lost" not in drawn(message(1))


def test_arrows_point_from_the_sender_to_the_receiver(message):
    there, back = drawn(message(1)), drawn(message(1), message(2, sender="lamp", receiver="switch"))
    assert there.count("l-8-4v8z") == 1
    assert back.count("l-8-4v8z") == back.count("l8-4v8z") == 1


def test_a_message_to_oneself_is_a_loop_with_its_name(message):
    assert words(drawn(message(1, receiver="switch")), "to") == ["ON"]


def test_steps_stand_above_the_messages_that_they_caused(message):
    steps = [Step("When on", [message(1)]), Step("Then idle", ()), Step("Then off", [message(2)])]
    assert words(draw_chart(steps, "t"), "step") == ["When on", "Then off"]


def test_a_note_stands_in_place_of_messages_that_are_shown_elsewhere(message):
    steps = [Step("Given a lamp", (), ": as before"), Step("When on", [message(1)])]
    assert words(draw_chart(steps, "t"), "step") == ["Given a lamp: as before", "When on"]


def test_a_long_talk_of_two_parties_is_one_band(message):
    talk = [message(number) for number in range(1, 21)]
    svg = drawn(*talk)
    assert words(svg, "no") == ["1-20"]
    assert words(svg, "msg")[0].startswith("20\N{MULTIPLICATION SIGN} WIRE")


@pytest.mark.parametrize("odd", [{"protocol": "AIR"}, {"receiver": "eye"}, {"delivered": False}])
def test_what_interrupts_a_talk_stays_visible(message, odd):
    talk = [message(number) for number in range(1, 9)]
    talk[4] = message(5, **odd)
    assert len(words(drawn(*talk), "no")) == 8


def test_the_names_of_the_lanes_come_again_in_a_long_chart(message):
    def step(at):
        return Step(f"step {at}", [message(at * 40 + n, protocol=str(n)) for n in range(1, 31)])

    svg = draw_chart([step(at) for at in range(3)], "t")
    assert words(svg, "lane").count("switch") == 4


@pytest.mark.parametrize("word", ["<b>&amp;", '"><script>', "'", "</svg>"])
def test_no_text_of_a_system_is_markup(message, word):
    facts = dict.fromkeys(("sender", "name", "protocol"), word)
    svg = draw_chart([Step(word, [message(1, **facts)], word)], word)
    assert words(svg, "msg") == [word]
    assert xml(svg).find("title").text == word
    assert {item.tag for item in xml(svg).iter()} <= {"svg", "title", "path", "g", "text"}


def test_a_long_name_of_a_lane_keeps_its_end_which_tells_it_from_others(message):
    names = [f"{'short-message-centre' * 2}-of-the-{which}" for which in ("first", "second")]
    shown = words(drawn(message(1, sender=names[0], receiver=names[1])), "lane")
    assert [name.endswith(("the-first", "the-second")) for name in shown[:2]] == [True] * 2
    assert shown[0] != shown[1]
    assert all("…" in name for name in shown)


def test_a_name_of_several_words_stands_on_two_lines(message):
    svg = drawn(message(1, sender="home register of the second network", receiver="card"))
    (group,) = [g for g in xml(svg).iter("g") if g.get("class") == "lane"]
    lower, upper, card = list(group)[:3]
    assert [one.text for one in (upper, lower, card)] == [
        "home register of", "the second network", "card",
    ]  # fmt: skip
    assert upper.get("x") == lower.get("x") != card.get("x")
    assert int(upper.get("y")) < int(lower.get("y")) == int(card.get("y"))


def test_where_nothing_takes_time_none_is_told(message):
    assert words(drawn(message(1, time_s=0.0), message(2, time_s=0.0)), "time") == []


def test_a_step_without_words_has_no_line(message):
    assert 'class="band"' in draw_chart([Step("Given a lamp", [message(1)])], "t")
    assert 'class="band"' not in draw_chart([Step("", [message(1)])], "t")


@pytest.mark.parametrize("size", [3, 20, 60])
def test_names_of_lanes_do_not_reach_one_another(message, size):
    parties = [letter * size for letter in "abcd"]
    pairs = pairwise(parties)
    svg = drawn(*(message(1, sender=one, receiver=other) for one, other in pairs))
    (group,) = [g for g in xml(svg).iter("g") if g.get("class") == "lane"]
    names = [(int(one.get("x")), one.text) for one in group][: len(parties)]
    reach = [(x - 3.6 * len(text), x + 3.6 * len(text)) for x, text in names]
    assert all(end < begin for (_, end), (begin, _) in pairwise(reach))
    assert reach[0][0] > 0


def test_nothing_is_drawn_outside_the_picture(message):
    long = message(1, sender="a" * 60, receiver="b" * 60, name="c" * 80)
    root = xml(draw_chart([Step("d" * 150, [long, message(2, sender="b" * 60)])], "t"))
    width, height = int(root.get("width")), int(root.get("height"))
    for item in root.iter("text"):
        assert 0 <= int(item.get("x")) <= width
        assert 0 <= int(item.get("y")) <= height


def test_messages_are_parted_by_the_steps_that_caused_them(message):
    messages = [message(number) for number in range(1, 6)]
    parts = attribute(messages, [2, 0, 3])
    assert [[one.number for one in part] for part in parts] == [[1, 2], [], [3, 4, 5]]


def test_messages_that_no_step_counted_go_to_the_last(message):
    messages = [message(number) for number in range(1, 4)]
    assert [len(part) for part in attribute(messages, [1, 1])] == [1, 2]
    assert [len(part) for part in attribute(messages, [])] == [3]


def test_a_step_that_did_not_hold_is_marked_with_words_even_without_messages(message):
    steps = [Step("When on", [message(1)]), Step("Then off", (), is_bad=True)]
    svg = draw_chart(steps, "t")
    assert words(svg, "bad") == ["Then off - did not hold"]
    assert words(svg, "step") == ["When on"]


def test_the_marked_message_stands_out_of_a_long_talk(message):
    talk = [message(number) for number in range(1, 21)]
    svg = draw_chart([Step("When on", talk)], "t", mark=12)
    assert words(svg, "gone") == ["first divergence"]
    assert "12" in words(svg, "no")
    assert 'class="mark"' in svg
    assert "first divergence" not in draw_chart([Step("When on", talk)], "t", mark=99)
