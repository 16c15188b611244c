from datetime import timedelta
from pathlib import Path

import pytest

from appwatch.doctor import duration_text, load_of
from appwatch.stores.app_store import AppStore
from appwatch.stores.base import Store
from appwatch.stores.google_play import GooglePlay
from appwatch.watchlist import Watchlist, load

STORES: dict[str, Store] = {
    "app_store": AppStore("https://itunes.apple.com", 20),
    "google_play": GooglePlay("https://play.google.com", per_minute=20),
}


def watchlist(folder: Path, apps: int, every: str = "15m", rest: str = "") -> Watchlist:
    named = [
        f"  - {{name: App {n}, app_store: {1000 + n}, google_play: com.example.app{n}{rest}}}"
        for n in range(apps)
    ]
    text = "\n".join(
        [
            f"every: {every}",
            "storefronts: {app_store: [us, cn], google_play: [us, hk, tw]}",
            "apps:" if apps else "apps: []",
            *named,
        ]
    )
    file = folder / "watchlist.yaml"
    file.write_text(text)
    return load(file, STORES)


def test_a_lookup_serves_a_whole_storefront_and_a_page_one_listing(tmp_path: Path) -> None:
    found = load_of(watchlist(tmp_path, 100, "20m"), STORES)
    assert {host.host: host.requests for host in found.hosts} == {
        "itunes.apple.com": 2,
        "play.google.com": 303,  # a control for each storefront
    }
    assert (found.targets, found.requests, found.takes) == (
        500,
        305,
        timedelta(minutes=15, seconds=9),
    )
    assert found.held


def test_a_host_is_named_once(tmp_path: Path) -> None:
    both: dict[str, Store] = {
        "app_store": AppStore("http://127.0.0.1:1", 0),
        "google_play": GooglePlay("http://127.0.0.1:1", per_minute=0),
    }
    (first, _) = load_of(watchlist(tmp_path, 1), both).sentences()
    assert first.endswith("with 8 requests to 127.0.0.1:1, unpaced.")
    apart = load_of(watchlist(tmp_path, 1), STORES).sentences()[0]
    assert "(2 to itunes.apple.com, 6 to play.google.com)" in apart


def test_more_than_a_batch_takes_another_request(tmp_path: Path) -> None:
    found = load_of(watchlist(tmp_path, STORES["app_store"].batch_size + 1), STORES)
    assert found.hosts[0].requests == 4


def test_what_cannot_be_held_is_told_with_the_host(tmp_path: Path) -> None:
    found = load_of(watchlist(tmp_path, 101), STORES)
    assert not found.held
    assert found.sentences()[1].startswith(
        "A round every 15 min cannot be held: play.google.com alone takes 15 min 18 s at 20"
    )


def test_paused_apps_cost_nothing(tmp_path: Path) -> None:
    found = load_of(watchlist(tmp_path, 3, rest=", paused: true"), STORES)
    assert (found.targets, found.requests, found.held) == (0, 0, True)
    assert found.sentences() == ["Nothing is looked at: no app has a listing and is not paused."]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (5100, "1 h 25 min"), (90061, "1 d 1 h")],
)
def test_lengths_of_time_are_told_in_two_units(seconds: int, text: str) -> None:
    assert duration_text(timedelta(seconds=seconds)) == text
