"""The captures of all cases, put together: tshark finds nothing malformed but what it misreads.

It misreads a report in GSUP, and AUTHENTICATE in the GSM context of a USIM: why, is said in
`impl.runtime.pcap`.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from reperso.cli import main
from reperso.errors import ExitCode

WITHOUT_STREAMS = (
    *("-o", "tcp.desegment_tcp_streams:FALSE"),
    *("-o", "tcp.analyze_sequence_numbers:FALSE"),
)
"""Connections of different cases have the same ends; no message is spread over packets."""
MALFORMED = "(_ws.malformed || _ws.expert.severity == error)"
REPORT_IN_GSUP = "gsup.msg_type in {0x26, 0x2a}"
GSM_CONTEXT = "(gsm_sim.apdu.ins == 0x88 && frame[47:1] == 80)"
"""P2 is the fourth octet of the APDU, behind 44 of IP, UDP and GSMTAP."""
OF_NONSENSE = "*-B13-*"
"""Cases in which somebody says what has no meaning."""


@pytest.fixture(scope="module")
def captures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("all")
    command = ["run", "--no-evidence", "-j", "2", "--pcap", str(folder), "--report", str(folder)]
    assert main(command) == ExitCode.EXPECTED
    return folder / "simulated"


def count(tshark: str, file: Path, wanted: str) -> int:
    command = [tshark, "-r", str(file), *WITHOUT_STREAMS, "-Y", wanted, "-T", "fields"]
    command += ["-e", "frame.number"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return len(done.stdout.splitlines())


def test_no_frame_of_any_case_is_malformed_but_where_nonsense_is_said(
    captures: Path, tshark: str, mergecap: str, tmp_path: Path
) -> None:
    nonsense = sorted(captures.glob(OF_NONSENSE))
    sense = sorted(set(captures.glob("*.pcapng")) - set(nonsense))
    assert len(sense) > 300
    unexplained = f"{MALFORMED} && !({REPORT_IN_GSUP}) && !{GSM_CONTEXT}"
    found = []
    for files in (sense, nonsense):
        whole = tmp_path / "whole.pcapng"
        subprocess.run([mergecap, "-a", "-w", whole, *files], check=True)
        assert count(tshark, whole, "frame") > 50 * len(files)
        found.append(count(tshark, whole, unexplained))
    assert found[0] == 0
    assert found[1] > 0  # what is malformed is found
