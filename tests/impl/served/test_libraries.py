import asyncio
import logging

import pytest
from aiohttp import web

from impl.served.libraries import LibraryLog, hear_libraries

KEY = "00112233445566778899aabbccddeeff"


@pytest.fixture
def root():
    """The root logger, whose handlers are as before afterwards."""
    logger = logging.getLogger()
    before = logger.handlers[:]
    yield logger
    logger.handlers[:] = before


@pytest.fixture
def library(log):
    """A library that speaks to nobody but the log."""
    logger = logging.Logger("library")  # noqa: LOG001 - no other test is to hear it
    logger.addHandler(LibraryLog(log))
    return logger


def fail(library, error):
    try:
        raise error
    except type(error):
        library.exception("cannot read %s", KEY)


def test_a_failure_is_told_by_its_kind_and_not_by_its_text(library, lines):
    fail(library, ValueError(KEY))
    (line,) = lines.records
    assert (line["level"], line["name"], line["error"]) == ("error", "library", "ValueError")
    assert KEY not in str(line)


def test_what_a_peer_does_is_no_failure_of_ours(library, lines):
    fail(library, ConnectionResetError(KEY))
    assert [line["level"] for line in lines.records] == ["warning"]


def test_a_warning_without_an_error_is_told_and_anything_less_is_not(library, lines):
    library.info(KEY)
    library.warning(KEY)
    (line,) = lines.records
    assert (line["level"], line["error"]) == ("warning", "")
    assert KEY not in str(line)


async def speak(octets):
    """Say octets to a web server, and return its answer."""
    runner = web.AppRunner(web.Application())
    await runner.setup()
    server = await asyncio.get_running_loop().create_server(runner.server, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(octets)
    answer = await reader.read()
    writer.close()
    server.close()
    await runner.cleanup()
    return answer


def test_what_a_server_could_not_read_stands_in_no_log(log, lines, root, capfd):
    hear_libraries(log)
    request = f'GET / HTTP/1.1\r\nHost: a\r\n{{"k":"{KEY}"}}\r\n\r\n'
    answer = asyncio.run(speak(request.encode()))
    assert b" 400 " in answer
    assert [line["event"] for line in lines.records] == ["library"]
    assert KEY not in str(lines.records)
    assert not capfd.readouterr().err
    assert [type(one) for one in root.handlers] == [LibraryLog]
