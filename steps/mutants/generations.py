"""Systems whose networks do not authenticate as their generation does."""

from __future__ import annotations

from typing import Any

from impl.codec.gsup import AuthTuple
from impl.crypto.conversions import kasme
from impl.device import eps_dialogue
from impl.events import Command
from impl.network.attachment import Attachment
from impl.network.ehrpd_attachment import EhrpdAttachment
from impl.network.mobility_attachment import MobilityAttachment
from steps.drivers.patched import Patch, with_patches
from steps.mutants import Mutant


def _believe_all(self: MobilityAttachment, procedure: Any, res: bytes) -> list[Command]:
    del res
    return self._believe(procedure)


def _bind_to_nothing(ck: bytes, ik: bytes, network: bytes, hidden_sqn: bytes) -> bytes:
    return kasme(ck, ik, bytes(len(network)), hidden_sqn)


def _ask_no_proof(self: EhrpdAttachment, procedure: Any, challenge: AuthTuple) -> list[Command]:
    del challenge
    return self._believe(procedure)


def _listen_to_no_card(self: Attachment[Any], procedure: Any, auts: bytes | None) -> list[Command]:
    del auts
    return self._refuse(procedure)


MUTANTS = (
    Mutant(
        "takes-any-answer",
        breaks=("E22",),
        what="a network of GSM or UMTS takes whatever a device answers to its challenge",
        factory=with_patches(Patch(MobilityAttachment, "_check", _believe_all)),
    ),
    Mutant(
        "binds-keys-to-no-network",
        breaks=("E22",),
        what="a device of LTE makes its key for no network in particular",
        factory=with_patches(Patch(eps_dialogue, "kasme", _bind_to_nothing)),
    ),
    Mutant(
        "admits-without-a-challenge",
        breaks=("E22",),
        what="a network of CDMA lets a device in that only said who it is",
        factory=with_patches(Patch(EhrpdAttachment, "_challenge", _ask_no_proof)),
    ),
    Mutant(
        "listens-to-no-card",
        breaks=("E22",),
        what="a network refuses a card that has seen a higher sequence number",
        factory=with_patches(Patch(Attachment, "_resynchronize", _listen_to_no_card)),
    ),
)
