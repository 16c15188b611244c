"""The story that the demo tells."""

from datetime import datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import httpx
import pytest
from ruamel.yaml import YAML

from appwatch.simulator import (
    APP_STORE,
    GOOGLE_PLAY,
    Appearance,
    Fault,
    Presence,
    june_2020,
    serve,
)
from appwatch.simulator.june_2020 import (
    CAPTCHA_SPELL,
    CASTRO_LEAVES,
    END,
    FALSE_EMPTY,
    JIKE_RETURNS,
    OUTAGE,
    POCKET_CASTS_LEAVES,
    START,
    WATCHLIST,
    ZYNN,
    ZYNN_LEAVES_APP_STORE,
    ZYNN_LEAVES_PLAY,
)
from tests.simulator.conftest import Clock

MOMENT = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("store", "listing", "storefront", "change", "after"),
    [
        (GOOGLE_PLAY, ZYNN.google_play, "in", ZYNN_LEAVES_PLAY, Presence.ABSENT),
        (APP_STORE, ZYNN.app_store, "us", ZYNN_LEAVES_APP_STORE, Presence.ABSENT),
        (APP_STORE, "966129812", "cn", JIKE_RETURNS, Presence.LISTED),
        (APP_STORE, "414834813", "cn", POCKET_CASTS_LEAVES, Presence.ABSENT),
        (APP_STORE, "1080840241", "cn", CASTRO_LEAVES, Presence.ABSENT),
    ],
)
def test_each_app_changes_once_at_its_moment(
    clock: Clock, store: str, listing: str, storefront: str, change: datetime, after: Presence
) -> None:
    world, _ = june_2020(clock)
    before = Presence.LISTED if after is Presence.ABSENT else Presence.ABSENT
    for moment, expected in [
        (START, before),
        (change - MOMENT, before),
        (change, after),
        (END, after),
    ]:
        clock.moment = moment
        assert world.presence(store, listing, storefront) is expected


def test_jike_returns_at_noon_in_beijing() -> None:
    beijing = JIKE_RETURNS.astimezone(ZoneInfo("Asia/Shanghai"))
    assert beijing.strftime("%d %B %H:%M") == "10 June 12:00"


def test_the_podcast_apps_stay_outside_china(clock: Clock) -> None:
    world, _ = june_2020(clock)
    clock.moment = END
    for listing in ("414834813", "1080840241", "888422857"):
        assert world.presence(APP_STORE, listing, "hk") is Presence.LISTED


@pytest.mark.parametrize(
    ("fault", "storefront", "counts"), [(FALSE_EMPTY, "jp", [0, 2]), (OUTAGE, "gb", [1, 2])]
)
def test_a_false_empty_hides_controls_as_well_an_outage_does_not_and_both_end(
    clock: Clock, fault: Fault, storefront: str, counts: list[int]
) -> None:
    world, faults = june_2020(clock)
    found = []
    with serve(world, faults) as stores:
        for moment in (fault.since, fault.until):
            assert moment is not None
            clock.moment = moment
            url = f"{stores.url}/lookup?id=361309726,888422857&country={storefront}"
            found.append(httpx.get(url).json()["resultCount"])
    assert found == counts


def test_the_captcha_spell_meets_one_storefront_of_play(clock: Clock) -> None:
    world, faults = june_2020(clock)
    assert CAPTCHA_SPELL.since is not None
    clock.moment = CAPTCHA_SPELL.since
    with serve(world, faults, appearance=Appearance(details_page_size=0)) as stores:
        address = f"{stores.url}/store/apps/details?id=com.google.android.apps.maps&gl="
        assert [httpx.get(f"{address}{gl}").status_code for gl in ("in", "us")] == [302, 200]


def test_every_listing_of_the_watchlist_is_known(clock: Clock) -> None:
    world, _ = june_2020(clock)
    watchlist = YAML(typ="safe").load(StringIO(WATCHLIST))
    for app in watchlist["apps"]:
        known = world.app(APP_STORE, str(app["app_store"]))
        assert known is not None
        assert known.name == app["name"]
        assert known.google_play == app.get("google_play", "")
    for store, controls in watchlist["controls"].items():
        assert all(world.app(store, str(control)) for control in controls)


def test_made_up_ids_are_marked() -> None:
    lines = WATCHLIST.splitlines()
    marked = [line for line in lines if ZYNN.app_store in line or ZYNN.google_play in line]
    assert ZYNN.stand_in
    assert len(marked) == 2
    assert all("a stand-in" in line for line in marked)
