"""Settings resolve down the tree: the nearest explicit one counts (ENT-02)."""

from hypothesis import given
from hypothesis import strategies as st

from shared.directory.inherited import DEFINITIONS, Explicit, Level, SettingName, in_order, places_of, resolve

NAMES = st.sampled_from(list(SettingName))
VALUES = st.dictionaries(NAMES.map(str), st.integers(1, 60))


@given(chain=st.lists(VALUES, max_size=14))
def test_a_setting_is_that_of_the_nearest_place_with_an_explicit_one(chain: list[dict[str, int]]) -> None:
    explicit = [Explicit(Level.ORGANIZATION, f"org_{number}", values) for number, values in enumerate(chain)]

    resolved = resolve(explicit)

    assert resolved.keys() == set(SettingName)
    for name, each in resolved.items():
        nearest = next((place for place in reversed(explicit) if name in place.values), None)
        assert each.source is nearest
        assert each.value == (nearest.values[name] if nearest else DEFINITIONS[name].default)


@given(chain=st.lists(VALUES, min_size=1, max_size=14), name=NAMES)
def test_a_reset_gives_what_was_in_force_above(chain: list[dict[str, int]], name: SettingName) -> None:
    *above, last = [Explicit(Level.ORGANIZATION, f"org_{number}", values) for number, values in enumerate(chain)]
    without = Explicit(last.level, last.entity_id, {each: value for each, value in last.values.items() if each != name})

    assert resolve([*above, without])[name] == resolve(above)[name]


def test_a_setting_that_an_older_version_knew_is_passed_over() -> None:
    assert resolve([Explicit(Level.SITE, "site_1", {"colour_of_the_lamp": 3})]) == resolve([])


def test_the_chain_goes_from_the_root_to_the_thing_itself_whatever_order_it_was_read_in() -> None:
    places = places_of("/org_a/org_b/", "site_c", (Level.AGENT, "agt_d"))
    items = [{"level": level.value, "entity_id": entity_id, "values": {"x": 1}} for level, entity_id in places]

    assert [each.entity_id for each in in_order(places, reversed(items))] == ["org_a", "org_b", "site_c", "agt_d"]


def test_every_default_is_within_its_bounds_and_applies_somewhere() -> None:
    for definition in DEFINITIONS.values():
        assert definition.allows(definition.default)
        assert all(map(definition.allows, (definition.least, definition.most)))
        assert not any(map(definition.allows, (definition.most + 1, -1)))
        assert Level.ORGANIZATION in definition.levels
