"""`reperso load` tells what came of a load, and ends as it went; the load itself is played here."""

import json
import math

import pytest

from impl.served.fleet import NotRunningError
from impl.served.load import LoadPlan, Outcome
from reperso import load as module
from reperso.errors import ExitCode
from reperso.load import shares


@pytest.fixture
def played(monkeypatch):
    """Play loads: what they come to; return the plans that were made."""
    plans = []

    def play(**facts):
        class Played:
            def __init__(self, folder, plan, tell, show):
                assert folder.is_dir()
                plans.append(plan)
                tell("cards", 1, plan.cards)
                show("from a process")

            async def run(self):
                if "error" in facts:
                    raise facts["error"]
                return Outcome(plans[-1], **facts)

        monkeypatch.setattr(module, "Load", Played)
        return plans

    return play


GOOD = {"arrived": 4, "asked": 6, "took_s": 2.0, "phases": {"the attach": [0.5, 0.25, 1.0, 0.75]}}


def test_a_good_load_is_told(reperso, played):
    plans = played(
        **GOOD,
        struck=["killed crowd", "cut the line to-server"],
        troubles={"smsc: message lost, no link": 3},
    )
    done = reperso(
        "load", "--cards", "4", "--kill", "crowd", "--cut", "all", "--down", "0.5", "--rate", "2.5"
    )
    assert done.code == ExitCode.EXPECTED
    plan = LoadPlan(4, 20, rate=2.5, faults=(("kill", "crowd"), ("cut", "all")), down_s=0.5)
    assert plans == [plan]
    assert done.out.splitlines() == [
        "4 of 4 users changed in 2.0 s: 2.0 a second; asked again: 2",
        "meanwhile: killed crowd; cut the line to-server",
        "",
        f"{'seconds':42}   median      p90      p99      max",
        f"{'the attach':42}    0.500    1.000    1.000    1.000",
        "",
        "in the logs:",
        "  3 x smsc: message lost, no link",
        "",
        "all that 4 cards, the registers and the server keep holds together",
    ]
    assert done.err == "from a process\n"


@pytest.mark.parametrize(
    "bad", [{**GOOD, "faults": ["card 1: it is none"] * 30}, {**GOOD, "arrived": 3}]
)
def test_a_fault_or_a_user_who_did_not_arrive_is_a_failure(reperso, played, bad):
    played(**bad)
    done = reperso("load", "--cards", "4")
    assert done.code == ExitCode.FAILED
    told = done.out.splitlines()
    assert told.count("  card 1: it is none") == (20 if "faults" in bad else 0)
    assert ("30 faults in what cards, registers and server keep:" in told) == ("faults" in bad)


def test_what_came_of_it_is_written_for_programs(reperso, played, suite):
    played(**GOOD, troubles={"smsc: message lost, no link": 3})
    reperso("load", "--cards", "4", "--output", "load.json")
    written = json.loads((suite.path / "load.json").read_text("utf-8"))
    assert written["schema"] == "urn:reperso:load:1"
    assert written["is_good"] is True
    assert written["troubles"] == {"smsc: message lost, no link": 3}
    assert written["phases"]["the attach"] == {"median": 0.5, "p90": 1.0, "p99": 1.0, "max": 1.0}
    assert written["plan"]["cards"] == 4


def test_a_process_that_does_not_run_is_no_verdict(reperso, played):
    played(error=NotRunningError("hlr ended with status 3"))
    done = reperso("load")
    assert (done.code, done.out) == (ExitCode.UNDECIDED, "")
    assert done.err.endswith("reperso: hlr ended with status 3\n")


def test_a_process_that_there_is_none_of_is_a_usage_error(reperso):
    done = reperso("load", "--kill", "nobody")
    assert done.code == ExitCode.USAGE
    assert done.err.startswith("reperso: --kill 'nobody': there is all, application-server, ")


def test_a_folder_that_holds_something_and_an_output_nowhere_are_usage_errors(reperso, suite):
    (suite.path / "full").mkdir()
    (suite.path / "full/mine").touch()
    done = reperso("load", "--folder", "full")
    assert done.code == ExitCode.USAGE
    assert done.err == "reperso: full: holds something; name a new folder\n"
    done = reperso("load", "--output", "nowhere/load.json")
    assert done.code == ExitCode.USAGE
    assert done.err == "reperso: nowhere/load.json: No such file or directory\n"


def test_where_databases_are_is_passed_on_and_told_without_what_may_be_a_password(
    reperso, played, suite
):
    plans = played(**GOOD)
    url = "postgresql://me:hush@/base?connect_timeout=3"
    options = ("--servers", "2", "--database", f"hlr 26202={url}", "--output", "load.json")
    reperso("load", *options)
    assert (plans[0].servers, plans[0].databases) == (2, (("hlr 26202", url),))
    written = (suite.path / "load.json").read_text("utf-8")
    assert json.loads(written)["plan"]["databases"] == ["hlr 26202"]
    assert "hush" not in written


def test_a_database_that_is_nobodys_is_refused_without_its_password(reperso, capfd):
    with pytest.raises(SystemExit) as ended:
        reperso("load", "--database", "postgresql://me:hush@/base")
    assert ended.value.code == ExitCode.USAGE
    told = capfd.readouterr().err
    assert "is no NODE=URL" in told
    assert "hush" not in told


@pytest.mark.parametrize(
    ("option", "text", "what"),
    [
        ("--rate", "0", "'0' is no number above 0"),
        ("--down", "nan", "'nan' is no number above 0"),
        ("--longest", "inf", "'inf' is no number above 0"),
        ("--patience", "long", "'long' is no number above 0"),
        ("--cards", "0", "'0' is no number from 1"),
    ],
)
def test_numbers_that_make_no_load_are_refused(reperso, capfd, option, text, what):
    with pytest.raises(SystemExit) as ended:
        reperso("load", option, text)
    assert ended.value.code == ExitCode.USAGE
    assert what in capfd.readouterr().err


def test_shares_are_times_that_occurred():
    assert shares([3.0, 1.0, 2.0]) == {"median": 2.0, "p90": 3.0, "p99": 3.0, "max": 3.0}
    assert all(math.isnan(one) for one in shares([]).values())
