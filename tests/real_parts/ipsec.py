"""Two sites joined by one wire, and strongSwan between them: IKEv2 with a pre-shared key, ESP.

The near site is the namespace that the script runs in, the far one a namespace of its own. ESP is
made in user space (kernel-libipsec), so that no kernel without it is in the way.
"""

import os
import secrets
import socket
import struct
import subprocess
import threading
from collections import Counter
from contextlib import ExitStack, contextmanager

from parties import wait

FAR = "far"
NEAR_WIRE, FAR_WIRE = "10.77.0.1", "10.77.0.2"
NEAR_HOST, FAR_HOST = "10.1.0.1", "10.2.0.1"
"""What the parties listen on; the tunnel is between these."""
INTO_FAR = ("ip", "netns", "exec", FAR)
CHARON = "/usr/lib/ipsec/charon"
DAEMON = """charon {{
  load = random nonce openssl aes sha1 sha2 hmac gcm kdf pem pkcs1 x509 constraints pubkey \
kernel-libipsec kernel-netlink socket-default vici updown
  plugins {{
    vici {{
      socket = unix://{folder}/vici
    }}
    kernel-libipsec {{
      load = yes
      allow_peer_ts = yes
    }}
  }}
}}
"""
CONNECTION = """connections {{
  operators {{
    version = 2
    local_addrs = {own_wire}
    remote_addrs = {other_wire}
    encap = yes
    proposals = aes256gcm16-prfsha256-ecp256
    local {{
      auth = psk
      id = {own_wire}
    }}
    remote {{
      auth = psk
      id = {other_wire}
    }}
    children {{
      parties {{
        local_ts = {own_host}/32
        remote_ts = {other_host}/32
        esp_proposals = aes256gcm16-ecp256
      }}
    }}
  }}
}}
secrets {{
  ike-agreed {{
    secret = 0x{key}
  }}
}}
"""
NEAR_SITE = (NEAR_WIRE, FAR_WIRE, NEAR_HOST, FAR_HOST)
FAR_SITE = (FAR_WIRE, NEAR_WIRE, FAR_HOST, NEAR_HOST)


def run(command):
    done = subprocess.run(command.split(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


def lay_wire():
    """Join the sites; without a tunnel what they say goes over the wire as it is."""
    run(f"ip netns add {FAR}")
    run(f"ip link add wire type veth peer name eriw netns {FAR}")
    for enter, link, own, other in (
        ("", "wire", (NEAR_WIRE, NEAR_HOST), (FAR_WIRE, FAR_HOST)),
        (f"-n {FAR}", "eriw", (FAR_WIRE, FAR_HOST), (NEAR_WIRE, NEAR_HOST)),
    ):
        run(f"ip {enter} link set lo up")
        run(f"ip {enter} addr add {own[0]}/24 dev {link}")
        run(f"ip {enter} addr add {own[1]}/32 dev lo")
        run(f"ip {enter} link set {link} up")
        run(f"ip {enter} route add {other[1]}/32 via {other[0]} src {own[1]}")


class Tunnel:
    """A strongSwan at each site; the key is the one that the operators agreed on."""

    def __init__(self, folder):
        self._folder = folder

    @contextmanager
    def dug(self, near_key=None):
        """Run both, and let the near one begin; another `near_key` is not the agreed one."""
        key = secrets.token_hex(32)
        with ExitStack() as stack:
            stack.enter_context(self._daemon("near", (), NEAR_SITE, near_key or key))
            stack.enter_context(self._daemon("far", INTO_FAR, FAR_SITE, key))
            yield self._control("near", "--initiate", "--child", "parties", "--timeout", "5")

    @contextmanager
    def _daemon(self, name, enter, site, key):
        folder = self._folder / name
        folder.mkdir(parents=True, mode=0o700)
        (folder / "strongswan.conf").write_text(DAEMON.format(folder=folder), "ascii")
        names = dict(zip(("own_wire", "other_wire", "own_host", "other_host"), site, strict=True))
        (folder / "swanctl.conf").write_text(CONNECTION.format(**names, key=key), "ascii")
        alone = ["unshare", "-m", "sh", "-c", f"mount -t tmpfs none /run; exec {CHARON}"]
        with subprocess.Popen(
            [*enter, *alone],
            env=os.environ | {"STRONGSWAN_CONF": str(folder / "strongswan.conf")},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as daemon:
            try:
                wait((folder / "vici").is_socket, f"strongSwan at the {name} site")
                loaded = self._control(name, "--load-all", "--noprompt", "--file")
                assert "loaded connection 'operators'" in loaded, loaded
                yield
            finally:
                daemon.terminate()

    def _control(self, name, what, *options):
        folder = self._folder / name
        options = [*options, str(folder / "swanctl.conf")] if "--file" in options else options
        done = subprocess.run(
            ["swanctl", what, *options, "--uri", f"unix://{folder}/vici"],
            env=os.environ
            | {"STRONGSWAN_CONF": str(folder / "strongswan.conf"), "SWANCTL_DIR": str(folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout + done.stderr


class Sniffer:
    """Hears every frame on the wire, and counts what it is and which of the marks stand in it."""

    def __init__(self, marks):
        self.marks = Counter(dict.fromkeys(marks, 0))
        self.frames = Counter()
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(3))
        self._socket.bind(("wire", 0))
        self._socket.settimeout(0.1)
        self._thread = threading.Thread(target=self._hear)
        self._ends = threading.Event()

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *error):
        self._ends.set()
        self._thread.join()
        self._socket.close()

    def _hear(self):
        while not self._ends.is_set():
            try:
                frame = self._socket.recv(65536)
            except TimeoutError:
                continue
            self.frames[kind(frame)] += 1
            for mark in self.marks:
                self.marks[mark] += mark in frame


def kind(frame):
    """Return what a frame is: `tcp`, `udp` and its port that is known, or `other`."""
    ethernet, ip = frame[12:14], frame[14:]
    if ethernet != b"\x08\0" or ip[9] not in {6, 17}:
        return "other"
    ports = struct.unpack_from(">HH", ip, 4 * (ip[0] & 0x0F))
    return "tcp" if ip[9] == 6 else f"udp {min(ports)}"
