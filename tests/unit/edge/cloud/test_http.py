import asyncio
import gzip
import ssl
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import trustme
from pydantic import SecretStr

from edge.cloud import http as http_room
from edge.cloud.http import Answer, CloudClient, CloudUnreachableError, Problem
from edge.cloud.keys import ServerClock
from tests.support.edge_sending import NOON, a_settings


def ask(folder: Path, transport: httpx.MockTransport) -> Answer:
    async def go() -> Answer:
        async with CloudClient(a_settings(folder), ServerClock(), transport) as client:
            return await client.request("GET", "/v1/config")

    return asyncio.run(go())


def test_an_answer_that_does_not_end_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_room, "MAX_ANSWER_BYTES", 1_000)

    with pytest.raises(CloudUnreachableError, match="over 1000 bytes"):
        ask(tmp_path, httpx.MockTransport(lambda _: httpx.Response(200, content=b"x" * 1_001)))


def test_a_server_that_does_not_answer_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_room, "REQUEST_SECONDS", 0.05)

    async def silence(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(3_600)
        return httpx.Response(200)

    with pytest.raises(CloudUnreachableError, match="did not answer within"):
        ask(tmp_path, httpx.MockTransport(silence))


def test_a_redirect_is_not_followed(tmp_path: Path) -> None:
    asked: list[str] = []

    def elsewhere(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(307, headers={"location": "https://evil.example/"})

    assert ask(tmp_path, httpx.MockTransport(elsewhere)).status == 307
    assert asked == ["agents.example.test"]


@pytest.mark.parametrize("coding", ["gzip", "gzip, gzip", "br"])
def test_an_answer_that_is_compressed_unasked_is_not_unpacked(tmp_path: Path, coding: str) -> None:
    packed = gzip.compress(gzip.compress(b"{}"))
    answer = httpx.Response(200, headers={"content-encoding": coding}, stream=httpx.ByteStream(packed))

    with pytest.raises(CloudUnreachableError, match="compressed"):
        ask(tmp_path, httpx.MockTransport(lambda _: answer))


def test_no_compression_is_asked_for(tmp_path: Path) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["accept-encoding"])
        return httpx.Response(200)

    ask(tmp_path, httpx.MockTransport(answer))

    assert asked == ["identity"]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ({}, None),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "Wed, 04 Mar 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Wed, 04 Mar 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "1e9"}, None),
        ({"retry-after": f"Wed, 04 Mar 2026 12:00:30 +{'9' * 30}"}, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: dict[str, str], seconds: float | None) -> None:
    assert Answer(503, httpx.Headers(header), b"").retry_after_seconds(NOON) == seconds


def test_a_problem_names_its_fields_and_their_fixes() -> None:
    problem = Problem.model_validate(
        {"title": "Invalid", "detail": "See errors.", "errors": [{"pointer": "/proof", "detail": "It has expired."}]}
    )

    assert str(problem) == "Invalid: See errors. /proof: It has expired."


def test_a_problem_says_nothing_twice() -> None:
    problem = Problem.model_validate({"detail": "Unknown.", "errors": [{"pointer": "/code", "detail": "Unknown."}]})

    assert str(problem) == "Unknown."


def test_a_problem_cannot_act_on_the_terminal_that_shows_it() -> None:
    problem = Problem.model_validate({"title": "\x1b]0;owned\x07No", "detail": "\x9b2Jwell\u202e", "errors": []})

    assert str(problem).isprintable()


def test_only_a_problem_document_is_a_problem() -> None:
    problem = b'{"title": "Refused"}'

    assert Answer(400, httpx.Headers({"content-type": "application/json"}), problem).problem is None
    assert Answer(400, httpx.Headers({"content-type": "application/problem+json"}), b"<html>").problem is None
    assert Answer(400, httpx.Headers({"content-type": "application/problem+json"}), problem).problem is not None


def test_the_servers_time_is_kept_as_an_offset() -> None:
    clock = ServerClock()

    clock.observe("Wed, 04 Mar 2026 12:10:00 GMT", NOON)

    assert clock.corrected(NOON) == NOON + timedelta(minutes=10)


@pytest.mark.parametrize("date", ["Fri, 31 Dec 9999 23:59:59 GMT", f"Wed, 04 Mar 2026 12:00:00 +{'9' * 30}"])
def test_a_time_that_no_server_has_changes_nothing(date: str) -> None:
    clock = ServerClock()

    clock.observe(date, NOON)

    assert not clock.is_known
    assert clock.corrected(NOON + timedelta(days=1)) == NOON + timedelta(days=1)


def test_session_keys_are_never_written_down_whatever_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contexts: list[ssl.SSLContext] = []
    for name in ("SSLKEYLOGFILE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    monkeypatch.setattr(
        httpx, "AsyncClient", lambda **given: contexts.extend((given["verify"], given["proxy"].ssl_context))
    )
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    own = {"proxy": SecretStr("https://proxy.example:3128")}

    for change in ({}, {"ca_file": tmp_path / "ca.pem"}):
        CloudClient(a_settings(tmp_path).model_copy(update={**own, **change}), ServerClock())

    assert [context.keylog_filename for context in contexts] == [None] * 4
    assert not (tmp_path / "elsewhere").exists()
    assert all(context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname for context in contexts)
    assert all(context.minimum_version is ssl.TLSVersion.TLSv1_2 for context in contexts)
