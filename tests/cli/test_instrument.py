"""Trouble of the instrument is seen where an operator looks: status, coverage, doctor."""

from datetime import timedelta

import pytest

from appwatch.simulator import Fault, FaultKind, Faults, Surface, World
from tests.cli.conftest import WATCHLIST, Clock, Office

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
OUTAGE = Fault(FaultKind.FALSE_ABSENCE, surface=Surface.LOOKUP, storefronts=frozenset({"cn"}))
SICK = "The controls of app_store/cn are not seen: no absence counts there, 2 of 2 targets"


def check(office: Office, clock: Clock, times: int) -> None:
    for _ in range(times):
        clock.moment += timedelta(minutes=15)
        office.call("check")


@pytest.fixture
def sick(office: Office, clock: Clock, faults: Faults) -> Office:
    """Return an office in which China's lookup has found nothing in two rounds."""
    office.call("check")
    faults.add(OUTAGE)
    check(office, clock, 2)
    return office


def test_status_and_doctor_name_it_while_it_lasts(sick: Office) -> None:
    assert f"appwatch: {SICK}" in sick.call("status").stderr
    doctor = sick.call("doctor", "--format", "jsonl")
    assert doctor.exit_code == 1
    assert SICK in doctor.stdout


def test_coverage_still_tells_it_when_it_is_over(
    sick: Office, clock: Clock, faults: Faults
) -> None:
    faults.remove(OUTAGE)
    check(sick, clock, 1)
    assert SICK not in sick.call("status").stderr
    told = sick.call("coverage").stderr
    assert SICK in told
    assert "until 2026-07-06" in told


def test_a_lost_control_is_proposed_for_replacement(
    office: Office, clock: Clock, world: World
) -> None:
    office.call("check")
    world.remove("app_store", "361309726", ["cn"])
    check(office, clock, 3)
    told = office.call("status").stderr
    assert "The control 361309726 is gone from app_store/cn since" in told
    assert "Replace it under controls: in the watchlist." in told
    assert "others vouch there" in office.call("doctor", "--format", "jsonl").stdout


def test_a_suspicion_that_a_hold_keeps_back_names_the_hold(
    office: Office, clock: Clock, world: World
) -> None:
    office.write(WATCHLIST + "hold: {share: 0.1, at_least: 1}\n")
    office.call("check")
    world.remove("app_store", "966129812", ["cn"])
    check(office, clock, 1)
    rows = office.call("status", "--format", "csv").stdout.splitlines()
    held = [line.split(",")[-1] for line in rows if ",suspected," in line]
    assert len(held) == 1
    assert held[0].startswith("h-")
