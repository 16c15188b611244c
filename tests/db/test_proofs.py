"""What is read of a change is all that proves it, and makes a bundle that holds on its own."""

import os
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from appwatch.db import holds, proofs, retracting, tables
from appwatch.db.tidy import tidy_evidence
from appwatch.domain.holding import HoldRule
from appwatch.domain.model import Place
from appwatch.evidence.bundle import Packing, make_bundle
from appwatch.evidence.proof import Proof, StoreFacts
from appwatch.evidence.verify import verify
from appwatch.simulator import Fault, FaultKind, SimulatedApp
from tests.evidence.bundles import members
from tests.monitor import CASTRO, JIKE, START, ZYNN, Monitor, monitoring

CONTROL = "361309726"


@pytest.fixture
def monitor(tmp_path: Path, database_url: str) -> Iterator[Monitor]:
    with monitoring(tmp_path, database_url) as monitor:
        monitor.check()
        yield monitor


def is_single(url: str, listing: str) -> bool:
    """Whether a request asks for nothing but this listing and the control."""
    asked = parse_qs(urlsplit(url).query).get("id", [listing])[0].split(",")
    return len(asked) == 1 or set(asked) <= {listing, CONTROL}


def proof(monitor: Monitor, number: int = 0) -> Proof:
    """Return the proof of a change."""
    change = monitor.rows(tables.changes)[number]
    with monitor.services.database.read() as connection:
        found = proofs.proof_of(connection, change.id)
    assert found is not None
    return found


def bundle(monitor: Monitor, proof: Proof, to: Path) -> Path:
    """Return a bundle of it."""
    store = monitor.services.stores[proof.change.store]
    facts = StoreFacts(store.title, store.rules, is_single, store.extract, store.page_url)
    return make_bundle(proof, monitor.services.evidence, to, Packing(facts, monitor.at))


def look(monitor: Monitor, times: int) -> None:
    for _ in range(times):
        monitor.wait(15)
        monitor.check()


def test_a_disappearance_is_proven_at_both_ends(monitor: Monitor, tmp_path: Path) -> None:
    monitor.world.remove("app_store", CASTRO, ["cn"])
    look(monitor, 3)
    found = proof(monitor)
    assert [one.role for one in found.looks] == ["after", "confirms", "confirms"]
    assert found.looks[0].seen_at == found.change.after_at == START + timedelta(minutes=15)
    assert found.last_good is not None
    assert found.last_good.facts["name"] == "Castro"
    assert found.before is not None
    assert (found.ended and found.ended.state, found.began and found.began.state) == (
        "available",
        "gone",
    )
    made = bundle(monitor, found, tmp_path / "a.wacz")
    assert verify(made).passed
    assert JIKE.encode() not in made.read_bytes()


def test_a_return_is_proven_by_this_apps_part_of_the_batches(
    monitor: Monitor, tmp_path: Path
) -> None:
    monitor.world.remove("app_store", CASTRO, ["cn"])
    look(monitor, 3)
    monitor.world.restore("app_store", CASTRO, ["cn"])
    look(monitor, 2)
    found = proof(monitor, 1)
    assert (found.change.kind, found.last_good) == ("returned", None)
    made = bundle(monitor, found, tmp_path / "a.wacz")
    extracts = [content for name, content in members(made).items() if "extract" in name]
    assert len(extracts) == 2
    assert all(CASTRO.encode() in content for content in extracts)
    assert verify(made).passed
    assert JIKE.encode() not in made.read_bytes()


def test_looks_of_a_suspicion_that_was_cleared_prove_nothing_later(monitor: Monitor) -> None:
    monitor.world.remove("google_play", ZYNN)
    look(monitor, 2)
    monitor.world.restore("google_play", ZYNN)
    look(monitor, 1)
    monitor.world.remove("google_play", ZYNN)
    look(monitor, 3)
    found = proof(monitor)
    assert len(found.looks) == 3
    assert found.looks[0].seen_at == found.change.after_at
    assert all(one.seen_at > found.change.before_at for one in found.looks)


def test_a_page_that_is_gone_is_proven_with_its_control(monitor: Monitor, tmp_path: Path) -> None:
    monitor.world.remove("google_play", ZYNN)
    look(monitor, 3)
    found = proof(monitor)
    asked = {parse_qs(urlsplit(one.url).query)["id"][0] for one in found.exchanges}
    assert asked == {ZYNN, "com.google.android.apps.maps"}
    made = bundle(monitor, found, tmp_path / "a.wacz")
    assert verify(made).passed
    assert b"404" in members(made)["indexes/index.cdxj"]


def test_a_change_that_is_not_there_has_no_proof(monitor: Monitor) -> None:
    with monitor.services.database.read() as connection:
        assert proofs.proof_of(connection, "c_none") is None


@pytest.mark.parametrize(("store", "listing"), [("app_store", CASTRO), ("google_play", ZYNN)])
def test_an_older_change_still_shows_the_listing_as_it_was_before_it(
    monitor: Monitor, tmp_path: Path, store: str, listing: str
) -> None:
    monitor.world.remove(store, listing)
    look(monitor, 3)
    monitor.world.restore(store, listing)
    look(monitor, 2)
    monitor.wait(2 * 24 * 60)
    renew(monitor, listing)
    tidy_away(monitor)
    found = proof(monitor)
    assert found.last_good is not None
    assert found.last_good.facts["name"] in ("Castro", "Zynn")
    kept = members(bundle(monitor, found, tmp_path / "a.wacz"))["appwatch/last-good.txt"]
    assert sha256(kept).hexdigest() == found.last_good.body
    assert b"Renewed" not in kept
    assert verify(tmp_path / "a.wacz").passed


def renew(monitor: Monitor, listing: str) -> None:
    """Let the listing say something else of itself, and keep that."""
    app = {CASTRO: SimulatedApp("Renewed", app_store=CASTRO)}.get(listing)
    monitor.world.describe(app or SimulatedApp("Renewed", google_play=listing))
    monitor.check()
    facts = [row.facts["name"] for row in monitor.rows(tables.listings)]
    assert "Renewed" in facts


def tidy_away(monitor: Monitor) -> None:
    """Tidy with the tightest bound, long after."""
    services = monitor.services
    for path in services.evidence.folder.glob("*/*"):
        os.utime(path, (monitor.at.timestamp(), monitor.at.timestamp()))
    monitor.wait(10 * 24 * 60)
    assert tidy_evidence(services.database, services.evidence, 1, monitor.at).files


def test_the_answer_to_the_last_good_look_is_known_by_its_hash(monitor: Monitor) -> None:
    (held,) = {row.last_answer for row in monitor.rows(tables.targets) if row.listing == ZYNN}
    monitor.faults.add(Fault(FaultKind.CAPTCHA, store="google_play"))
    look(monitor, 1)
    monitor.faults.clear()
    monitor.world.remove("google_play", ZYNN)
    for _ in range(3):
        monitor.wait(60)  # the captcha's rest is over
        monitor.check()
    before = proof(monitor).before
    assert before is not None
    assert before.answer == held.hex()


def test_what_is_pinned_for_a_suspicion_goes_when_it_is_cleared(monitor: Monitor) -> None:
    monitor.world.remove("google_play", ZYNN)
    look(monitor, 1)
    (pinned,) = monitor.rows(tables.last_good)
    assert (pinned.change_id, pinned.facts["name"]) == (None, "Zynn")
    monitor.world.restore("google_play", ZYNN)
    look(monitor, 1)
    assert monitor.rows(tables.last_good) == []


def retract(monitor: Monitor) -> None:
    """Take the first change back."""
    change = monitor.rows(tables.changes)[0].id
    with monitor.services.database.write() as connection:
        retracting.retract(connection, change, "desk", "our proxy lied", monitor.at)


def test_what_goes_again_after_a_retraction_is_proven_by_the_look_before_the_first(
    monitor: Monitor, tmp_path: Path
) -> None:
    monitor.world.remove("app_store", CASTRO, ["cn"])
    look(monitor, 4)
    first = proof(monitor)
    retract(monitor)
    look(monitor, 3)
    again = proof(monitor, 1)
    assert again.before == first.before
    assert verify(bundle(monitor, again, tmp_path / "a.wacz")).passed


def test_a_retraction_during_a_look_leaves_no_look_without_its_answers(
    monitor: Monitor, tmp_path: Path
) -> None:
    monitor.world.remove("app_store", CASTRO, ["cn"])
    look(monitor, 3)
    monitor.wait(15)
    begun = monitor.selected()
    retract(monitor)
    monitor.sweep(begun)
    look(monitor, 3)
    again = proof(monitor, 1)
    assert len(again.looks) == 3
    assert verify(bundle(monitor, again, tmp_path / "a.wacz")).passed


def test_what_was_dropped_with_a_hold_names_no_answer_that_left_it_out(
    monitor: Monitor, tmp_path: Path
) -> None:
    monitor.world.remove("app_store", CASTRO, ["cn"])
    monitor.world.remove("app_store", JIKE, ["cn"])
    look(monitor, 1)
    rule, cn = HoldRule(0, 0), Place("app_store", "cn")
    with monitor.services.database.write() as connection:
        hold = holds.consider(connection, cn, (), rule, timedelta(hours=1), monitor.at)[0]
        holds.drop(connection, hold.id, monitor.at)
    look(monitor, 3)
    found = proof(monitor)
    assert found.before is not None
    assert found.before.answer is None
    assert verify(bundle(monitor, found, tmp_path / "a.wacz")).passed


def test_a_removal_after_the_clock_was_set_right_is_dated_by_looks_since(
    monitor: Monitor, tmp_path: Path
) -> None:
    monitor.wait(30 * 24 * 60)
    monitor.check()
    monitor.at = START
    look(monitor, 1)
    monitor.world.remove("app_store", CASTRO, ["cn"])
    look(monitor, 3)
    found = proof(monitor)
    assert found.change.before_at == START + timedelta(minutes=15)
    assert verify(bundle(monitor, found, tmp_path / "a.wacz")).passed


def test_a_removal_at_once_after_the_clock_was_set_right_is_proven_by_the_order_of_its_looks(
    monitor: Monitor, tmp_path: Path
) -> None:
    monitor.wait(2 * 24 * 60)
    renew(monitor, ZYNN)
    monitor.at = START
    monitor.world.remove("google_play", ZYNN)
    look(monitor, 3)
    found = proof(monitor)
    assert found.last_good is not None
    assert found.change.before_at == found.change.after_at < found.last_good.seen_at
    verified = verify(bundle(monitor, found, tmp_path / "a.wacz"))
    assert verified.passed
    (times,) = (check.detail for check in verified.checks if check.name == "times")
    assert times.endswith("the same moment, so a clock was set")


def test_a_removal_under_a_clock_that_is_behind_all_looks_before_is_proven(
    monitor: Monitor, tmp_path: Path
) -> None:
    monitor.wait(-300)
    monitor.world.remove("google_play", ZYNN)
    look(monitor, 3)
    found = proof(monitor)
    assert all(one.seen_at < found.change.after_at for one in found.looks)
    assert verify(bundle(monitor, found, tmp_path / "a.wacz")).passed


def test_a_listing_that_was_seen_once_between_two_states_is_proven_with_them(
    tmp_path: Path, database_url: str
) -> None:
    with monitoring(tmp_path, database_url) as monitor:
        monitor.world.restrict("google_play", ZYNN)
        monitor.check()
        look(monitor, 1)
        monitor.world.restore("google_play", ZYNN)
        look(monitor, 1)
        monitor.world.remove("google_play", ZYNN)
        look(monitor, 3)
        found = proof(monitor)
        assert found.last_good is not None
        assert found.change.before_at < found.last_good.seen_at < found.change.after_at
        assert verify(bundle(monitor, found, tmp_path / "a.wacz")).passed


def test_looks_under_a_clock_that_was_set_back_later_prove_no_change_before(
    monitor: Monitor,
) -> None:
    monitor.world.remove("app_store", CASTRO, ["cn"])
    look(monitor, 3)
    before = proof(monitor)
    monitor.wait(-300)
    monitor.world.restore("app_store", CASTRO, ["cn"])
    look(monitor, 3)
    monitor.world.remove("app_store", CASTRO, ["cn"])
    look(monitor, 3)
    assert len(monitor.rows(tables.changes)) == 3
    assert proof(monitor).looks == before.looks
