from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from appwatch.doctor.reaching import clock_beside
from appwatch.stores.base import Answer, Request

AT = datetime(2026, 7, 6, 12, tzinfo=UTC)
REQUEST = Request("https://example.org/", "lookup", "us", frozenset())


def dated(*headers: str) -> list[Answer]:
    return [Answer(REQUEST, AT, AT, 200, headers=(("Date", header),)) for header in headers]


def test_a_clock_that_agrees_with_the_store_is_fine() -> None:
    found = clock_beside("App Store", dated(format_datetime(AT - timedelta(seconds=59))))
    assert found is not None
    assert found.ok


def test_a_clock_that_is_off_is_told_with_the_remedy() -> None:
    found = clock_beside("App Store", dated(format_datetime(AT + timedelta(hours=2))))
    assert found is not None
    assert (found.ok, found.says) == (False, "7200 s apart (here 2026-07-06 12:00:00 UTC)")
    assert "set this machine's clock" in str(found.remedy)


def test_a_date_that_cannot_be_read_says_nothing_of_the_clock() -> None:
    assert clock_beside("App Store", dated("", "yesterday", "Mon, 06 Jul 2026 12:00:00")) is None
