"""Memory of simulated cards: how much 10,000 of them take, powered and not."""

from __future__ import annotations

import argparse
import gc
from pathlib import Path

from impl.card.profile import CardProfile, personalize
from impl.card.uicc import Uicc
from impl.runtime.deployment import NETWORKS, SERVER_NUMBER, make_iccid
from impl.values import IMSI, Credentials, OtaKeys, Secret

TARGET_MB = 300
MB = 1_000_000
PAGE_OCTETS = 4096


def resident() -> int:
    """Return the octets that this process has in memory."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * PAGE_OCTETS


def card(number: int) -> Uicc:
    """Make a card with keys of its own."""
    plan = NETWORKS[0]
    key = Secret(number.to_bytes(16, "big"))
    return Uicc(
        personalize(
            CardProfile(
                iccid=make_iccid(number),
                admin_code=Secret(number.to_bytes(8, "big")),
                ota_keys=OtaKeys(1, key, key),
                plmn=plan.plmn,
                credentials=Credentials(IMSI(f"20801{number:010d}"), key, key),
                msisdn=plan.first_msisdn,
                service_centre=plan.service_centre,
                application_server=SERVER_NUMBER,
                operators=tuple((one.name, one.plmn, one.command_code) for one in NETWORKS),
            )
        )
    )


def main() -> None:
    """Print what cards take."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cards", type=int, default=10_000)
    count = parser.parse_args().cards
    card(0).power_on()  # what is made once is not a card's
    before = resident()
    cards = [card(number) for number in range(count)]
    unpowered = resident()
    for each in cards:
        each.power_on()
    powered = resident()
    for state, after in (("without power", unpowered), ("powered", powered)):
        taken = after - before
        print(
            f"{count:,} cards {state:<14} {taken / MB:7.1f} MB, {taken / count:8,.0f} octets each;"
            f" whole process {after / MB:.1f} MB  (to reach: < {TARGET_MB} MB)"
        )


if __name__ == "__main__":
    main()
