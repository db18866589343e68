import asyncio
import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from edge.cli.main import app
from edge.cloud.uploader import Uploader
from edge.spool.journal import JOURNAL_FILE, Journal
from tests.support.edge_sending import FakeCloud, a_mint, a_problem, a_reading, a_spool, reported


def agent(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "agent.toml"
    file.write_text('server = "https://agents.example.test"\nstate_dir = "state"\n')
    (tmp_path / "state").mkdir()
    return file


@pytest.fixture
def cloud(config: Path) -> FakeCloud:
    """What a cloud got in three uploads: accepted, refused, rejected."""
    state = config.parent / "state"
    cloud = FakeCloud(reject=lambda reading_id: "no serial" if reading_id == "c" else None)

    async def send() -> None:
        mint = a_mint(state)
        async with cloud.client(state, mint.clock) as client:
            with a_spool(state) as spool, Journal(state / JOURNAL_FILE) as journal:
                uploader = Uploader(spool, client, mint, journal)
                for reading_id in ("a", "b", "c"):
                    spool.record([reported(a_reading(reading_id, serial=f"SN-{reading_id}"))])
                    cloud.script = [a_problem(503)] if reading_id == "b" else []
                    await uploader.attempt()
                    await uploader.attempt()

    asyncio.run(send())
    return cloud


def test_the_newest_uploads_are_listed(config: Path, cloud: FakeCloud) -> None:
    shown, for_machines = agent("journal", "--config", config), agent("journal", "--config", config, "--json")

    entries = json.loads(for_machines.stdout)
    assert (shown.exit_code, for_machines.exit_code) == (0, 0)
    assert [(entry["attempts"], entry["counts"]) for entry in entries] == [
        (1, {"rejected": 1}),
        (2, {"stored": 1}),
        (1, {"stored": 1}),
    ]
    assert entries[0]["outcomes"] == {"c": "rejected: no serial"}
    assert "1 rejected" in shown.stdout
    assert len(cloud.requests) == 4


def test_what_is_shown_of_an_upload_is_what_left_octet_for_octet(config: Path, cloud: FakeCloud) -> None:
    entries = json.loads(agent("journal", "--config", config, "--json").stdout)
    sent = [gzip.decompress(request.content) for request in cloud.requests]

    shown = [agent("journal", "show", str(entry["seq"]), "--config", config).stdout_bytes for entry in entries]

    assert shown == [sent[3], sent[2], sent[0]]
    assert [entry["sent_bytes"] for entry in entries] == [len(cloud.requests[n].content) for n in (3, 2, 0)]


def test_uploads_about_one_printer_and_a_limit(config: Path, cloud: FakeCloud) -> None:
    of_one = json.loads(agent("journal", "--config", config, "--json", "--printer", "sn-b").stdout)
    newest = json.loads(agent("journal", "--config", config, "--json", "--limit", "1").stdout)

    assert cloud.requests
    assert [entry["outcomes"] for entry in of_one] == [{"b": "stored"}]
    assert [entry["outcomes"] for entry in newest] == [{"c": "rejected: no serial"}]


def test_no_token_is_in_the_journals_files(config: Path, cloud: FakeCloud) -> None:
    octets = b"".join(file.read_bytes() for file in (config.parent / "state").glob("journal.db*"))
    tokens = {request.headers["authorization"].removeprefix("Bearer ") for request in cloud.requests}

    assert tokens
    assert octets
    for token in tokens:
        assert token.encode() not in octets
        assert token.split(".")[2].encode() not in octets


def test_an_upload_is_printed_for_a_person(config: Path, cloud: FakeCloud) -> None:
    seq = json.loads(agent("journal", "--config", config, "--json", "--limit", "1").stdout)[0]["seq"]

    shown = agent("journal", "show", str(seq), "--config", config, "--pretty").stdout

    assert cloud.requests
    assert '\n  "seq": ' in shown


def test_what_is_not_there_is_explained(config: Path) -> None:
    nothing, wrong = agent("journal", "--config", config), agent("journal", "--config", config.parent / "no.toml")

    assert (nothing.exit_code, wrong.exit_code) == (1, 2)
    assert "platen-agent run" in nothing.stderr
    assert "does not exist" in wrong.stderr
