"""The rules that read what is wrong with an answer in any store, in the order of precedence."""

from collections.abc import Mapping
from types import MappingProxyType

from appwatch.domain.instrument import NONSENSE_FOUND
from appwatch.domain.model import Reason, Verdict
from appwatch.domain.verdict import Rule, inconclusive
from appwatch.stores.base import Answer

NO_ANSWER: Mapping[Reason, Rule] = MappingProxyType(
    {
        Reason.NETWORK: inconclusive(
            "any.network",
            Reason.NETWORK,
            "DNS, TCP or TLS failed, the connection closed early, the body came short",
            "nothing that the store said arrived whole",
        ),
        Reason.TIMEOUT: inconclusive(
            "any.timeout",
            Reason.TIMEOUT,
            "the whole request's deadline passed, headers and body included",
            "nothing that the store said arrived whole",
        ),
        Reason.TOO_LARGE: inconclusive(
            "any.too_large",
            Reason.TOO_LARGE,
            "more bytes than the cap allows, received or decompressed",
            "no answer of a store is that large, so this is none",
        ),
        Reason.RATE_LIMITED: inconclusive(
            "any.resting",
            Reason.RATE_LIMITED,
            "the host rests after it asked us to slow down, so it was not asked",
            "what was not asked was not answered",
        ),
        Reason.BAD_ANSWER: inconclusive(
            "any.undecodable",
            Reason.BAD_ANSWER,
            "a content coding that was not asked for or does not decode, or endless redirects",
            "the bytes cannot be read as any answer",
        ),
        Reason.INTERNAL_ERROR: inconclusive(
            "any.internal_error",
            Reason.INTERNAL_ERROR,
            "an error of our own while looking",
            "our own failure says nothing about a store",
        ),
    }
)

TOO_MANY_REQUESTS = inconclusive(
    "any.429",
    Reason.RATE_LIMITED,
    "status 429",
    "the store says that we ask too often, and nothing else",
)
SERVER_ERROR = inconclusive(
    "any.5xx",
    Reason.SERVER_ERROR,
    "a status from 500 on",
    "the store says that it failed, and nothing else",
)

FAULT_RULES: tuple[Rule, ...] = (
    *NO_ANSWER.values(),
    TOO_MANY_REQUESTS,
    SERVER_ERROR,
    NONSENSE_FOUND,
)


def fault_of(answer: Answer) -> Verdict | None:
    """Return what is wrong with the answer whatever the store, or None if it can be read."""
    if answer.fault is not None:
        rule = NO_ANSWER.get(answer.fault, NO_ANSWER[Reason.INTERNAL_ERROR])
        return rule.says(answer.detail)
    if answer.status == 429:
        return TOO_MANY_REQUESTS.says()
    if answer.status >= 500:
        return SERVER_ERROR.says(f"status {answer.status}")
    return None
