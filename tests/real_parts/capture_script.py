"""Inside a namespace: the demo between processes, and tshark on the wire.

Prints a line for each thing that held; the first that does not ends it.
"""

import asyncio
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from impl.served.demo import Demo
from impl.served.deployment import read_deployment, split_address

ABOUT_A_CHANGE = 2
REPORTS = "gsup.msg_type == 0x26 || gsup.msg_type == 0x2a"
"""MO- and MT-ForwardSM results: tshark takes the report in them for a message."""


def main(folder):
    capture = folder / "wire.pcapng"
    listening = ["tshark", "-i", "lo", "-w", str(capture), "-q"]
    with subprocess.Popen(listening, stderr=subprocess.PIPE, text=True) as tshark:
        while "Capturing" not in tshark.stderr.readline():
            pass
        time.sleep(0.5)
        asyncio.run(Demo(folder, [].append).run())
        time.sleep(0.5)
        tshark.terminate()
    deployment = read_deployment(folder / "deployment.yaml")
    ports = decoded(deployment)
    assert read(capture, ports, "gsup.msg_type == 0x26 && _ws.malformed"), "tshark was mended"
    malformed = read(capture, ports, f"_ws.malformed && !({REPORTS})")
    assert not malformed, malformed
    print("nothing is malformed but what tshark takes for another message")
    rows = [(*one.split("\t"), "")[:2] for one in read(capture, ports, "tcp")]
    protocols = Counter(name for stack, _ in rows for name in stack.split(":"))
    for name in ("smpp", "gsup", "tls"):
        assert protocols[name] > ABOUT_A_CHANGE, protocols
        print(f"there is {name}")
    assert protocols["http"] == 0, "operator messages in clear"
    assert protocols["json"] == 0, "operator messages in clear"
    print("no operator message in clear")
    versions = {version for _, version in rows if version}
    assert versions == {"0x0304"}, versions
    print("TLS 1.3 and nothing older")


def decoded(deployment):
    """Return what tells tshark which port speaks what."""
    spoken = {deployment.application_server.listens: "tls"}
    for part in deployment.networks:
        spoken |= {part.smpp: "smpp", part.gsup: "gsm_ipa"}
        spoken |= {part.register_listens: "tls", part.centre_listens: "tls"}
    told = []
    for address, protocol in spoken.items():
        told += ["-d", f"tcp.port=={split_address(address)[1]},{protocol}"]
    return told


def read(capture, ports, which):
    """Return the protocols of each packet of a filter, and the TLS version that it offers."""
    fields = ["frame.protocols", "tls.handshake.extensions.supported_version"]
    shown = [part for field in fields for part in ("-e", field)]
    command = ["tshark", "-r", str(capture), *ports, "-Y", which, "-T", "fields", *shown]
    done = subprocess.run(
        [*command, "-E", "occurrence=f"], check=True, capture_output=True, text=True
    )
    return done.stdout.splitlines()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
