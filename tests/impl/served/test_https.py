import asyncio
import ssl

import aiohttp
import pytest
from aiohttp import web

from impl.runtime.tls import make_identity
from impl.served import pki
from impl.served.https import HttpsListener


@pytest.fixture
def keys(tmp_path):
    pki.create_folder(tmp_path / "site", "localhost")
    made = pki.SiteKeys(tmp_path / "site")
    made.reload()
    return made


async def shown(port):
    """Return the certificate that a browser is shown."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    der = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    await writer.wait_closed()
    return der


def test_a_browser_is_answered_without_a_certificate_of_its_own(keys):
    async def go():
        site = HttpsListener(web.Application, keys)
        port = await site.open("127.0.0.1", 0)
        async with aiohttp.ClientSession() as session:
            answer = await session.get(f"https://127.0.0.1:{port}/", ssl=False)
            status = answer.status
        await site.close()
        return status

    assert asyncio.run(go()) == 404


def test_what_is_no_tls_is_not_answered(keys):
    async def go():
        site = HttpsListener(web.Application, keys)
        port = await site.open("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        heard = await reader.read()
        writer.close()
        await site.close()
        return heard

    assert b"HTTP" not in asyncio.run(go())


def test_a_new_certificate_is_shown_once_it_is_read(keys):
    async def go():
        site = HttpsListener(web.Application, keys)
        port = await site.open("127.0.0.1", 0)
        before = await shown(port)
        identity = make_identity("localhost")
        pki.write_identity(keys.folder, identity)
        assert await shown(port) == before
        keys.reload()
        after = await shown(port)
        await site.close()
        return after == identity.certificate_der != before

    assert asyncio.run(go())
