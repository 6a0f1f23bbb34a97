"""Programs of the field that nobody here wrote, each in a namespace of its own.

Required where CI is set; elsewhere a test is skipped, with what is missing.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture
def run_apart(tmp_path):
    """Run a script of this folder where loopback and /run are its own; return what it printed."""

    def run(script, *programs, modules=()):
        missing = [one for one in programs if shutil.which(one) is None]
        missing += [one for one in modules if not has_module(one)]
        missing += [] if os.geteuid() == 0 else ["root"]
        if missing and not os.environ.get("CI"):
            pytest.skip(f"needs {', '.join(missing)}")
        assert not missing, f"missing: {', '.join(missing)}"
        enter = (
            'ip link set lo up 2>/dev/null || ifconfig lo up; mount -t tmpfs none /run; exec "$@"'
        )
        command = [sys.executable, str(HERE / script), str(tmp_path)]
        done = subprocess.run(
            ["unshare", "-mn", "sh", "-c", enter, "sh", *command],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            cwd=HERE.parents[1],
            env=os.environ | {"PYTHONPATH": str(HERE.parents[1])},
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.splitlines()

    return run


def has_module(name):
    return subprocess.run([sys.executable, "-c", f"import {name}"], check=False).returncode == 0
