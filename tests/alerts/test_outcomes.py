"""How an attempt ended, by what Apprise noted: what nobody knows is never called unsent."""

import pytest

from appwatch.alerts.answers import Answer
from appwatch.alerts.outcomes import Notes, read
from appwatch.db.outbox import Result

URL = "lark://deadbeefcafe"
LARK_BROKE = "Lark Exception: ('Connection aborted.', RemoteDisconnected('no response'))"
COPY_REFUSED = "SMTP recipient b@b.example was refused: 550 b'5.1.1 no such user'"


@pytest.mark.parametrize("said", ["", LARK_BROKE, COPY_REFUSED])
def test_what_nothing_shows_to_be_unsent_may_have_arrived(said: str) -> None:
    entries = (("WARNING", said),) if said else ()
    assert read(Notes(taken=False, entries=entries), URL).result is Result.AMBIGUOUS


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (500, Result.FAILED),
        (502, Result.AMBIGUOUS),
        (503, Result.FAILED),
        (504, Result.AMBIGUOUS),
        (520, Result.AMBIGUOUS),
        (524, Result.AMBIGUOUS),
        (404, Result.PERMANENT),
    ],
)
def test_a_gateway_that_lost_its_service_does_not_say_what_became_of_a_message(
    status: int, result: Result
) -> None:
    answers = (Answer(200, None, "a login"), Answer(status, None, ""))
    assert read(Notes(taken=False, entries=(), answers=answers), URL).result is result
    worded = (("WARNING", f"Failed to send: error={status}."),)
    assert read(Notes(taken=False, entries=worded), URL).result is result


def test_a_service_that_answers_well_and_takes_nothing_is_tried_again_unmarked() -> None:
    entries = (("WARNING", "channel_not_found"),)
    found = read(Notes(taken=False, entries=entries, answers=(Answer(200, None, "{}"),)), URL)
    assert found.result is Result.FAILED
