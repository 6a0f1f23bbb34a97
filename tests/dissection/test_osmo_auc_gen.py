"""Our authentication against libosmocore's: vectors, GSM from them, and resynchronization."""

from __future__ import annotations

import re
import subprocess
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from impl.crypto.aka import IND_BITS, PLACES, make_auts, open_auts
from impl.crypto.conversions import c2, c3
from impl.crypto.milenage import Milenage, opc_from
from impl.values import Secret


class Subscriber(NamedTuple):
    key: bytes
    opc: bytes

    @property
    def functions(self) -> Milenage:
        return Milenage(Secret(self.key), Secret(self.opc))


blocks = st.binary(min_size=16, max_size=16)
subscribers = st.builds(Subscriber, blocks, blocks)
sqns = st.integers(0, 2**48 - 1)
followed = st.integers(0, 2**48 - 1 - PLACES)  # behind the last SEQ theirs overflows
amfs = st.binary(min_size=2, max_size=2)

hundreds = settings(max_examples=120, deadline=None)  # each example starts a process


def run(tool: str, options: dict[str, object]) -> subprocess.CompletedProcess[str]:
    words = [
        word
        for name, value in options.items()
        for word in (f"--{name}", value.hex() if isinstance(value, bytes) else str(value))
    ]
    command = [tool, "--3g", "--algorithm", "MILENAGE", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def asked(tool: str, **options: object) -> dict[str, str]:
    """Return what the tool prints, by name."""
    done = run(tool, options)
    assert done.returncode == 0, done.stderr
    return dict(re.findall(r"^([\w.]+):\t(.*)$", done.stdout, re.MULTILINE))


@hundreds
@given(subscriber=subscribers, rand=blocks, sqn=sqns, amf=amfs)
def test_both_make_the_same_vector(
    osmo_auc_gen: str, subscriber: Subscriber, rand: bytes, sqn: int, amf: bytes
) -> None:
    theirs = asked(osmo_auc_gen, **subscriber._asdict(), rand=rand, sqn=sqn, amf=amf)
    ours = subscriber.functions.quintet(rand, sqn, amf)
    assert theirs["SQN"] == str(sqn)
    assert theirs["AUTN"] == ours.autn.hex()
    assert theirs["RES"] == ours.xres.hex()
    assert theirs["CK"] == ours.ck.hex()
    assert theirs["IK"] == ours.ik.hex()
    assert theirs["SRES"] == c2(ours.xres).hex()
    assert theirs["Kc"] == c3(ours.ck, ours.ik).hex()


@hundreds
@given(k=blocks, op=blocks, rand=blocks)
def test_both_bind_op_to_k_alike(osmo_auc_gen: str, k: bytes, op: bytes, rand: bytes) -> None:
    theirs = asked(osmo_auc_gen, key=k, op=op, rand=rand, sqn=1, amf=b"\0\0")
    ours = Milenage(Secret(k), opc_from(Secret(op), Secret(k))).quintet(rand, 1, b"\0\0")
    assert theirs["AUTN"] == ours.autn.hex()


@hundreds
@given(subscriber=subscribers, rand=blocks, sqn_ms=followed, amf=amfs)
def test_they_open_our_auts_and_go_on_from_the_number_that_it_says(
    osmo_auc_gen: str, subscriber: Subscriber, rand: bytes, sqn_ms: int, amf: bytes
) -> None:
    functions = subscriber.functions
    auts = make_auts(functions, rand, sqn_ms)
    theirs = asked(osmo_auc_gen, **subscriber._asdict(), rand=rand, auts=auts, amf=amf, ind=0)
    assert theirs["SQN.MS"] == str(sqn_ms)
    sqn = int(theirs["SQN"])
    assert sqn >> IND_BITS == (sqn_ms >> IND_BITS) + 1
    assert theirs["AUTN"] == functions.quintet(rand, sqn, amf).autn.hex()
    assert open_auts(functions, rand, auts) == sqn_ms


@settings(max_examples=50, deadline=None)
@given(subscriber=subscribers, rand=blocks, sqn_ms=sqns, bit=st.integers(0, 8 * 14 - 1))
def test_they_refuse_an_auts_that_was_altered(
    osmo_auc_gen: str, subscriber: Subscriber, rand: bytes, sqn_ms: int, bit: int
) -> None:
    auts = int.from_bytes(make_auts(subscriber.functions, rand, sqn_ms), "big")
    altered = (auts ^ 1 << bit).to_bytes(14, "big")
    done = run(
        osmo_auc_gen, {**subscriber._asdict(), "rand": rand, "auts": altered, "amf": b"\0\0"}
    )
    assert done.returncode != 0
    assert "AUTS from MS seems incorrect" in done.stderr
