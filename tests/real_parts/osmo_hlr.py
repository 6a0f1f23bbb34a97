"""osmo-hlr as a process that can be killed and started again, and its own account of itself."""

import signal
import socket
import subprocess

from parties import listens, wait

from impl.codec.ipa import Extension, IpaFrame, StreamId, decode_ipa

GSUP, VTY, CONTROL = 4222, 4258, 4259
CONFIG = """log stderr
 logging filter all 1
 logging level set-all notice
line vty
 bind {address}
ctrl
 bind {address}
hlr
 gsup
  bind ip {address}
"""


class OsmoHlr:
    """One register; its database is a file, so that it outlives the process."""

    def __init__(self, folder, address, enter=()):
        """Take an address of its own; `enter` goes before its command, as for a namespace."""
        self.address = address
        self._folder = folder / f"osmo-{address}"
        self._folder.mkdir()
        self._enter = enter
        self._process = None
        (self._folder / "hlr.cfg").write_text(CONFIG.format(address=address), "ascii")

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *error):
        self.kill()

    @property
    def plan(self):
        """What a deployment file says of it."""
        return {
            "kind": "osmo",
            "gsup": f"{self.address}:{GSUP}",
            "control": f"{self.address}:{CONTROL}",
        }

    def start(self):
        with (self._folder / "hlr.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self._enter, "osmo-hlr", "-c", "hlr.cfg", "-l", "hlr.db"],
                cwd=self._folder,
                stdout=log,
                stderr=log,
            )
        if not self._enter:
            wait(lambda: listens(self.plan["control"]), f"osmo-hlr on {self.address}")

    def kill(self):
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def ask(self, *line):
        """Ask over the control interface, as an operator's own tool does; return the answer."""
        request = IpaFrame(StreamId.OSMO, bytes([Extension.CTRL]) + " ".join(line).encode())
        with socket.create_connection((self.address, CONTROL), 5.0) as one:
            one.sendall(request.encode())
            header = one.recv(3, socket.MSG_WAITALL)
            rest = one.recv(int.from_bytes(header[:2], "big"), socket.MSG_WAITALL)
        return decode_ipa(header + rest).content[1:].decode()

    def subscriber(self, imsi):
        """Return what it says of a subscriber, None if it knows none."""
        answer = self.ask("GET", "1", f"subscriber.by-imsi-{imsi}.info-all")
        if answer.startswith("ERROR"):
            assert "No such subscriber" in answer, answer
            return None
        return dict(row.split("\t") for row in answer.splitlines()[1:])
