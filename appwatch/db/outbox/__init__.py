"""The outbox: deliveries claimed with a lease, settled by the lease's owner, never lost."""

from appwatch.db.outbox.claiming import claim, is_ready
from appwatch.db.outbox.gathering import gather_late, has_late
from appwatch.db.outbox.queueing import (
    Letter,
    join,
    post,
    queues_of,
    stand,
    tell_change,
    tell_notice,
)
from appwatch.db.outbox.retrying import Retried, retry
from appwatch.db.outbox.settling import LOST_WORDS, Attempt, settle
from appwatch.db.outbox.standing import (
    Claimed,
    Result,
    Status,
    Subject,
    channel_of,
    channels_waiting,
    waiting,
)
from appwatch.db.outbox.withdrawing import nobody_hears, withdraw

__all__ = [
    "LOST_WORDS",
    "Attempt",
    "Claimed",
    "Letter",
    "Result",
    "Retried",
    "Status",
    "Subject",
    "channel_of",
    "channels_waiting",
    "claim",
    "gather_late",
    "has_late",
    "is_ready",
    "join",
    "nobody_hears",
    "post",
    "queues_of",
    "retry",
    "settle",
    "stand",
    "tell_change",
    "tell_notice",
    "waiting",
    "withdraw",
]
