"""The script for the shell knows every command and option, and is one that the shell can read."""

import shutil
import subprocess

import pytest


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_the_script_knows_commands_and_options(reperso, shell):
    said = reperso("completion", shell).out
    assert "baseline" in said
    assert "no-evidence" in said


def test_the_script_is_one_that_bash_can_read(reperso):
    said = reperso("completion", "bash").out
    check = [shutil.which("bash"), "-n"]
    assert subprocess.run(check, input=said, text=True, check=False).returncode == 0


def test_an_unknown_shell_is_refused(reperso):
    with pytest.raises(SystemExit) as caught:
        reperso("completion", "fish")
    assert caught.value.code == 2
