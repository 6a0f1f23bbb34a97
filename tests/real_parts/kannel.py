"""Kannel as an ESME that nobody here wrote: bearerbox binds, smsbox takes messages over HTTP."""

import subprocess
import urllib.error
import urllib.parse
import urllib.request
from contextlib import ExitStack, contextmanager, suppress

from parties import listens, wait

ADMIN, BOXES, HTTP = 13100, 13101, 13103
CONFIG = """group = core
admin-port = {admin}
admin-password = lab
smsbox-port = {boxes}
log-file = "{folder}/bearerbox.log"
log-level = 1
box-allow-ip = "127.0.0.1"

group = smsc
smsc = smpp
smsc-id = ours
host = 127.0.0.1
port = {port}
transceiver-mode = true
smsc-username = {system_id}
smsc-password = {password}
system-type = ""
enquire-link-interval = 1
reconnect-delay = 1
source-addr-ton = 1
source-addr-npi = 1
dest-addr-ton = 1
dest-addr-npi = 1
alt-dcs = 1

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {boxes}
sendsms-port = {http}
log-file = "{folder}/smsbox.log"
log-level = 1

group = sendsms-user
username = lab
password = lab
max-messages = 5
concatenation = true
user-allow-ip = "127.0.0.1"

group = sms-service
keyword = default
catch-all = true
max-messages = 0
text = ""
"""


@contextmanager
def kannel(folder, port, system_id, password):
    """Run both; yield what sends a binary message to a card: `send(sender, to, header, data)`."""
    file = folder / "kannel.conf"
    told = {"folder": folder, "port": port, "system_id": system_id, "password": password}
    file.write_text(CONFIG.format(admin=ADMIN, boxes=BOXES, http=HTTP, **told), "ascii")
    file.chmod(0o600)
    with ExitStack() as stack:
        for box, opens in (("bearerbox", BOXES), ("smsbox", HTTP)):
            process = stack.enter_context(
                subprocess.Popen(
                    [f"/usr/sbin/{box}", str(file)],
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            )
            stack.callback(process.kill)
            wait(lambda opens=opens: listens(f"127.0.0.1:{opens}"), box)
        yield send


def send(sender, to, header, data):
    """Give Kannel one message for the SIM of `to`, of whatever length: it splits it its own way."""
    asked = {
        "username": "lab",
        "password": "lab",
        "from": sender,
        "to": f"+{to}",
        "coding": "1",
        "mclass": "2",
        "pid": "127",
        "alt-dcs": "1",
        "udh": header,
        "text": data,
    }
    query = urllib.parse.urlencode(asked, quote_via=urllib.parse.quote)
    address = f"http://127.0.0.1:{HTTP}/cgi-bin/sendsms?{query}"
    taken = []

    def is_taken():  # smsbox listens before it has reached bearerbox
        with suppress(urllib.error.HTTPError), urllib.request.urlopen(address, timeout=5.0) as one:
            taken.append(one.read().decode())
        return bool(taken)

    wait(is_taken, "Kannel to take a message")
    return taken[0]
