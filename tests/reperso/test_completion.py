"""The script for the shell knows every command and option, and is one that the shell can read."""

import shutil
import subprocess

import pytest


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "tcsh"])
def test_the_script_knows_commands_and_options(reperso, shell):
    said = reperso("completion", shell).out
    assert "baseline" in said
    assert "no-evidence" in said


CHECKS = {"bash": ["bash", "-n"], "zsh": ["zsh", "-n"], "fish": ["fish", "--no-execute"]}


@pytest.mark.parametrize("shell", CHECKS)
def test_the_script_is_one_that_the_shell_can_read(reperso, tmp_path, shell):
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not there")
    script = tmp_path / "script"
    script.write_text(reperso("completion", shell).out)
    done = subprocess.run(
        [*CHECKS[shell], script], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (0, "")


COMPLETES = {
    "bash": """source ./script; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        _shtab_reperso; echo "${{COMPREPLY[@]}}" """,
    "fish": """source ./script; complete -C "{words}" """,
}


@pytest.mark.parametrize("shell", COMPLETES)
@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("reperso basel", "baseline"),
        ("reperso run --no-ev", "--no-evidence"),
        ("reperso baseline che", "check"),
        ("reperso run --sut mod", "modelled"),
        ("reperso run reperso/1a/1", "reperso/1a/1"),
        ("reperso explain reperso/1a/1", "reperso/1a/1"),
        ("reperso replay reperso/1a/1 --sut shad", "shadowed"),
        ("reperso nothing-such", ""),
    ],
)
def test_a_shell_completes_by_the_script(reperso, tmp_path, shell, words, completed):
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not there")
    (tmp_path / "script").write_text(reperso("completion", shell).out)
    done = subprocess.run(
        [shell, "-c", COMPLETES[shell].format(words=words)],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.stderr == ""
    found = done.stdout.split("\t")[0].strip()
    assert found == completed, done.stdout + done.stderr


def test_an_unknown_shell_is_refused(reperso):
    with pytest.raises(SystemExit) as caught:
        reperso("completion", "csh")
    assert caught.value.code == 2
