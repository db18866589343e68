"""Which texts the partner API takes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.tickets import tickets_api
from shared.text_rules import control_character, refused_texts
from tests.support.api_events import body_of, function_context, partner, rest_event


@pytest.mark.parametrize(
    "text",
    [
        "Müller & Söhne",
        "株式会社プラテン",
        "  spaces around\r\n",
        "",
        "\U0001f469\u200d\U0001f4bb",
        "zero-width\u200cjoin",
        "tel. +49 (30) 1-2",
    ],
)
def test_what_people_write_is_taken(text: str) -> None:
    assert control_character(text) is None


@pytest.mark.parametrize(
    ("text", "character"),
    [
        ("a\x00b", "\x00"),
        ("line\nbreak", "\n"),
        ("tab\there", "\t"),
        ("\x1bred", "\x1b"),
        ("del\x7f", "\x7f"),
        ("next\x85line", "\x85"),
        ("\u202egnp.exe", "\u202e"),
        ("zero\u200bwidth", "\u200b"),
        ("\ufeffbom", "\ufeff"),
        ("para\u2029graph", "\u2029"),
        ("lone\ud800", "\ud800"),
        ("end\x1c", "\x1c"),
    ],
)
def test_what_cannot_be_shown_or_turns_the_rest_around_is_refused(text: str, character: str) -> None:
    assert control_character(text) == character


def test_notes_and_reasons_may_have_lines_and_nothing_else_may() -> None:
    body = {"notes": "ring twice\n\tthen wait", "reason": "a\r\nb", "name": "a\nb"}

    assert [error.pointer for error in refused_texts(body)] == ["/name"]
    assert [error.pointer for error in refused_texts({"notes": "bell\x07"})] == ["/notes"]


def test_every_text_at_fault_is_named_by_its_place() -> None:
    body = {"address": {"city": "a\x00"}, "lines": [{"text": "fine"}, {"text": "\x1b"}], "b\x00d": 1}

    pointers = [error.pointer for error in refused_texts(body)]

    assert pointers == ["/address/city", "/lines/1/text", "/"]


@given(st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs"])))
def test_no_visible_text_is_refused(text: str) -> None:
    assert control_character(text) is None


@given(st.text(), st.characters(categories=["Cc", "Zl", "Zp"]), st.text())
def test_no_control_character_inside_a_text_gets_through(before: str, character: str, after: str) -> None:
    assert control_character(f"x{before}{character}{after}x") is not None


def test_an_operation_of_any_context_refuses_them_with_a_pointer() -> None:
    body: Any = json.dumps({"to": "triage", "reason": "\u202eevil"})
    path = "/v1/service-calls/cal_01jd2x00000000000000000001/transitions"

    answer = tickets_api.lambda_handler(rest_event("POST", path, body, caller=partner()), function_context())

    assert (answer["statusCode"], body_of(answer)["code"]) == (422, "invalid_request")
    assert [error["pointer"] for error in body_of(answer)["errors"]] == ["/reason"]
    assert "U+202E" in answer["body"]
