"""Good answers of both stores, spoiled: always an outcome, and none that is not borne out."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appwatch.domain.model import Observation, Outcome, Verdict
from appwatch.stores.app_store import AppStore
from appwatch.stores.base import Answer, Asked, Batch, Findings, Request, Store
from appwatch.stores.google_play import GooglePlay
from benchmarks.fuzz import seeds, trying
from benchmarks.fuzz.claims import complaint
from benchmarks.fuzz.seeds import APP, CONTROL, READERS, Seed
from benchmarks.fuzz.spoiling import spoiled

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / ".." / "shared" / "corpus"
MADE = seeds.made()
OUTCOMES = [outcome for outcome in Outcome if outcome is not Outcome.INCONCLUSIVE]
STORES: list[tuple[Store, str, str, str]] = [
    (AppStore("https://itunes.apple.com"), "lookup", APP.app_store, CONTROL.app_store),
    (GooglePlay("https://play.google.com"), "details", APP.google_play, CONTROL.google_play),
]
quickly = settings(
    max_examples=25,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def of(reader: str, among: Sequence[Seed] = MADE) -> list[Seed]:
    return [seed for seed in among if seed.reader == reader]


def assert_borne_out(seed: Seed, answer: Answer) -> None:
    assert not complaint(seed, answer, seed.read(answer))


@pytest.mark.parametrize("seed", MADE, ids=lambda seed: seed.name)
def test_a_good_answer_bears_its_own_verdict_out_and_no_other(seed: Seed) -> None:
    right = seed.read(seed.answer)
    assert right.outcome in OUTCOMES
    assert_borne_out(seed, seed.answer)
    for outcome in set(OUTCOMES) - {right.outcome}:
        assert complaint(seed, seed.answer, Verdict(outcome, "made up")), outcome


@pytest.mark.parametrize("reader", sorted(READERS))
@quickly
@given(random=st.randoms(use_true_random=False), data=st.data())
def test_whatever_is_done_to_an_answer_its_verdict_is_borne_out(
    reader: str, random: Random, data: st.DataObject
) -> None:
    seed = data.draw(st.sampled_from(of(reader)))
    assert_borne_out(seed, spoiled(seed, MADE, random))


@pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the recorded answers (../shared/corpus) are not here"
)
@pytest.mark.parametrize("number", range(0, 120, 20))
def test_whatever_is_done_to_a_recorded_answer_its_verdict_is_borne_out(number: int) -> None:
    recorded = seeds.recorded(CORPUS)
    for each in range(number, number + 20):
        tried = trying.attempt([*recorded, *MADE], "recorded", each)
        assert not tried.finding, tried


def test_the_same_run_and_number_are_the_same_input() -> None:
    first, again = (trying.attempt(MADE, "any", 5) for _ in range(2))
    assert replace(first, seconds=0) == replace(again, seconds=0)


def test_the_command_tells_what_it_tried() -> None:
    command = [sys.executable, "-m", "benchmarks.fuzz", "--minutes", "0", "--first", "3"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    assert "1 inputs, 0 findings" in done.stderr


def look(store: Store, batch: Batch, answers: Sequence[Answer]) -> tuple[Observation, list[Answer]]:
    """Carry a look, each request answered by the next of these, the last one for ever."""
    dialogue, told = store.look(batch), list[Answer]()
    request: Request = next(dialogue)
    while True:
        template = answers[min(len(told), len(answers) - 1)]
        told.append(replace(template, request=request, url=request.url))
        try:
            request = dialogue.send(told[-1])
        except StopIteration as end:
            findings: Findings = end.value
            return findings.observations[0], told


@pytest.mark.parametrize(("store", "reader", "listing", "control"), STORES)
@quickly
@given(random=st.randoms(use_true_random=False), data=st.data())
def test_an_absence_is_observed_only_beside_a_control(
    store: Store, reader: str, listing: str, control: str, random: Random, data: st.DataObject
) -> None:
    good = data.draw(st.lists(st.sampled_from(of(reader)), min_size=1, max_size=4))
    answers = [spoiled(seed, MADE, random) for seed in good]
    asked = Batch(good[0].storefront, [Asked(listing, Outcome.AVAILABLE)], [control], "key")
    seen, told = look(store, asked, answers)
    if seen.outcome is Outcome.NOT_FOUND:
        spoken = told[seen.exchanges[0]].body if reader == "lookup" else told[1].body
        assert control.encode() in spoken
