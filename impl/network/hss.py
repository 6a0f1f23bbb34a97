"""What an HSS makes of a vector for one serving network, at the near end of the link to it.

S6a and SWx carry K_ASME, and CK' and IK', that the HSS bound to the network which asked (TS 33.401
clause 6.1.2, TS 33.402 clause 6.2). GSUP stands in for both here and carries CK and IK, as
Osmocom's register sends them; as with its translator of Diameter the binding is done where the
link ends. Nothing behind these functions sees CK and IK.
"""

from __future__ import annotations

from impl.codec.digits import encode_plmn
from impl.codec.gsup import AuthTuple
from impl.crypto.conversions import kasme
from impl.crypto.eap_aka_prime import ck_ik_prime
from impl.values import PLMN, Secret

_HIDDEN_SQN = 6


def eps_key(vector: AuthTuple, plmn: PLMN) -> Secret:
    """Return K_ASME, 32 octets, for the network `plmn` (TS 33.401 clause A.2).

    `vector` is one of UMTS, with AUTN, CK and IK.
    """
    assert vector.ck is not None
    assert vector.ik is not None
    assert vector.autn is not None
    keys = vector.ck.reveal(), vector.ik.reveal()
    return Secret(kasme(*keys, encode_plmn(plmn), vector.autn[:_HIDDEN_SQN]))


def ehrpd_keys(vector: AuthTuple, network_name: bytes) -> tuple[bytes, bytes]:
    """Return CK' and IK', 16 octets each, for an access network (TS 33.402 clause A.2).

    `vector` is one of UMTS, with AUTN, CK and IK.
    """
    assert vector.ck is not None
    assert vector.ik is not None
    assert vector.autn is not None
    keys = vector.ck.reveal(), vector.ik.reveal()
    return ck_ik_prime(*keys, network_name, vector.autn[:_HIDDEN_SQN])
