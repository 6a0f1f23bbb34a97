"""`reperso run --pcap` leaves a file a case, of systems that capture, and nothing of others."""

import pytest

from reperso.captures import Captures
from reperso.errors import ExitCode, UsageError


class Driver:
    """Captures, and notes that it was closed."""

    def __init__(self, setup):
        self.setup, self.closed = setup, False

    def pcap(self):
        assert not self.closed
        return b"capture of " + self.setup

    def messages_sent(self):
        return 7

    def close(self):
        self.closed = True


@pytest.fixture
def capturing(suite):
    """Let the system of the suite capture how many messages there were."""
    file = suite.path / f"{suite.name}.py"
    pcap = "    closed = 0\n\n    def pcap(self): return b'%d' % len(self.sent)\n"
    file.write_text(file.read_text().replace("    closed = 0\n", pcap))


@pytest.mark.usefixtures("capturing")
def test_each_case_has_a_file_that_bears_its_name(suite, reperso):
    done = reperso("run", "--sut", suite.system, "--pcap", "captures/here")
    assert done.code == ExitCode.EXPECTED
    assert "captures: 1 in captures/here" in done.out
    (file,) = (suite.path / "captures/here").rglob("*.*")
    assert file.relative_to(suite.path / "captures/here").parts == (
        f"{suite.name}-factory",
        "reperso-1a-1.pcapng",
    )
    assert file.read_bytes() == b"1"


@pytest.mark.usefixtures("capturing")
def test_a_case_that_fails_has_one_too(suite, reperso, scenarios):
    scenarios(one=["When a message passes", "And it breaks"], two=["Then nothing passed"])
    reperso("run", "--sut", suite.system, "--pcap", "captures")
    files = sorted((suite.path / "captures").rglob("*.pcapng"))
    assert [file.read_bytes() for file in files] == [b"1", b"0"]


def test_a_system_that_does_not_capture_leaves_nothing(suite, reperso):
    done = reperso("run", "--sut", suite.system, "--pcap", "captures")
    assert done.code == ExitCode.EXPECTED
    assert "captures: 0 in captures" in done.out
    assert list((suite.path / "captures").iterdir()) == []


@pytest.mark.usefixtures("capturing")
def test_without_the_option_no_capture_is_asked_for(suite, reperso):
    done = reperso("run", "--sut", suite.system)
    assert "captures" not in done.out
    assert list(suite.path.rglob("*.pcapng")) == []


def test_a_folder_that_cannot_be_made_is_one_line_before_anything_is_run(suite, reperso):
    (suite.path / "file").write_text("")
    done = reperso("run", "--sut", suite.system, "--pcap", "file/captures")
    assert done.code == ExitCode.USAGE
    assert "file/captures" in done.err
    assert not suite.report.exists()


def test_a_driver_is_asked_before_it_is_closed_and_stays_what_it_is(tmp_path):
    captures = Captures(tmp_path)
    driver = captures.of(Driver)(b"one")
    assert driver.messages_sent() == 7
    driver.close()
    captures.keep("a system", "x/1a/1", captures.last())
    assert captures.write() == 1
    assert (tmp_path / "a-system/x-1a-1.pcapng").read_bytes() == b"capture of one"


def test_what_one_driver_left_is_never_kept_for_the_next(tmp_path):
    captures = Captures(tmp_path)
    captures.of(Driver)(b"one").close()
    captures.of(Driver)(b"two")
    captures.keep("a system", "x/1a/1", captures.last())
    assert captures.write() == 0


def test_a_driver_whose_capture_fails_is_closed_all_the_same(tmp_path):
    class Failing(Driver):
        def pcap(self):
            raise ValueError("no")

    made = []
    captures = Captures(tmp_path)
    driver = captures.of(lambda setup: made.append(Failing(setup)) or made[-1])(b"one")
    with pytest.raises(ValueError, match="no"):
        driver.close()
    assert made[0].closed


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    captures = Captures(tmp_path)
    captures.of(Driver)(b"one").close()
    captures.keep("system", "x/1a/1", captures.last())
    (tmp_path / "system").write_text("in the way")
    with pytest.raises(UsageError, match="x-1a-1"):
        captures.write()
