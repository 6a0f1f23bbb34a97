"""The over-the-air keys of the card (TS 102 225 clause 5.1.1)."""

from __future__ import annotations

from impl.card import image
from impl.card.memory import Area, Memory
from impl.codec.digits import decode_iccid
from impl.codec.ota_profile import KEYING_VERSION
from impl.crypto.admin_key import derive_keys
from impl.values import OtaKeys, Secret


def factory_keys(memory: Memory) -> OtaKeys:
    """Return the keyset that the manufacturer gave to the card: requests go under it."""
    version = image.KEY_VERSION.number(memory)
    return OtaKeys(version, _read_key(memory, image.KIC), _read_key(memory, image.KID))


def write_factory_keys(memory: Memory, keys: OtaKeys) -> None:
    """Write the keyset; its keys are 16 to 32 octets, as `CardProfile` has checked."""
    image.KEY_VERSION.set_number(memory, keys.version)
    for area, key in ((image.KIC, keys.kic), (image.KID, keys.kid)):
        coded = bytes([len(key)]) + key.reveal()
        area.write(memory, coded.ljust(area.size, b"\xff"))


def command_keys(memory: Memory) -> OtaKeys:
    """Return the keyset under which orders have to come: where the admin code is a key, its own."""
    if image.ADMIN_MODE.number(memory) != image.KEYING:
        return factory_keys(memory)
    iccid = decode_iccid(image.ICCID_FILE.read(memory))
    return derive_keys(Secret(image.ADMIN_CODE.read(memory)), iccid, KEYING_VERSION)


def _read_key(memory: Memory, area: Area) -> Secret:
    octets = area.read(memory)
    return Secret(octets[1 : 1 + octets[0]])
