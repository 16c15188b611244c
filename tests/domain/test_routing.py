"""Which channel hears of what, and when."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from appwatch.domain.model import ChangeKind
from appwatch.domain.routing import Route, Topic, next_digest, wants, when

NOW = datetime(2026, 3, 28, 12, tzinfo=UTC)
TOPIC = Topic(ChangeKind.DISAPPEARED, "jike", ("social",), "app_store", "cn")


@pytest.mark.parametrize(
    ("route", "heard"),
    [
        (Route("all"), True),
        (Route("kind", kinds=("returned",)), False),
        (Route("app", apps=("jike",)), True),
        (Route("app", apps=("castro",)), False),
        (Route("tag", tags=("social", "news")), True),
        (Route("tag", tags=("news",)), False),
        (Route("store", stores=("google_play",)), False),
        (Route("storefront", storefronts=("cn", "hk")), True),
        (Route("storefront", storefronts=("hk",)), False),
    ],
)
def test_a_filter_lets_through_what_it_names_and_an_empty_one_everything(
    route: Route, heard: bool
) -> None:
    assert wants(route, TOPIC) is heard


def test_the_first_message_goes_at_once_and_what_follows_waits_for_the_group() -> None:
    route = Route("newsroom")
    assert when(route, NOW, None) == NOW
    told = NOW - timedelta(minutes=4)
    assert when(route, NOW, told) == told + timedelta(minutes=10)
    assert when(route, NOW, NOW - timedelta(hours=1)) == NOW


def test_a_digest_waits_for_its_hour_through_a_change_of_clocks() -> None:
    paris = ZoneInfo("Europe/Paris")
    route = Route("morning", digest=(time(8), paris))
    assert when(route, NOW, None) == datetime(2026, 3, 29, 6, tzinfo=UTC)
    assert next_digest(time(8), paris, datetime(2026, 3, 27, 6, tzinfo=UTC)).hour == 7
