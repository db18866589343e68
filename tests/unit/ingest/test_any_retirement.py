"""Whatever is read, retired and taken back in whatever order: a printer is in service or not, in all places alike."""

from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from functions.ingest.identities.retirement import RetirementReason, is_retired
from functions.ingest.lineages.retiring import NewRetirement, bring_back, retire
from functions.ingest.table import keys
from shared.directory import keys as directory
from tests.support.api_events import AGENT
from tests.support.ingest import NOW, reading
from tests.support.printer_lives import KEY, OTHER_AGENT, TENANT, THIRD_AGENT, Fleet, holding

HOUR: Final = timedelta(hours=1)
GONE: Final = NewRetirement(reason=RetirementReason.RETURNED)
steps = st.lists(
    st.one_of(
        st.tuples(
            st.just("read"), st.sampled_from([AGENT, OTHER_AGENT, THIRD_AGENT]), st.integers(min_value=0, max_value=30)
        ),
        st.tuples(st.just("retire"), st.just(""), st.just(0)),
        st.tuples(st.just("back"), st.just(""), st.just(0)),
    ),
    min_size=1,
    max_size=14,
)


@given(steps)
def test_a_printer_is_in_service_in_all_places_or_in_none(happened: list[tuple[str, str, int]]) -> None:
    fleet = Fleet()
    printer_id = fleet.read(AGENT)
    in_service, retired_at, returns = True, NOW, 0
    for hours, (what, agent_id, ago) in enumerate(happened, start=1):
        now = NOW + hours * HOUR
        if what == "retire":
            retire(
                fleet.documents,
                fleet.meta(printer_id),
                GONE,
                holdings_of=holding(),
                has_contact=False,
                zone=ZoneInfo("Europe/Berlin"),
                key_id=KEY,
                now=now,
            )
            in_service, retired_at = False, now if in_service else retired_at
        elif what == "back":
            bring_back(fleet.documents, fleet.meta(printer_id), key_id=KEY, now=now)
            returns, in_service = returns + (not in_service), True
        else:
            taken_at = now - ago * HOUR
            assert fleet.send(agent_id, reading(f"r{hours}", taken_at=taken_at), now=now) == printer_id
            if not in_service and taken_at > retired_at:
                returns, in_service = returns + 1, True
        meta = fleet.meta(printer_id)

        assert is_retired(meta) is not in_service
        place = directory.printers_of_tenant if in_service else directory.retired_printers_of_tenant
        assert meta["gsi1pk"] == place(TENANT)
        assert [name in meta for name in ("duepk", "pagespk")] == [in_service] * 2
        assert fleet.agents_of(printer_id) == ({meta["agent_id"]} if in_service else set())
        claim = keys.serial_number_of_tenant(TENANT, _serial_key(fleet, printer_id))
        assert bool(fleet.documents.page(claim).items) is in_service
    assert len(fleet.events("PrinterReturned")) == returns
    assert fleet.story(printer_id).count("returned") == returns


def _serial_key(fleet: Fleet, printer_id: str) -> str:
    partition, _ = keys.meta(TENANT, printer_id)
    items = fleet.documents.page(partition, sk_prefix=f"{keys.IDENTITY_PREFIX}SERIAL#").items
    return str(items[0]["sk"]).removeprefix(keys.IDENTITY_PREFIX)
