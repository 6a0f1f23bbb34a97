import json
import signal
import subprocess
import sys
import time
import urllib.request

import pytest

from impl.served.cli import main


def test_help_shows_how_to_begin(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    assert "python -m impl demo" in capsys.readouterr().out


def test_a_deployment_is_written_once(tmp_path, capsys):
    file = tmp_path / "mine.yaml"
    assert main(["init-deployment", str(file)]) == 0
    assert "application_server" in file.read_text("utf-8")
    assert main(["init-deployment", str(file)]) == 2
    assert "is there already" in capsys.readouterr().err


def test_the_schema_is_json(capsys):
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Deployment"


def test_set_up_and_a_card(file, capsys):
    assert main(["set-up", "-d", str(file)]) == 0
    assert main(["issue-card", "20801", "1", "-d", str(file)]) == 0
    assert capsys.readouterr().out.strip().endswith(".card")
    assert main(["issue-card", "20801", "1", "-d", str(file)]) == 2
    assert main(["issue-card", "99999", "1", "-d", str(file)]) == 2
    assert "no network 99999" in capsys.readouterr().err


def test_what_is_kept_is_copied_sealed_anew_and_put_back(file, tmp_path):
    def done(*arguments):
        command = [sys.executable, "-m", "impl", *arguments, "-d", str(file)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        return ended.returncode, ended.stdout.splitlines(), ended.stderr

    assert done("set-up")[0] == 0
    assert done("issue-card", "20801", "1")[0] == 0
    for node in ("application-server", "hlr-20801"):
        (tmp_path / "state" / node / "key-encryption-key.2").write_bytes(bytes(range(32)))
    for count in (1 + 1000, 0):  # a card, and the identities of one register
        told = f"{count} secrets sealed anew; older keys are needed for backups only"
        assert done("reseal") == (0, [told], "")
    copies = str(tmp_path / "copies")
    code, made, _ = done("backup", copies)
    assert (code, len(made)) == (0, 3)
    code, _, told = done("backup", copies)
    assert (code, told) == (2, f"impl: {copies}: File exists; name a new folder\n")
    code, replaced, _ = done("restore", copies)
    assert (code, len(replaced)) == (0, 3)


@pytest.mark.parametrize("role", [["application-server"], ["network", "20801"], ["hlr", "20801"]])
def test_before_set_up_no_role_runs(file, capsys, role):
    assert main([*role, "-d", str(file)]) == 2
    assert "state" in capsys.readouterr().err


def test_without_a_deployment_no_role_runs(tmp_path, capsys):
    assert main(["application-server", "-d", str(tmp_path / "none.yaml")]) == 2
    assert "No such file" in capsys.readouterr().err


def test_a_role_runs_until_a_signal_and_ends_well(file):
    assert main(["set-up", "-d", str(file)]) == 0
    command = [sys.executable, "-m", "impl", "vlr", "20801", "-d", str(file)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        first = json.loads(process.stderr.readline())
        assert (first["event"], first["nodes"]) == ("runs", "VLR 20801")
        process.send_signal(signal.SIGHUP)
        assert json.loads(process.stderr.readline())["event"] == "keys read"
        process.send_signal(signal.SIGTERM)
        assert json.loads(process.stderr.readline())["event"] == "stops"
        assert process.wait(30) == 0


def test_an_address_that_is_taken_is_told(file):
    assert main(["set-up", "-d", str(file)]) == 0
    command = [sys.executable, "-m", "impl", "vlr", "20801", "-d", str(file)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        process.stderr.readline()
        second = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        process.terminate()
    assert second.returncode == 3
    assert "in use" in second.stderr
    assert "Traceback" not in second.stderr


def test_readiness_waits_for_the_register(file):
    from impl.served.deployment import read_deployment

    assert main(["set-up", "-d", str(file)]) == 0
    url = f"http://{read_deployment(file).networks[0].monitor}/ready"
    command = [sys.executable, "-m", "impl", "vlr", "20801", "-d", str(file)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        process.stderr.readline()
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(url)
        with refused.value as answer:
            assert json.load(answer)["missing"] == ["VLR 20801 to gsup hlr"]
        process.terminate()


def test_a_device_without_networks_ends_with_one(file, capsys):
    assert main(["set-up", "-d", str(file)]) == 0
    assert main(["issue-card", "20801", "1", "-d", str(file)]) == 0
    card = capsys.readouterr().out.split()[-1]
    begun = time.monotonic()
    assert main(["device", card, "-d", str(file), "--patience", "0.1", "--stay", "0"]) == 1
    assert time.monotonic() - begun < 10
