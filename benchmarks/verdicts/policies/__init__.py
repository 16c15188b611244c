"""The policies that are compared, in the order of the table."""

from benchmarks.verdicts.policies.appwatch import APPWATCH
from benchmarks.verdicts.policies.base import Policy
from benchmarks.verdicts.policies.greatfire import GREATFIRE_2019, GREATFIRE_2024
from benchmarks.verdicts.policies.plain import CONTENT_CHANGE, STATUS_CODE

POLICIES: tuple[Policy, ...] = (
    APPWATCH,
    GREATFIRE_2019,
    GREATFIRE_2024,
    STATUS_CODE,
    CONTENT_CHANGE,
)

__all__ = [
    "APPWATCH",
    "CONTENT_CHANGE",
    "GREATFIRE_2019",
    "GREATFIRE_2024",
    "POLICIES",
    "STATUS_CODE",
    "Policy",
]
