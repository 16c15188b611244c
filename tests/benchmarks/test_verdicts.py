from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from appwatch.domain.timing import NONSENSE_EVERY
from appwatch.simulator.world import Presence
from benchmarks.verdicts import making, playing, rates
from benchmarks.verdicts.answers import Answers, Kind
from benchmarks.verdicts.policies import (
    APPWATCH,
    CONTENT_CHANGE,
    GREATFIRE_2019,
    GREATFIRE_2024,
    POLICIES,
    STATUS_CODE,
)
from benchmarks.verdicts.policies.base import Policy
from benchmarks.verdicts.rates import DAY, HOUR, MINUTE, Rates
from benchmarks.verdicts.schedule import Schedule
from benchmarks.verdicts.scores import Score, add, score
from benchmarks.verdicts.trace import (
    APP_STORE,
    GOOGLE_PLAY,
    Absence,
    Episode,
    Fault,
    Target,
    Trace,
    moment,
)
from benchmarks.verdicts.world import listing, to_faults, to_world

SMALL = Rates(2, 8, {APP_STORE: 2, GOOGLE_PLAY: 2}, 15 * MINUTE, {}, {}, 0, 0, 0, {})
APPLE = Target(APP_STORE, "cn", 0)
PLAY = Target(GOOGLE_PLAY, "us", 0)
NOON = 12 * HOUR
LONG = Absence(NOON, 2 * DAY, "for_ever")


def trace(
    *episodes: Episode,
    absences: Mapping[Target, tuple[Absence, ...]] | None = None,
    faults: Mapping[str, object] | None = None,
) -> Trace:
    return Trace(1, replace(SMALL, faults=faults or {}), absences or {}, frozenset(), episodes)


def spell(
    fault: Fault,
    hours: float,
    storefront: str = "",
    apps: frozenset[int] = frozenset(),
    *,
    whole: bool = False,
    ignores_key: bool = False,
) -> Episode:
    both = (Fault.DNS, Fault.PROCESS)
    apple = (Fault.FALSE_EMPTY, Fault.LOOKUP_403, Fault.OUTAGE, Fault.PRODUCT_PAGE)
    store = "" if fault in both else (APP_STORE if fault in apple else GOOGLE_PLAY)
    end = NOON + hours * HOUR
    return Episode(fault, NOON, end, store, storefront, apps, whole, ignores_key)


def watched(policy: Policy, played: Trace) -> Score:
    return score(policy.name, played, playing.play(policy, played, Schedule(played, 400)))


def looks(schedule: Schedule, target: Target) -> Iterator[float]:
    at = schedule.at_or_after(target, 0.0)
    while at is not None:
        yield at
        at = schedule.after(target, at)


@pytest.mark.parametrize(
    ("fault", "storefront", "kind"),
    [
        (Fault.PLAY_429, "", Kind.TOO_MANY),
        (Fault.PLAY_CAPTCHA, "", Kind.CAPTCHA),
        (Fault.CONSENT_WALL, "", Kind.CONSENT),
        (Fault.LAYOUT, "us", Kind.LAYOUT),
    ],
)
def test_a_wall_of_play_stands_while_it_lasts_and_no_longer(
    fault: Fault, storefront: str, kind: Kind
) -> None:
    answers = Answers(trace(spell(fault, 2, storefront)))

    assert answers.page(PLAY, NOON - 1) is Kind.LISTED
    assert answers.page(PLAY, NOON) is kind
    assert answers.page(PLAY, NOON + 2 * HOUR) is Kind.LISTED


def test_a_removed_page_is_not_found_whatever_the_layout() -> None:
    answers = Answers(trace(spell(Fault.LAYOUT, 2, "us"), absences={PLAY: (LONG,)}))

    assert answers.page(PLAY, NOON + HOUR) is Kind.ABSENT
    assert answers.control("us", NOON + HOUR) is Kind.LAYOUT


def test_an_outage_empties_every_lookup_of_its_storefront() -> None:
    played = trace(spell(Fault.OUTAGE, 2, "cn"))

    for fresh in (False, True):
        answers = Answers(played, fresh=fresh)
        assert answers.lookup(APPLE, NOON) is Kind.EMPTY
        assert answers.lookup(APPLE._replace(storefront="hk"), NOON) is Kind.LISTED


@pytest.mark.parametrize(("ignores_key", "fresh_sees"), [(False, Kind.LISTED), (True, Kind.ABSENT)])
def test_a_false_empty_yields_to_a_new_cache_key_unless_the_edge_is_sick(
    ignores_key: bool, fresh_sees: Kind
) -> None:
    apps = frozenset({0})
    played = trace(spell(Fault.FALSE_EMPTY, 2, "cn", apps, ignores_key=ignores_key))

    assert Answers(played).lookup(APPLE, NOON) is Kind.ABSENT
    assert Answers(played, fresh=True).lookup(APPLE, NOON) is fresh_sees
    assert Answers(played).lookup(APPLE._replace(app=1), NOON) is Kind.LISTED


def test_a_false_empty_of_a_whole_batch_hides_its_controls_too() -> None:
    apps = frozenset(range(8))

    answers = Answers(trace(spell(Fault.FALSE_EMPTY, 2, "cn", apps, whole=True)))

    assert answers.lookup(APPLE, NOON) is Kind.EMPTY


def test_stale_edges_answer_from_before_a_change_for_a_day_at_most() -> None:
    faults = {"cdn_staleness": {"share_of_edges": 0.3, "up_to": "24h"}}
    played = trace(absences={APPLE: (LONG,)}, faults=faults)
    minutes = [NOON + minute * MINUTE for minute in range(1, 600)]

    old = [Answers(played).lookup(APPLE, at) is Kind.LISTED for at in minutes]

    assert 0.05 < sum(old) / len(old) < 0.35
    assert {Answers(played, fresh=True).lookup(APPLE, at) for at in minutes} == {Kind.ABSENT}
    assert Answers(played).lookup(APPLE, NOON + DAY) is Kind.ABSENT


def test_single_requests_are_struck_by_their_share_and_alike_for_everyone() -> None:
    played = trace(faults={"robot_404": 0.01, "small_page_404_for_listed": 0.01})
    asked = [(PLAY._replace(app=n), m * MINUTE) for n in range(8) for m in range(2880)]

    kinds = [Answers(played).page(target, at) for target, at in asked[:2880]]
    struck = sum(Answers(played).pages.struck(("us", n)).__len__() for n in range(8))

    assert kinds == [Answers(played, fresh=True).page(target, at) for target, at in asked[:2880]]
    assert struck / len(asked) == pytest.approx(0.02, rel=0.25)


def test_a_second_request_of_the_same_minute_is_struck_on_its_own() -> None:
    answers = Answers(trace(faults={"small_page_404_for_listed": 0.05}))
    struck = [m * MINUTE for m in range(2880) if answers.page(PLAY, m * MINUTE) is Kind.ABSENT]

    again = [answers.page(PLAY, at, 1) for at in struck]

    assert len(struck) > 50
    assert again.count(Kind.ABSENT) < len(struck) / 5


def test_our_name_resolution_fails_for_its_share_and_less_often_with_tries() -> None:
    played = trace(spell(Fault.DNS, 10), faults={"our_dns_down": {"share": 0.4}})
    minutes = [NOON + minute * MINUTE for minute in range(600)]

    once, thrice = (
        sum(Answers(played, tries=tries).page(PLAY, at) is Kind.NO_NETWORK for at in minutes)
        for tries in (1, 3)
    )

    assert once / 600 == pytest.approx(0.4, abs=0.06)
    assert thrice / 600 == pytest.approx(0.064, abs=0.03)


def test_the_platform_hears_late_and_the_product_page_may_be_down() -> None:
    lagging = replace(LONG, lag=5 * HOUR)
    answers = Answers(trace(spell(Fault.PRODUCT_PAGE, 3), absences={APPLE: (lagging,)}))

    assert answers.platform(APPLE, NOON + 4 * HOUR) is Kind.LISTED
    assert answers.platform(APPLE, NOON + 6 * HOUR) is Kind.ABSENT
    assert answers.product_page(APPLE, NOON + HOUR) is Kind.DOWN
    assert answers.product_page(APPLE, NOON + 4 * HOUR) is Kind.ABSENT


def test_no_look_is_made_while_our_process_is_down() -> None:
    schedule = Schedule(trace(spell(Fault.PROCESS, 3)), 400)

    for target in (APPLE, PLAY, PLAY._replace(app=7)):
        made = list(looks(schedule, target))
        assert not [at for at in made if NOON <= at < NOON + 3 * HOUR]
        assert len(made) == pytest.approx(180, abs=3)


def test_a_pace_that_is_too_slow_makes_looks_late_and_rare() -> None:
    slow = Schedule(trace(), 0.1)  # 16 pages take 160 minutes

    assert slow.late(GOOGLE_PLAY) > 0.9
    assert slow.interval(GOOGLE_PLAY) == pytest.approx(160 * MINUTE, rel=0.1)
    assert len(list(looks(slow, PLAY))) == pytest.approx(18, abs=1)
    assert slow.late(APP_STORE) == 0


@pytest.mark.parametrize("target", [APPLE, PLAY])
def test_appwatch_confirms_a_removal_and_its_end_within_the_hour(target: Target) -> None:
    absence = Absence(NOON, NOON + 3 * HOUR, "3h")

    result = watched(APPWATCH, trace(absences={target: (absence,)}))

    assert (result.false_alarms, result.long_missed, result.long) == (0, 0, 1)
    assert 30 * MINUTE <= result.to_confirm[0] < HOUR
    assert result.to_clear[0] < 20 * MINUTE


def test_greatfire_of_2019_needs_a_day_and_the_app_elsewhere() -> None:
    alone, everywhere = (
        {APPLE: (LONG,)},
        {APPLE._replace(storefront=s): (LONG,) for s in ("cn", "hk")},
    )

    assert DAY <= watched(GREATFIRE_2019, trace(absences=alone)).to_confirm[0] < DAY + HOUR
    assert watched(GREATFIRE_2019, trace(absences=everywhere)).missed.total() == 2


def test_greatfire_of_2024_needs_six_hours_without_a_contradiction() -> None:
    short = {APPLE: (Absence(NOON, NOON + 6 * HOUR, "6h"),)}

    found = watched(GREATFIRE_2024, trace(absences={APPLE: (LONG,)}))

    assert 6 * HOUR < found.to_confirm[0] < 7 * HOUR
    assert watched(GREATFIRE_2024, trace(absences=short)).missed["6h"] == 1


def test_a_captcha_alarms_the_plain_policies_for_every_target_and_the_others_for_none() -> None:
    played = trace(spell(Fault.PLAY_CAPTCHA, 1))

    alarms = {policy.name: watched(policy, played).false_alarms for policy in POLICIES}

    assert list(alarms.values()) == [0, 0, 0, 16, 16]


def test_a_failed_batch_counts_once_for_each_of_its_targets() -> None:
    played = trace(spell(Fault.OUTAGE, 1, "cn"))

    assert watched(STATUS_CODE, played).false_alarms == 8
    assert watched(APPWATCH, played).false_alarms == 0


def test_a_sick_edge_that_contradicts_the_product_page_alarms_nobody_at_appwatch() -> None:
    apps = frozenset({0, 1})
    played = trace(spell(Fault.FALSE_EMPTY, 4, "cn", apps, ignores_key=True))

    assert watched(APPWATCH, played).false_alarms == 0
    assert watched(CONTENT_CHANGE, played).false_alarms == 2


def test_where_the_product_page_is_down_the_platform_is_believed_both_ways() -> None:
    down = spell(Fault.PRODUCT_PAGE, 30)
    hours = {lag: replace(LONG, lag=lag * HOUR) for lag in (0, 20)}

    told = {
        lag: watched(APPWATCH, trace(down, absences={APPLE: (absence,)}))
        for lag, absence in hours.items()
    }

    assert told[0].to_confirm[0] < HOUR
    assert told[20].to_confirm[0] > 20 * HOUR


def test_a_storefront_that_loses_most_of_its_apps_at_once_is_held_and_still_found() -> None:
    purge = {APPLE._replace(app=n): (LONG,) for n in range(6)}

    result = watched(APPWATCH, trace(absences=purge))

    assert (result.held, result.missed.total()) == (1, 0)


def test_only_policies_that_read_the_page_see_a_restriction() -> None:
    played = trace(absences={PLAY: (replace(LONG, restricted=True),)})

    missed = [watched(policy, played).missed.total() for policy in POLICIES]

    assert missed == [0, 1, 1, 1, 0]


def test_requests_are_rounds_and_what_an_absence_takes_beside_them() -> None:
    quiet, busy = (watched(APPWATCH, t) for t in (trace(), trace(absences={APPLE: (LONG,)})))

    # A control in every sweep of Play, and now and then an app that cannot exist.
    tried = 1 / NONSENSE_EVERY
    assert quiet.requests[APP_STORE] == round(quiet.rounds[APP_STORE] * (1 + tried))
    assert quiet.requests[GOOGLE_PLAY] == round(quiet.rounds[GOOGLE_PLAY] * (1 + (1 + tried) / 8))
    assert quiet.rounds[GOOGLE_PLAY] == pytest.approx(8 * quiet.rounds[APP_STORE], rel=0.02)
    # A few looks in half an hour, each with a second request and a product page.
    assert 6 <= busy.requests.total() - quiet.requests.total() <= 18


def test_a_host_that_refuses_is_left_to_rest() -> None:
    refused, quiet = (watched(APPWATCH, t) for t in (trace(spell(Fault.PLAY_CAPTCHA, 1)), trace()))

    assert refused.requests[GOOGLE_PLAY] < quiet.requests[GOOGLE_PLAY]


def test_a_seed_gives_the_same_trace_and_the_same_scores_again() -> None:
    told = small_rates()
    first, second = (making.make(7, told) for _ in range(2))

    assert first == second
    assert making.make(8, told) != first
    assert watched(APPWATCH, first) == watched(APPWATCH, second)


def test_a_trace_has_as_many_removals_and_episodes_as_its_file_says() -> None:
    told = rates.read(rates.FILE.read_text(encoding="utf-8"))

    made = making.make(3, told)

    apps = {target.app for target in made.absences}
    assert len(apps) == 60 + 2 * 6
    assert len(made.never_listed) == 40 * 10
    assert len(made.of(Fault.FALSE_EMPTY)) == 40
    assert len(made.of(Fault.LAYOUT)) == 4
    assert sum(len(spans) == 2 for spans in made.absences.values()) >= 4


def test_scores_of_seeds_add_up() -> None:
    one = watched(STATUS_CODE, trace(spell(Fault.OUTAGE, 1, "cn")))

    both = add([one, one])

    assert (both.false_alarms, both.target_days) == (16, 2 * one.target_days)
    assert both.false_rate == one.false_rate


def test_the_simulator_can_play_the_same_trace() -> None:
    at = NOON
    played = trace(spell(Fault.LAYOUT, 2, "us"), absences={APPLE: (LONG,)})
    world = to_world(played, lambda: moment(at))

    assert world.presence(APP_STORE, listing(APP_STORE, 0), "cn") is Presence.ABSENT
    assert world.presence(APP_STORE, listing(APP_STORE, 0), "hk") is Presence.LISTED
    assert [fault.storefronts for fault in to_faults(played)] == [frozenset({"us"})]


def small_rates() -> Rates:
    told = rates.read(rates.FILE.read_text(encoding="utf-8"))
    return replace(
        told,
        days=16,
        apps=40,
        storefronts={APP_STORE: 4, GOOGLE_PLAY: 4},
        removals={"single_storefront": 2, "regional": 1, "store_wide": 1},
        lengths={"2h": 1, "23h": 2, "for_ever": 1},
        again=1,
        pauses=1,
        never_listed=3,
        faults={**told.faults, "false_empty": {**told.faults["false_empty"], "episodes": 4}},
    )
