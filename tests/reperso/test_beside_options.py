import pytest

from reperso.cli import main


@pytest.mark.parametrize("command", ["lockstep", "suites"])
def test_help_shows_examples(command, capsys):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert "reperso suites --kind fault" in capsys.readouterr().out


def test_a_kind_that_is_none_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["suites", "--kind", "moon"])
    assert "moon" in capsys.readouterr().err
