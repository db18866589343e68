"""The agent's socket and command line against printers on loopback UDP."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.cli.main import app
from edge.reading.discovery import sweep
from edge.reading.reader import Reader, ReaderLimits, ReadError
from edge.snmp.ber import cut
from edge.snmp.codec import RequestKind, prepare
from edge.snmp.oids import SYS_DESCR
from edge.snmp.targets import Target
from edge.snmp.transport import Address, NoAnswer, Pacer, Transport
from local.printers.responder import Responder, bind_udp
from local.printers.rows import MibView, object_id, text, ticks
from tests.support.edge import FixedClock, printer_rows, reply_octets
from tests.support.stopwatch import run_jumping

REQUEST = prepare(RequestKind.GET, "public", ((*SYS_DESCR, 0),))
Reply = Callable[[int], list[bytes]]


class TinyPrinter:
    community = "public"
    silent = False

    def __init__(self, name: str = "HP LaserJet Tiny") -> None:
        self._view = MibView(
            printer_rows(
                system={"1.1.0": text("HP ETHERNET"), "1.2.0": object_id((1, 3, 6, 1, 4, 1, 11, 2, 3, 9, 1))},
                more={"1.3.0": ticks(100), "25.3.2.1.3.1": text(name), "43.5.1.1.17.1": text("CNTINY0001")},
            )
        )

    def view(self) -> MibView:
        return self._view


class Scripted(asyncio.DatagramProtocol):
    """Answers each datagram with what the script says for its request id."""

    def __init__(self, script: Reply) -> None:
        self.script = script
        self.received: list[int] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Address) -> None:
        request_id = cut(data).request_id
        self.received.append(request_id)
        for octets in self.script(request_id):
            self.transport.sendto(octets, addr)  # type: ignore[attr-defined] # asyncio's own transport has it


@asynccontextmanager
async def scripted(script: Reply) -> AsyncIterator[tuple[Scripted, Address]]:
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(lambda: Scripted(script), local_addr=("127.0.0.1", 0))
    try:
        yield protocol, transport.get_extra_info("sockname")
    finally:
        transport.close()


def answer(request_id: int, words: bytes = b"right") -> bytes:
    return reply_octets(request_id, [("1.3.6.1.2.1.1.1.0", words)])


def exchanged(script: Reply, waits: tuple[float, ...] = (0.3, 0.3)) -> tuple[bytes, list[int]]:
    async def run() -> tuple[bytes, list[int]]:
        async with scripted(script) as (printer, address), Transport() as transport:
            received = await transport.exchange(address, REQUEST, waits)
            value = received.reply.bindings[0][1]
            assert isinstance(value, bytes)
            return value, printer.received

    return run_jumping(run())


def test_a_lost_request_is_sent_again_with_the_same_id() -> None:
    asked: list[int] = []

    def second_time(request_id: int) -> list[bytes]:
        asked.append(request_id)
        return [answer(request_id)] if len(asked) == 2 else []

    value, received = exchanged(second_time, (0.05, 1.0))

    assert value == b"right"
    assert received[0] == received[1]


def test_a_reply_to_a_request_that_was_never_sent_is_ignored() -> None:
    value, _ = exchanged(lambda request_id: [answer(request_id ^ 1, b"wrong"), answer(request_id)])

    assert value == b"right"


def test_a_malformed_reply_costs_one_attempt_and_not_the_wait() -> None:
    asked: list[int] = []

    def garbage_first(request_id: int) -> list[bytes]:
        asked.append(request_id)
        return [b"\x30\x05garbage"] if len(asked) == 1 else [answer(request_id)]

    value, _ = exchanged(garbage_first, (30.0, 1.0))

    assert value == b"right"


def test_a_reply_from_another_address_is_ignored() -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        stranger, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0))

        class Betrayed(Scripted):
            def datagram_received(self, data: bytes, addr: Address) -> None:
                stranger.sendto(answer(cut(data).request_id, b"wrong"), addr)

        transport, _ = await loop.create_datagram_endpoint(
            lambda: Betrayed(lambda _request_id: []), local_addr=("127.0.0.1", 0)
        )
        try:
            async with Transport() as agent:
                with pytest.raises(NoAnswer):
                    await agent.exchange(transport.get_extra_info("sockname"), REQUEST, (0.2,))
        finally:
            stranger.close()
            transport.close()

    run_jumping(run())


def test_the_rate_limit_spreads_datagrams() -> None:
    async def run() -> float:
        async with (
            scripted(lambda number: [answer(number)]) as (_, address),
            Transport(rate_limit_pps=100) as transport,
        ):
            began = asyncio.get_running_loop().time()
            await asyncio.gather(*(transport.exchange(address, REQUEST, (1.0,)) for _ in range(21)))
            return asyncio.get_running_loop().time() - began

    assert run_jumping(run()) >= 0.19


@asynccontextmanager
async def printers(count: int) -> AsyncIterator[list[Target]]:
    responder = Responder()
    try:
        served = [
            await responder.serve(TinyPrinter(f"HP LaserJet {n}"), bind_udp(("127.0.0.1", 0))) for n in range(count)
        ]
        yield [Target(*address) for address in served]
    finally:
        responder.close()


def test_one_dead_printer_delays_no_other() -> None:
    async def run() -> tuple[list[str | None], str]:
        limits = ReaderLimits(timeout_seconds=0.3, retries=0)
        async with printers(20) as targets, Reader(FixedClock(), limits=limits) as reader:
            dead = asyncio.create_task(reader.read(Target("127.0.0.1", 9)))
            found = await asyncio.gather(*(reader.read(target) for target in targets))
            assert not dead.done()
            with pytest.raises(ReadError) as failed:
                await dead
            return [reading.identity.model for reading in found], failed.value.stage

    models, stage = run_jumping(run())

    assert models == [f"LaserJet {n}" for n in range(20)]
    assert stage == "answer"


def test_a_sweep_finds_printers_and_asks_the_silent_again_last() -> None:
    async def run() -> tuple[list[Target], list[Target], list[tuple[int, int]]]:
        progress: list[tuple[int, int]] = []
        async with printers(3) as targets, Transport() as transport:
            silent = [Target("127.0.0.1", 9), Target("no-such-host.invalid")]
            found = [
                target
                async for target in sweep(
                    transport,
                    [*silent, *targets],
                    pacer=Pacer(None),
                    on_progress=lambda done, all_: progress.append((done, all_)),
                    rounds=(0.1, 0.1),
                )
            ]
            return found, targets, progress

    found, targets, progress = run_jumping(run())

    assert set(found) == set(targets)
    assert progress[-1] == (5, 5)


def run_cli(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def fleet() -> "Fleet":
    return Fleet()


class Fleet:
    """Runs a command in a thread while printers answer on this loop."""

    def run(self, command: Callable[[list[Target]], list[str]]) -> tuple[int, str, str]:
        async def serve() -> tuple[int, str, str]:
            async with printers(2) as targets:
                return await asyncio.to_thread(run_cli, *command(targets))

        return asyncio.run(serve())


def test_read_prints_one_reading_as_json(fleet: Fleet) -> None:
    code, out, _ = fleet.run(lambda targets: ["read", str(targets[0]), "--json"])

    assert code == 0
    assert json.loads(out)["identity"]["serial_number"] == "CNTINY0001"


def test_read_prints_tables_for_people(fleet: Fleet) -> None:
    code, out, _ = fleet.run(lambda targets: ["read", str(targets[0])])

    assert code == 0
    assert "LaserJet 0" in out
    assert "not supported" in out


def test_poll_gives_a_line_for_each_printer_and_ends_well(fleet: Fleet, tmp_path: Path) -> None:
    file = tmp_path / "targets"

    def command(targets: list[Target]) -> list[str]:
        lines = ["# printers", *(f"{target} public" for target in targets), "127.0.0.1:9 s3cret  # dead"]
        file.write_text("\n".join(lines), "utf-8")
        return ["poll", "--targets", str(file), "--json-lines", "--timeout", "0.2", "--retries", "0"]

    code, out, err = fleet.run(command)

    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert sorted(line["identity"]["model"] for line in lines if "identity" in line) == ["LaserJet 0", "LaserJet 1"]
    assert [(line["target"], line["stage"]) for line in lines if "error" in line] == [("127.0.0.1:9", "answer")]
    assert "s3cret" not in out + err


def test_discover_lists_the_printers(fleet: Fleet) -> None:
    code, out, _ = fleet.run(lambda targets: ["discover", *map(str, targets), "127.0.0.1:9", "--json"])

    assert code == 0
    assert len(json.loads(out)) == 2


def test_nothing_that_answers_is_failure_one() -> None:
    code, out, err = run_cli("read", "127.0.0.1:9", "--timeout", "0.1", "--retries", "0", "--json")

    assert (code, out) == (1, "")
    assert "127.0.0.1:9: no answer" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["read", "10.0.0.300"], "10.0.0.300"),
        (["read", "10.0.0.0/30"], "HOST"),
        (["poll", "--targets", "/no/such/file"], "/no/such/file"),
        (["discover", "10.0.0.9-5"], "ends before it begins"),
        (["read", "10.0.0.1", "--timeout", "0"], "--timeout"),
    ],
)
def test_misuse_is_failure_two_and_names_the_field(arguments: list[str], words: str) -> None:
    code, _, err = run_cli(*arguments)

    assert code == 2
    assert words in err


def test_a_targets_file_with_a_bad_line_is_refused_by_line(tmp_path: Path) -> None:
    file = tmp_path / "targets"
    file.write_text("10.0.0.1\n10.0.0.2 community extra\n", "utf-8")

    code, _, err = run_cli("poll", "--targets", str(file))

    assert code == 2
    assert f"{file}:2:" in err
