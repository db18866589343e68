"""The stages of silence as they are set for a site: of the rule, of the daily look, and as partners see them."""

from datetime import timedelta
from functools import partial
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from functions.ingest import settings
from functions.ingest.silence.coverage import coverage
from functions.ingest.silence.episodes import Stage, Stages
from functions.ingest.silence.watch import due_watches, look_after
from functions.ingest.table import keys
from shared.clock import utc_now
from shared.directory.inherited import DEFINITIONS, Level, SettingName, key_of
from shared.table import Item, Table
from shared.visibility import Visible
from tests.support.api_events import CHILD_ORGANIZATION, ROOT_ORGANIZATION, SITE, body_of
from tests.support.fleet_door import activated, fleet, send, tables
from tests.support.ingest import NOW, FakeDocuments, packed, reading, upload_body
from tests.unit.ingest.test_agent_life import details
from tests.unit.ingest.test_watch import DAY, HOUR, Site, names

__all__ = ["tables"]  # the fixture
ALL = {name: definition.default for name, definition in DEFINITIONS.items()}
DAYS = st.integers(1, 365)
EPISODE = keys.silence("any", "any")[1]


def stages(stale: int, exception: int, lost: int) -> Stages:
    set_days = {SettingName.SILENCE_STALE: stale, SettingName.SILENCE_EXCEPTION: exception}
    return Stages.of(ALL | set_days | {SettingName.SILENCE_LOST: lost})


def set_days(days: Stages, _watch: Item) -> Stages:
    return days


def fail(_agent_id: str, error: Exception) -> None:
    raise error


def test_without_a_setting_the_stages_are_those_of_the_rule() -> None:
    """SUP-30."""
    assert Stages.of(ALL) == Stages() == Stages.of_watch(None) == Stages(3, 7, 30)


@given(DAYS, DAYS, DAYS)
def test_stages_rise_whatever_is_set_where(stale: int, exception: int, lost: int) -> None:
    found = stages(stale, exception, lost)

    assert found.stale == stale
    assert found.stale < found.exception < found.lost
    assert (exception <= stale) or found.exception == exception
    assert (lost <= found.exception) or found.lost == lost
    assert Stages.of_watch({"stages": found.as_kept()}) == found


@given(DAYS, DAYS, DAYS, st.integers(0, 400 * 24))
def test_a_silence_only_ever_gets_worse_with_time(stale: int, exception: int, lost: int, hours: int) -> None:
    order = [None, *Stage]
    found = stages(stale, exception, lost)

    now, later = (Stage.at(NOW - timedelta(hours=each), NOW, found) for each in (hours, hours + 24))

    assert order.index(now) <= order.index(later) <= order.index(now) + 1
    assert (now is None) == (hours < 24 * stale)


def test_a_site_that_wants_to_know_sooner_is_told_sooner(fake: FakeDocuments) -> None:
    site, told = Site(fake), list[str]()
    site.send(HOUR, "A")

    for day in range(1, 6):
        now = NOW + HOUR + day * DAY
        site.send(now - NOW - timedelta(minutes=1), "B")
        for watches in list(due_watches(fake, now)):
            look_after(fake, watches, now, fail, stages_for=lambda _watch: Stages(1, 2, 4))
        told += names(site.sweep(now - NOW))
        (episode,) = [item for key, item in fake.items.items() if key[1] == EPISODE]
        assert episode["stage"] == {1: "stale", 2: "exception", 3: "exception"}.get(day, "lost")

    assert told == ["PrinterSilent"]
    total = coverage(fake, Visible(ROOT_ORGANIZATION, f"/{ROOT_ORGANIZATION}/")).total
    assert (total.reporting, total.lost) == (1, 1)


def test_what_is_set_for_a_site_is_in_force_with_the_next_daily_look(tables: dict[str, Table]) -> None:
    grant = activated()
    taken_at = utc_now() - timedelta(days=2)
    body = upload_body(reading("old", taken_at=taken_at), seq=1, sent_at=utc_now())
    printer = body_of(send(grant, packed(body)))["outcomes"][0]["printer_id"]
    pk, sk = key_of(ROOT_ORGANIZATION, (Level.SITE, SITE))
    explicit = {SettingName.SILENCE_STALE.value: 1, SettingName.SILENCE_EXCEPTION.value: 2}
    tables["accounts"].put({"pk": pk, "sk": sk, "level": "site", "entity_id": SITE, "values": explicit})
    documents = settings.documents()

    def found(communication: str) -> list[str]:
        listed = body_of(fleet("GET", "/v1/printers", query={"communication": communication}))["items"]
        return [each["printer_id"] for each in listed]

    def shown() -> Any:  # noqa: ANN401 - any JSON
        return body_of(fleet("GET", f"/v1/printers/{printer}"))["silence"]

    assert (found("stale"), found("exception"), shown()) == ([], [], None)

    day_after = utc_now() + timedelta(days=1, minutes=1)
    for watches in list(due_watches(documents, day_after)):
        look_after(documents, watches, day_after, fail, stages_for=settings.stages_for)

    assert (found("stale"), found("exception"), shown()["stage"]) == ([], [printer], "exception")
    assert details(grant.agent_id)["printers_by_state"] == {"reporting": 0, "stale": 0, "exception": 1, "lost": 0}
    assert CHILD_ORGANIZATION in str(tables["fleet"].get(*keys.watch(grant.agent_id)))


def test_a_printer_is_heard_again_only_when_it_was_read_whatever_days_are_set_meanwhile(fake: FakeDocuments) -> None:
    site, told = Site(fake), dict[int, list[str]]()
    site.send(HOUR, "A")

    for day in range(1, 14):
        now = NOW + HOUR + day * DAY
        site.send(now - NOW - timedelta(minutes=1), *(["A", "B"] if day == 12 else ["B"]))
        days = Stages() if day < 5 else Stages(9, 10, 30)
        for hours in (0, 7):
            for watches in list(due_watches(fake, now + hours * HOUR)):
                look_after(fake, watches, now + hours * HOUR, fail, stages_for=partial(set_days, days))
            found = [each for each in names(site.sweep(now + hours * HOUR - NOW)) if each.startswith("Printer")]
            told |= {day: [*told.get(day, []), *found]} if found else {}

    assert told == {3: ["PrinterSilent"], 12: ["PrinterHeard"]}
    assert not site.failed
