"""A day of several agents, delivered late, twice and out of order, ends in the items that the day in order ends in."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.spool.changes import ReportedState, Rhythm, judge
from functions.ingest.meters.readings import CLOCK_TOLERANCE
from functions.ingest.meters.rollup import local_day
from functions.ingest.uploads.accept_upload import accept_upload
from shared.table import Item, to_attributes
from shared.wire.reading import InputTray, PrinterReading
from shared.wire.upload import Outcome, Upload, UploadReceipt, reading_body
from tests.support.ingest import BERLIN, NOW, FakeDocuments, reading, sender, supply, upload_body

AGENTS: Final = tuple(f"agt_01jd2x0000000000000000000{number}" for number in range(1, 4))
PRINTERS: Final = 2
POLLS: Final = 24
BEGAN: Final = NOW - timedelta(days=3)
EXAMPLES: Final = 1_000 if settings.get_current_profile_name() == "nightly" else 20
LATEST: Final = timedelta(hours=24)
OF_ARRIVAL: Final = {"version", "received_at"}
"""What says when, and how often, something arrived; and of a state its quarters, of which the day as seen has all."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One upload, when it left its agent."""

    agent_id: str
    at: datetime
    body: Upload


class Agent:
    """Polls its printers each hour and sends what the agent's own rule says."""

    def __init__(self, agent_id: str, chance: random.Random) -> None:
        self._agent_id = agent_id
        self._chance = chance
        self._pages = [1_000] * PRINTERS
        self._levels = [90] * PRINTERS
        self._states: list[ReportedState | None] = [None] * PRINTERS
        self._place_of: dict[str, int] = {}

    def poll(self, number: int) -> Sent | None:
        at, due = BEGAN + timedelta(hours=number), []
        for place in range(PRINTERS):
            printed = self._chance.random() < 0.4
            self._pages[place] += 30 * printed
            self._levels[place] -= printed and self._pages[place] % 60 == 0
            taken = self._reading(place, number, at)
            report = judge(self._states[place], taken, now=at, rhythm=Rhythm(3_600))
            if report is not None:
                self._states[place] = report.state
                self._place_of[taken.reading_id] = place
                same = report.unchanged
                due.append(reading_body(taken) if same is None else same.model_dump(mode="json"))
        body = upload_body(seq=number, boot_id=self._agent_id[-6:], sent_at=at) | {"readings": due}
        return Sent(self._agent_id, at, Upload.model_validate(body)) if due else None

    def learn(self, receipt: UploadReceipt) -> None:
        for outcome in receipt.outcomes:
            place = self._place_of[outcome.reading_id]
            state = self._states[place]
            if state is None or state.whole is None:
                continue
            if outcome.outcome is Outcome.RESEND:
                self._states[place] = replace(state, whole=replace(state.whole, printer_id=""))
            elif state.whole.reading_id == outcome.reading_id:
                self._states[place] = replace(state, whole=replace(state.whole, printer_id=outcome.printer_id or ""))

    def _reading(self, place: int, number: int, at: datetime) -> PrinterReading:
        serial = f"SN{self._agent_id[-2:]}{place}X"
        return reading(
            f"r-{self._agent_id[-2:]}-{place}-{number}",
            taken_at=at,
            serial_number=serial,
            mac_address=None,
            address=f"192.0.2.{place}",
            life_count=self._pages[place],
            supplies=[supply(self._levels[place])],
            inputs=[InputTray(index="1.1", current_level=self._pages[place] // 500)],
            uptime_ticks=360_000 * (number + 1),
        )


def deliver(documents: FakeDocuments, sent: Sent, now: datetime) -> UploadReceipt:
    return accept_upload(
        sent.body, sender=sender(now=now, agent_id=sent.agent_id), config_etag='"c"', documents=documents
    )


def a_day(seed: int) -> tuple[FakeDocuments, list[Sent], FakeDocuments]:
    """A store that knows the printers, what the agents sent after that, and the store when it had come in order."""
    chance = random.Random(seed)  # noqa: S311 - a simulation
    agents = [Agent(agent_id, chance) for agent_id in AGENTS]
    in_order, known, sent = FakeDocuments(), FakeDocuments(), []
    for number in range(POLLS):
        for agent in agents:
            upload = agent.poll(number)
            if upload is not None:
                agent.learn(deliver(in_order, upload, upload.at))
                sent += [upload] if number else []
        if number == 0:
            known.items = dict(in_order.items)
    return known, sent, in_order


def disordered(sent: list[Sent], chance: random.Random) -> Iterator[tuple[datetime, Sent]]:
    """Each upload one to five times, each time up to a day late."""
    copies = [
        (each.at + chance.random() * LATEST, number, each)
        for number, each in enumerate(sent)
        for _ in range(chance.randint(1, 5))
    ]
    for at, _, each in sorted(copies, key=lambda copy: copy[:2]):
        yield at, each


def ended(documents: FakeDocuments) -> list[dict[str, object]]:
    """Everything that is stored of printers, in DynamoDB's own typing."""
    states = [without(item, OF_ARRIVAL | {"quarters"}) for item in documents.of_kind("STATE")]
    others = [item for kind in ("META", "MEDIA", "IDENT", "PRN#") for item in documents.of_kind(kind)]
    told = [{name: item[name] for name in ("pk", "place", "told")} for item in documents.of_kind("CONTACT")]
    items = states + [without(item, OF_ARRIVAL) for item in documents.seen_days() + others] + told
    return [to_attributes(item) for item in items]


def without(item: Item, names: set[str]) -> Item:
    return {name: value for name, value in item.items() if name not in names}


@given(st.integers(0, 2**32))
@settings(max_examples=EXAMPLES, deadline=None)
def test_late_repeated_and_reordered_uploads_end_in_the_same_octets(seed: int) -> None:
    known, sent, in_order = a_day(seed)

    for at, upload in disordered(sent, random.Random(seed)):  # noqa: S311 - a simulation
        deliver(known, upload, at)

    assert ended(known) == ended(in_order)


def test_the_day_has_whole_and_unchanged_readings_and_each_kind_is_delivered_out_of_order() -> None:
    _, sent, in_order = a_day(1)
    order = [upload for _, upload in disordered(sent, random.Random(1))]  # noqa: S311 - a simulation

    whole = [raw for upload in sent for raw in upload.body.readings if "same_as" not in raw]
    unchanged = [raw for upload in sent for raw in upload.body.readings if "same_as" in raw]

    assert min(len(whole), len(unchanged)) > 30
    assert len(order) > len(sent)
    assert [upload.at for upload in order] != sorted(upload.at for upload in order)
    assert len(in_order.of_kind("STATE")) == len(AGENTS) * PRINTERS


@given(st.lists(st.integers(0, 23 * 60), min_size=2, max_size=8))
@settings(max_examples=30, deadline=None)
def test_a_clock_that_is_ahead_moves_no_page_to_a_day_after_it_arrived_and_holds_back_none(ahead: list[int]) -> None:
    documents = FakeDocuments()
    arrived = {1_000 + number: BEGAN + timedelta(hours=5 * number) for number in range(len(ahead))}
    for (count, now), minutes in zip(arrived.items(), ahead, strict=True):
        taken = reading(f"r{count}", taken_at=now + timedelta(minutes=minutes), life_count=count)
        body = Upload.model_validate(upload_body(taken, seq=count))
        accept_upload(body, sender=sender(now=now), config_etag='"c"', documents=documents)

    days = {item["day"]: item["last_counters"]["life_count"] for item in documents.seen_days()}
    true_days: dict[str, int] = {}
    for count, now in arrived.items():
        true_days[local_day(now, BERLIN)] = count
    late = {local_day(now + CLOCK_TOLERANCE, BERLIN) for now in arrived.values()}
    assert days.keys() <= true_days.keys() | late
    assert documents.of_kind("STATE")[0]["counters"][0]["value"] == max(arrived)
    assert {day: count for day, count in days.items() if day in true_days} == true_days
