"""Processes of `appwatch run` whose leases end soon, and which end themselves at a step."""

import sys
from pathlib import Path

# A process of `run` that ends itself at a step; or never, and then takes up nothing new while a
# file is there: so it is sure who comes to the step.
WORKER = """
import os, signal, sys
from datetime import timedelta
from pathlib import Path
from appwatch import checking
from appwatch.alerts import outbox as sending
from appwatch.cli import main
from appwatch.db import due, outbox, record
from appwatch.domain.state import Transition

step, rests, lease = sys.argv.pop(1), Path(sys.argv.pop(1)), float(sys.argv.pop(1))
sending.LEASE, due.LEASE = timedelta(seconds=lease), timedelta(seconds=2)

def resting(place, name, nothing):
    plain = getattr(place, name)
    setattr(place, name, lambda *given: nothing if rests.exists() else plain(*given))

if step == "never":
    resting(due, "due_places", [])
    resting(outbox, "claim", None)
if "look" in step:
    # It would end in the middle of a message too: at two steps at once.
    outbox.channels_waiting = lambda connection: []

def dying(place, name, of_step, before=False):
    plain = getattr(place, name)
    def deed(*given):
        if step == of_step and before and is_of_changes(*given):
            os.kill(os.getpid(), signal.SIGKILL)
        done = plain(*given)
        if step == of_step and is_of_changes(*given, done):
            os.kill(os.getpid(), signal.SIGKILL)
        return done
    setattr(place, name, deed)

def is_of_changes(*told):
    looked = [one for list_of in told if isinstance(list_of, list) for one in list_of]
    events = [event for one in looked for event in getattr(one, "events", ())]
    changed = any(isinstance(event, Transition) and event.kind for event in events)
    return changed or any(getattr(one, "subject", None) == "changes" for one in told)

dying(record, "record", "before the look is kept")
dying(checking, "_record", "after the look is kept")
dying(outbox, "claim", "within the claim")
dying(sending._Round, "_attempt", "after the claim", before=True)
dying(sending._Round, "_attempt", "after the send")
dying(outbox, "settle", "before it is settled")
dying(sending._Round, "_deliver", "after it is settled")
main()
"""


def worker(step: str, rests: Path, lease: float = 6) -> list[str]:
    """Return the command; `never` is no step, and `rests` the file that lets it rest.

    It holds a message for `lease` seconds: who lives, longer than it takes to send on a busy
    machine; who dies, no longer than a test waits.
    """
    command = [sys.executable, "-W", "ignore", "-c", WORKER]
    return [*command, step, str(rests), str(lease), "run"]
