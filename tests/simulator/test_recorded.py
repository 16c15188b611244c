"""Recorded bodies, served as they are and put together into batches."""

import csv
import json
import tarfile
from pathlib import Path

import httpx
import pytest

from appwatch.simulator import (
    APP_STORE,
    Recordings,
    page_files,
    recorded_lookups,
    recorded_pages,
    recorded_world,
    serve,
)
from tests.simulator.conftest import Clock

NYT, SPOTIFY, CONTROL = "284862083", "324684580", "361309726"


@pytest.fixture(scope="session")
def lookups(corpus: Path) -> Recordings:
    return recorded_lookups(corpus / "apple_lookup" / "apple_lookup_2019.tar.gz")


def test_it_reads_every_recording_as_the_table_says(lookups: Recordings, corpus: Path) -> None:
    with (corpus / "apple_lookup" / "matrix_2019.csv").open(encoding="utf-8") as file:
        rows = [(row["track_id"], row["country"], row["state"]) for row in csv.DictReader(file)]
    found = {(listing, place) for listing, place, state in rows if state == "found"}
    errors = {(listing, place) for listing, place, state in rows if state == "http_error"}
    assert set(lookups.results) == found
    assert lookups.refused == errors


def test_a_single_recorded_answer_comes_byte_for_byte(
    lookups: Recordings, corpus: Path, clock: Clock
) -> None:
    with tarfile.open(corpus / "apple_lookup" / "apple_lookup_2019.tar.gz") as archive:
        member = archive.extractfile(f"apple_lookup_2019/itunes_{NYT}_us.json")
        assert member is not None
        recorded = member.read()
    with serve(recorded_world(clock, lookups), recordings=lookups) as stores:
        assert httpx.get(f"{stores.url}/lookup?id={NYT}&country=us").content == recorded


def test_a_batch_is_put_together_from_single_ones(lookups: Recordings, clock: Clock) -> None:
    """Spotify was not found in Korea in 2019; a control was wherever any app was."""
    world = recorded_world(clock, lookups, [CONTROL])
    with serve(world, recordings=lookups) as stores:
        address = f"{stores.url}/lookup?id={NYT},{SPOTIFY},{CONTROL}&country="
        korea = httpx.get(f"{address}kr").json()
        assert {result["trackId"] for result in korea["results"]} == {int(NYT), int(CONTROL)}
        assert httpx.get(f"{address}aq").status_code == 400


def test_a_recorded_app_can_be_removed(lookups: Recordings, clock: Clock) -> None:
    world = recorded_world(clock, lookups)
    world.remove(APP_STORE, NYT, ["us"])
    with serve(world, recordings=lookups) as stores:
        answer = httpx.get(f"{stores.url}/lookup?id={NYT}&country=us")
    assert answer.json() == {"resultCount": 0, "results": []}


def test_single_bodies_are_read_from_a_folder_too(tmp_path: Path, clock: Clock) -> None:
    body = {"resultCount": 1, "results": [{"trackId": 7}]}
    text = "\n\n\n" + json.dumps(body).replace("]}", "]\n}") + "\n\n\n"
    (tmp_path / "itunes_7_us.json").write_text(text)
    (tmp_path / "itunes_7_aq.json").write_text("")
    recordings = recorded_lookups(tmp_path)
    assert recordings.refused == {("7", "aq")}
    with serve(recorded_world(clock, recordings), recordings=recordings) as stores:
        assert httpx.get(f"{stores.url}/lookup?id=7&country=us").json() == body


def test_a_recorded_page_comes_byte_for_byte(corpus: Path, clock: Clock) -> None:
    package = "com.google.android.apps.translate"
    path = corpus / "play_web" / "2026-07-06_us_translate.html"
    recordings = recorded_pages({(package, "us"): path})
    with serve(recorded_world(clock, recordings), recordings=recordings) as stores:
        address = f"{stores.url}/store/apps/details?id={package}&hl=en&gl="
        assert httpx.get(f"{address}us").content == path.read_bytes()
        assert httpx.get(f"{address}fr").status_code == 404


def test_pages_of_a_folder_are_named_by_package_and_storefront(tmp_path: Path) -> None:
    page = tmp_path / "com.example_app_us.html"
    page.write_text("<html>")
    assert page_files(tmp_path) == {("com.example_app", "us"): page}
