import asyncio

import yaml

from impl.served.deployment import read_deployment
from impl.served.lines import OF_NETWORK, TO_SERVER, Lines, lines_of, servers_of

PLMNS = ("20801", "26202")


def addresses(path):
    """Return all addresses by line."""
    plan = yaml.safe_load(path.read_text("utf-8"))
    found = {TO_SERVER: plan["application_server"]["listens"]}
    for part in plan["networks"]:
        found |= {f"{line} {part['plmn']}": part[key] for line, (key, _) in OF_NETWORK.items()}
    return found


def test_there_is_a_line_to_everybody_who_listens_to_others(file):
    assert set(addresses(file)) == set(lines_of(PLMNS))


def test_each_process_dials_the_proxies_and_listens_where_it_did(file):
    lines = Lines(file, lines_of(PLMNS))
    real = addresses(file)
    seen = {process: addresses(lines.file_of(process)) for process in ("crowd", "hlr 20801")}
    assert not set(seen["crowd"].values()) & set(real.values())
    own = {"register 20801", "gsup 20801"}
    assert {line for line, address in seen["hlr 20801"].items() if address == real[line]} == own
    assert read_deployment(lines.file_of("vlr 20801")).network("20801").radio == real["radio 20801"]
    assert addresses(lines.file_of("application-server"))[TO_SERVER] == real[TO_SERVER]


def test_only_the_lines_that_are_named_lead_through_proxies(file):
    seen, real = addresses(Lines(file, ["smpp 26202"]).file_of("crowd")), addresses(file)
    assert {line for line in real if seen[line] != real[line]} == {"smpp 26202"}


def test_behind_several_servers_is_one_address_and_each_listens_on_its_own(file):
    names = servers_of(3)
    assert names == ["application-server", "application-server 2", "application-server 3"]
    lines = Lines(file, [], servers=3)
    real = addresses(file)
    own = [addresses(lines.file_of(name))[TO_SERVER] for name in names]
    dialled = addresses(lines.file_of("crowd"))
    assert own[0] == real[TO_SERVER]
    assert len({*own, dialled[TO_SERVER]}) == 4
    assert {line for line in real if dialled[line] != real[line]} == {TO_SERVER}


def test_without_lines_all_read_one_file(file):
    assert Lines(file, []).file_of("crowd") == file


def test_a_line_carries_until_it_is_cut(file):
    async def go():
        async def greet(_, writer):
            writer.write(b"welcome")
            writer.close()

        name = "smpp 20801"
        server = await asyncio.start_server(greet, *addresses(file)[name].split(":"))
        lines = Lines(file, [name])
        await lines.open()
        before = addresses(lines.file_of("crowd"))[name].split(":")
        heard = []
        for is_cut in (False, True):
            if is_cut:
                await lines[name].cut()
            reader, writer = await asyncio.open_connection(*before)
            try:
                heard.append(await reader.read())
            except ConnectionResetError:
                heard.append(b"")
            writer.close()
        await lines.close()
        server.close()
        return heard

    assert asyncio.run(go()) == [b"welcome", b""]
