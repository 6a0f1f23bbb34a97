"""Obligations that no row and no invariant can state, each with the reason and where it is held.

The tables say who does what, when, and what comes of it. They know no octets, and nothing that is
there before a change begins and stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

ELSEWHERE: Mapping[str, str] = {
    "7b": "how an admin code makes keys is octets; a wrong one is `retrieve_wrong_keys`",
    "8a": "a network entity that passes everything on changes nothing that the parties do",
    "12a": "that programs carry the steps out is what an implementation is",
    "E02": "the codes are there before; what a wrong one does is `retrieve_wrong_code`",
    "E03": "the state in which every table begins",
    "E04": "how the user asks the device; that it asks is `request_change`",
    "E05": "how the user asks the device; that it asks is `request_change`",
    "E06": "which octets the request is; its way is the table of the bearer",
    "E09": "what a session is made of; that one with another party fails is `reject_impostor`",
    "E12": "which field of a notice says for which card it is; a wrong one is `garble_identity`",
    "E19": "who runs the application server changes nothing that it does",
    "E20": "by which lines parties reach each other changes nothing that they say",
    "E22": "which octets authenticate; that they do or do not is `accept_joined`, `reject_joined`",
    "E23": "what the device is; one that cannot be asked answers no, which is `refuse_by_user`",
    "E25": "where in the card things are kept",
    "E26": "what a command reads is octets; that no other order changes the card is its table",
    "E27": "what a register keeps beside the identity and key",
    "E29": "where the device is; a change abroad is a change",
    "E30": "whether the application is in the card; the tables begin where it is",
    "B09": "what passes in clear is in `model.messages`, and the linter demands that nothing "
    "secret does",
}
