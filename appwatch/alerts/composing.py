"""Makes the message of a delivery, by what it tells."""

from appwatch.alerts.first_report import first_report_message
from appwatch.alerts.gathered import gathered_message
from appwatch.alerts.letter import Message
from appwatch.alerts.messages import changes_message
from appwatch.alerts.notices import notices_message
from appwatch.alerts.reminders import reminder_message
from appwatch.alerts.trouble import operator_message
from appwatch.alerts.wording import Wording
from appwatch.db import deliveries, notices
from appwatch.db.engine import Database
from appwatch.db.outbox import Claimed, Subject


def compose(database: Database, claimed: Claimed, wording: Wording, language: str) -> Message:
    """Return the message of a delivery in one of LANGUAGES, from the rows that it tells alone."""
    subject, repeat = claimed.subject, claimed.possible_repeat
    if subject == Subject.FIRST_REPORT:
        return first_report_message(
            claimed.content, wording, language=language, possible_repeat=repeat
        )
    if subject == Subject.OPERATOR:
        return operator_message(claimed.content, wording, language=language, possible_repeat=repeat)
    with database.read() as connection:
        changes = deliveries.changes_of(connection, claimed.id)
        told = notices.of_delivery(connection, claimed.id)
    if subject == Subject.NOTICES:
        return notices_message(told, wording, language=language, possible_repeat=repeat)
    if subject == Subject.REMINDER:
        return reminder_message(
            changes, wording, claimed.content, language=language, possible_repeat=repeat
        )
    if subject in (Subject.SUMMARY, Subject.LATE):
        news = (changes, told)
        return gathered_message(subject, news, wording, language=language, possible_repeat=repeat)
    return changes_message(changes, wording, language=language, possible_repeat=repeat)
