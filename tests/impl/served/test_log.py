import pytest

from impl.values import Secret


def test_a_line_is_one_json_object(log, lines):
    log.info("it happens", node="HLR 20801", count=3)
    assert lines.records == [
        {
            "time": 0.0,
            "level": "info",
            "process": "test",
            "event": "it happens",
            "node": "HLR 20801",
            "count": 3,
        }
    ]


def test_each_level_says_its_name(log, lines):
    for tell in (log.debug, log.info, log.warning, log.failure):
        tell("x")
    assert [one["level"] for one in lines.records] == ["debug", "info", "warning", "error"]


def test_below_the_lowest_level_nothing_is_written(lines):
    from impl.served.log import Log

    quiet = Log("test", "warning", lines)
    quiet.info("x")
    assert not lines.records
    quiet.warning("y")
    assert len(lines.records) == 1


def test_a_line_break_in_a_name_does_not_make_a_line(log, lines):
    log.info("x", peer="a\nb")
    assert lines.getvalue().count("\n") == 1


def test_a_secret_is_not_written(log, lines):
    with pytest.raises(AssertionError):
        log.info("x", key=Secret(b"1234"))
    assert not lines.records
