from edge.site.searching import LEAST_SECONDS_BETWEEN, SearchPlan

DAY = 86_400.0


def test_the_first_search_is_due_at_once_and_the_next_after_the_interval() -> None:
    plan = SearchPlan()
    assert plan.seconds_left(0.0, DAY) <= 0

    assert plan.start(0.0, DAY) is False

    assert plan.seconds_left(100.0, DAY) == DAY - 100


def test_a_lost_printer_is_looked_for_early_but_not_within_half_an_hour_of_another_search() -> None:
    plan = SearchPlan()
    plan.start(0.0, DAY)

    plan.lose("printer", 60.0)

    assert plan.seconds_left(60.0, DAY) == LEAST_SECONDS_BETWEEN - 60
    assert plan.start(LEAST_SECONDS_BETWEEN, DAY) is True


def test_a_printer_switched_off_for_the_night_is_looked_for_a_few_times_only() -> None:
    plan = SearchPlan()
    plan.start(0.0, DAY)
    plan.lose("printer", 3_600.0)
    now, searches = 3_600.0, 0

    while (left := plan.seconds_left(now, DAY)) + now < 3_600 + 14 * 3_600:
        now += max(left, 0.0)
        plan.start(now, DAY)
        plan.lose("printer", now)  # it goes on being silent
        searches += 1

    assert searches == 5  # at once, after 30 minutes, 1, 2 and 4 hours more


def test_a_printer_that_was_found_is_not_looked_for() -> None:
    plan = SearchPlan()
    plan.start(0.0, DAY)
    plan.lose("printer", 60.0)

    plan.find("printer")

    assert plan.seconds_left(60.0, DAY) == DAY - 60


def test_other_criteria_make_a_search_due_at_once_and_it_is_a_whole_one() -> None:
    plan = SearchPlan()
    plan.start(0.0, DAY)

    plan.changed()

    assert plan.seconds_left(1.0, DAY) <= 0
    assert plan.start(1.0, DAY) is False


def test_a_short_interval_stays_the_interval_whatever_is_lost() -> None:
    plan = SearchPlan()
    plan.start(0.0, 60.0)
    plan.lose("printer", 10.0)

    assert plan.seconds_left(10.0, 60.0) == 50.0
