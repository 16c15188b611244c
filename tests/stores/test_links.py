"""Links to listings, in all the forms that people paste."""

import pytest

from appwatch.stores.app_store.links import read_link as apple
from appwatch.stores.base import Link
from appwatch.stores.google_play.links import read_link as play

JIKE = "966129812"
PACKAGE = "com.ruguoapp.jike"


@pytest.mark.parametrize(
    ("text", "storefront"),
    [
        (JIKE, None),
        (f"id{JIKE}", None),
        (f"https://apps.apple.com/cn/app/%E5%8D%B3%E5%88%BB/id{JIKE}?l=en", "cn"),
        (f"https://apps.apple.com/CN/app/id{JIKE}/", "cn"),
        (f"https://apps.apple.com/app/id{JIKE}#see-all", None),
        (f"itunes.apple.com/us/app/jike/id{JIKE}?mt=8&uo=4", "us"),
        (f"http://itunes.apple.com/app/id{JIKE}?mt=8", None),
        (f"itms-apps://itunes.apple.com/app/id{JIKE}", None),
        (f"https://itunes.apple.com/lookup?id={JIKE}&country=GB", "gb"),
        (f"https://itunes.apple.com/WebObjects/MZStore.woa/wa/viewSoftware?id={JIKE}&mt=8", None),
        (f"https://apps.apple.com/bd/app/id{JIKE}", None),
        (f"https://apps.apple.com?id={JIKE}", None),
        (f"https://geo.itunes.apple.com/app?id={JIKE}&country=cn", "cn"),
        (f"itms-apps://apple.com/app/id{JIKE}", None),
        (f"itms-apps://itunes.apple.com/wa/viewContentsUserReviews?type=Purple&id={JIKE}", None),
    ],
)
def test_the_app_store_reads_its_links(text: str, storefront: str | None) -> None:
    assert apple(text) == Link(JIKE, storefront)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0966129812",
        "jike",
        "https://apps.apple.com/us/developer/ruguo/id966129811",
        "https://apps.apple.com/us/story/id1",
        f"https://apps.apple.com.example.org/us/app/id{JIKE}",
        f"https://example.org/us/app/id{JIKE}",
        "https://[",
    ],
)
def test_the_app_store_reads_nothing_else(text: str) -> None:
    assert apple(text) is None


@pytest.mark.parametrize(
    ("text", "storefront"),
    [
        (PACKAGE, None),
        (f"https://play.google.com/store/apps/details?id={PACKAGE}&hl=en&gl=HK", "hk"),
        (f"play.google.com/store/apps/details?hl=de&id={PACKAGE}", None),
        (f"https://play.google.com/store/apps/details/Jike?id={PACKAGE}", None),
        (f"market://details?id={PACKAGE}", None),
        (f"https://market.android.com/details?id={PACKAGE}", None),
        (f"https://play.google.com/store/apps/datasafety?id={PACKAGE}&hl=en", None),
        (f"android-app://{PACKAGE}/https/m.okjike.com", None),
        (f"https://play.google.com/store/apps/details?id={PACKAGE}&gl=uk", "gb"),
        (
            f"https://play.app.goo.gl/?link=https://play.google.com/store/apps/details?id={PACKAGE}",
            None,
        ),
    ],
)
def test_google_play_reads_its_links(text: str, storefront: str | None) -> None:
    assert play(text) == Link(PACKAGE, storefront)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "jike",
        "play.google.com",
        f"https://play.google.com/store/apps/dev?id={PACKAGE}",
        f"https://play.google.com/store/apps/detailsmore?id={PACKAGE}",
        f"https://example.org/store/apps/details?id={PACKAGE}",
        "https://play.google.com/store/apps/details?id=no",
        "market://search?q=jike",
        "android-app://jike",
        f"https://play.google.com/store/apps/datasafetymore?id={PACKAGE}",
        "https://[",
    ],
)
def test_google_play_reads_nothing_else(text: str) -> None:
    assert play(text) is None


def test_a_package_that_stands_in_the_place_of_a_host_keeps_its_case() -> None:
    assert play("android-app://com.Example.App/http/x") == Link("com.Example.App", None)
