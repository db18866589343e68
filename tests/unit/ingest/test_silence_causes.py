"""What silent printers have in common: a pure rule over how their agent reaches them."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from functions.ingest.silence.causes import CauseKind, Whereabouts, causes_of

GONE = {"kind": "printer", "printers": 1}


def at(address: str | None, credential: str | None = None) -> Whereabouts:
    return Whereabouts(address, credential)


def test_printers_of_one_set_that_fall_silent_in_several_subnets_share_the_credential() -> None:
    printers = {
        "a": at("192.0.2.1", "v3-old"),
        "b": at("198.51.100.1", "v3-old"),
        "c": at("192.0.2.2", "v3-new"),
        "d": at("198.51.100.2", "v3-new"),
    }

    causes = causes_of(["a", "b"], printers, agent_heard=True)

    assert causes == {each: {"kind": "credential", "credential": "v3-old", "printers": 2} for each in "ab"}


def test_a_set_of_which_one_printer_is_heard_is_no_cause() -> None:
    printers = {
        "a": at("192.0.2.1", "old"),
        "b": at("192.0.2.2", "old"),
        "c": at("192.0.2.3", "old"),
        "d": at(None, "x"),
    }

    assert causes_of(["a", "b"], printers, agent_heard=True) == {"a": GONE, "b": GONE}


def test_a_set_is_no_cause_while_nothing_shows_that_another_set_works() -> None:
    printers = {"a": at("192.0.2.1", "only"), "b": at("198.51.100.1", "only"), "c": at("198.51.100.2")}

    assert causes_of(["a", "b"], printers, agent_heard=True) == {"a": GONE, "b": GONE}


def test_a_dead_subnet_with_printers_of_several_sets_is_told_as_the_subnet() -> None:
    printers = {
        "a": at("192.0.2.1", "old"),
        "b": at("192.0.2.2", "old"),
        "c": at("192.0.2.3", "new"),
        "d": at("198.51.100.1", "new"),
    }

    causes = causes_of("abc", printers, agent_heard=True)

    assert causes == {each: {"kind": "subnet", "subnet": "192.0.2.0/24", "printers": 3} for each in "abc"}


def test_a_set_that_explains_more_than_a_dead_subnet_is_told_for_those_that_it_explains() -> None:
    printers = {
        "a": at("192.0.2.1", "old"),
        "b": at("192.0.2.2", "old"),
        "c": at("198.51.100.1", "old"),
        "d": at("198.51.100.2", "new"),
    }

    causes = causes_of("abc", printers, agent_heard=True)

    assert causes == {each: {"kind": "credential", "credential": "old", "printers": 3} for each in "abc"}


def test_a_set_that_lives_in_one_dead_subnet_alone_is_told_as_the_subnet() -> None:
    printers = {"a": at("192.0.2.1", "old"), "b": at("192.0.2.2", "old"), "c": at("198.51.100.1", "new")}

    causes = causes_of("ab", printers, agent_heard=True)

    assert causes == {each: {"kind": "subnet", "subnet": "192.0.2.0/24", "printers": 2} for each in "ab"}


PLACES = st.builds(
    Whereabouts,
    st.sampled_from([None, "192.0.2.1", "192.0.2.2", "198.51.100.1", "203.0.113.9", "2001:db8::1", "masked-1"]),
    st.sampled_from([None, "old", "new", "third"]),
)
FLEETS = st.dictionaries(st.sampled_from([f"prn_{number}" for number in range(12)]), PLACES, min_size=1)


@given(printers=FLEETS, draw=st.data(), agent_heard=st.booleans())
def test_a_cause_is_shared_by_all_it_names_holds_no_heard_printer_and_is_the_one_that_explains_most(
    printers: dict[str, Whereabouts], draw: st.DataObject, agent_heard: bool
) -> None:
    silent = draw.draw(st.lists(st.sampled_from(sorted(printers)), unique=True))

    causes = causes_of(silent, printers, agent_heard=agent_heard)

    assert causes.keys() == set(silent)
    assert causes == causes_of(reversed(silent), dict(reversed(printers.items())), agent_heard=agent_heard)
    if not agent_heard:
        assert all(cause == {"kind": "agent", "printers": len(silent)} for cause in causes.values())
        return
    heard = [where for each, where in printers.items() if each not in causes]
    subnets = Counter(where.subnet for where in printers.values())
    credentials = Counter(where.credential for where in printers.values())
    for each, cause in causes.items():
        where = printers[each]
        is_subnet = where.subnet is not None and subnets[where.subnet] > 1
        is_subnet &= all(other.subnet != where.subnet for other in heard)
        is_credential = where.credential is not None and credentials[where.credential] > 1
        is_credential &= all(other.credential != where.credential for other in heard)
        is_credential &= any(other.credential is not None for other in heard)
        explains = {
            CauseKind.SUBNET: subnets[where.subnet] if is_subnet else 0,
            CauseKind.CREDENTIAL: credentials[where.credential] if is_credential else 0,
            CauseKind.PRINTER: 1,
        }
        assert cause["printers"] == explains[cause["kind"]] == max(explains.values())
        assert cause.get("subnet") == (where.subnet if cause["kind"] == "subnet" else None)
        assert cause.get("credential") == (where.credential if cause["kind"] == "credential" else None)
