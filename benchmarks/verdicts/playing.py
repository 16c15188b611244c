"""Plays one policy on one trace: what happens is played, what stays as it is is counted."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.verdicts import holds
from benchmarks.verdicts.answers import Answers
from benchmarks.verdicts.course import Course
from benchmarks.verdicts.policies.base import Claim, Policy, Run
from benchmarks.verdicts.schedule import Schedule
from benchmarks.verdicts.trace import APP_STORE, Fault, Target, Trace


@dataclass(frozen=True, slots=True)
class Played:
    """What a policy told of a trace, and what it asked for that.

    `weights`: for how many targets a target stands that always meet the same answers.
    """

    claims: list[Claim]
    weights: dict[Target, int]
    requests: dict[str, int]
    rounds: dict[str, int]  # the requests of one plain look per round
    held: int  # storefronts in which departures were held


def play(policy: Policy, trace: Trace, schedule: Schedule) -> Played:
    """Let the policy watch the trace from its beginning to its end."""
    run = _run(policy, trace, schedule, {})
    held = holds.spans(trace, schedule, run.suspicions) if policy.holds else {}
    if held:
        run = _run(policy, trace, schedule, held)
    rounds = {
        store: sum(sweep.requests for sweeps in places.values() for sweep in sweeps)
        for store, places in schedule.sweeps.items()
    }
    requests = Counter(rounds)
    requests.update(run.extra)
    requests.update(policy.beside(run))
    return Played(run.claims, dict(_quiet(trace)), dict(requests), rounds, len(held))


def _run(policy: Policy, trace: Trace, schedule: Schedule, held: holds.Held) -> Run:
    answers = Answers(trace, fresh=policy.fresh, tries=policy.tries)
    run = Run(answers, schedule, rests=policy.rests(trace, schedule), held=held)
    course = Course(answers, schedule, policy.notices)
    for target in sorted(_eventful(trace)):
        _watch(policy, run, course, target, eventful=True)
    for target, _ in _quiet(trace):
        _watch(policy, run, course, target, eventful=False)
    return run


def _watch(policy: Policy, run: Run, course: Course, target: Target, *, eventful: bool) -> None:
    """Play the looks at one target, from one at which something may be new to the next."""
    at, alone = course.next_look(target, 0.0, eventful=eventful), False
    if at is None:
        return
    watch = policy.watch(run, target)
    while at is not None:
        watch.look(at, alone=alone)
        early = run.schedule.served(target.store, watch.due) if watch.due is not None else None
        if early is None and watch.due is None and watch.at_rest:
            at, alone = course.next_look(target, at, eventful=eventful), False
            continue
        due = run.schedule.after(target, at)
        alone = early is not None and (due is None or early < due)
        at = early if alone else due


def _eventful(trace: Trace) -> set[Target]:
    """Return the targets to which something of their own happens."""
    flapping = {
        Target(APP_STORE, episode.storefront, app)
        for episode in trace.of(Fault.FALSE_EMPTY)
        if not episode.whole
        for app in episode.apps
    }
    return flapping | set(trace.absences)


def _quiet(trace: Trace) -> Iterator[tuple[Target, int]]:
    """Yield the others, with their number: App Store ones of one batch meet the same."""
    eventful = _eventful(trace)
    alike: Counter[tuple[str, int, bool]] = Counter()
    first: dict[tuple[str, int, bool], Target] = {}
    for store in trace.rates.storefronts:
        for storefront in trace.storefronts(store):
            for app in range(trace.rates.apps):
                target = Target(store, storefront, app)
                if target in eventful:
                    continue
                if store != APP_STORE:
                    yield target, 1
                    continue
                key = (storefront, target.batch, target in trace.never_listed)
                alike[key] += 1
                first.setdefault(key, target)
    for key, target in first.items():
        yield target, alike[key]
