"""A short run of the benchmark of alerts: nothing is missed, and repeats say so."""

from benchmarks.alerts.__main__ import disturbed, figures, undisturbed


def test_a_short_run_misses_nothing_and_every_repeat_says_so() -> None:
    plain, beside = (undisturbed(10, 20, dead=dead) for dead in (False, True))
    killed = disturbed(20, 20, kills=3)
    found = figures(plain, beside, killed, kills=3)
    assert [len(story.committed) for story in (plain, beside, killed)] == [10, 10, 20]
    assert [one.name for one in found if not one.kept and one.unit != "ratio"] == []
