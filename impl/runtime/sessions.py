"""Who shows which certificate to whom: the secured sessions of a simulated world [054] [059]."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial

from impl.events import Interface
from impl.runtime.secured_link import SecuredLink
from impl.runtime.tls import Endpoint, Identity, make_identity
from impl.values import PLMN

SERVER = "application-server"
"""The name of the server in every link, and what its certificate begins with."""
IMPOSTOR = "impostor"


@lru_cache(maxsize=64)
def identity_of(name: str, holder: str) -> Identity:
    """Return the TLS identity under which `holder` goes as `name`; an impostor has another.

    Keys are made once a process; worlds share them.
    """
    del holder  # part of the key under which the cache finds it
    return make_identity(name)


class Sessions:
    """Makes the secured links of one world; who is accepted is decided when a session opens."""

    def __init__(self) -> None:
        self.agreed: set[PLMN] = set()
        """Operators with whom the server exchanged certificates."""
        self.impersonated: set[str] = set()
        """Names of TLS identities that somebody else goes under, who lacks the key."""
        self._manager: PLMN | None = None
        self._links: list[SecuredLink] = []

    def be_managed(self, plmn: PLMN) -> None:
        """Let an operator manage the server [053], under a certificate that this one issued."""
        self._manager = plmn
        for link in self._links:
            link.end()

    def with_operator(self, node: str, plmn: PLMN, interface: Interface) -> SecuredLink:
        """Join an operator's node and the server by mutual TLS, as far as they agreed."""
        name = f"{plmn}.{interface}"

        def operator_end(*, server: bool) -> Endpoint:
            own = identity_of(name, IMPOSTOR if name in self.impersonated else name)
            other = self._server
            return Endpoint(
                own, frozenset({other}), server=server, peer=None if server else other.name
            )

        def server_end(*, server: bool) -> Endpoint:
            pinned = frozenset({identity_of(name, name)} if plmn in self.agreed else ())
            return Endpoint(self._server, pinned, server=server, peer=None if server else name)

        link = SecuredLink(
            {
                node: (lambda: operator_end(server=False), lambda: server_end(server=True)),
                SERVER: (lambda: server_end(server=False), lambda: operator_end(server=True)),
            }
        )
        self._links.append(link)
        return link

    @property
    def _server(self) -> Identity:
        """What the server presents; independent, it has issued it itself."""
        name = f"{SERVER}.{self._manager}" if self._manager else SERVER
        return identity_of(name, name)


def inside_network(ends: Mapping[str, Identity]) -> SecuredLink:
    """Join two nodes of one network, each of which knows the certificate of the other.

    Args:
        ends: what each of the two nodes presents, by its name.
    """

    def make(node: str, *, server: bool) -> Endpoint:
        (other,) = ends.keys() - {node}
        peer = None if server else ends[other].name
        return Endpoint(ends[node], frozenset({ends[other]}), server=server, peer=peer)

    one, other = ends
    return SecuredLink(
        {
            client: (partial(make, client, server=False), partial(make, server, server=True))
            for client, server in ((one, other), (other, one))
        }
    )
