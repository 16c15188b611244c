"""What the commands about evidence make of a change's proof: rows, and the bundle's packing."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from appwatch import __version__
from appwatch.alerts.language import ENGLISH, speaking
from appwatch.cli import saying
from appwatch.cli.options import named
from appwatch.db import proofs, queries
from appwatch.errors import EvidenceError, UsageError
from appwatch.evidence import Evidence
from appwatch.evidence.bundle import Packing, make_bundle
from appwatch.evidence.proof import ExchangeProof, LookProof, Proof, StoreFacts
from appwatch.evidence.timestamp import (
    ANSWER_CAP,
    ANSWER_TYPE,
    QUERY_TYPE,
    accept_answer,
    make_query,
)
from appwatch.exports import Row
from appwatch.fetching.calling import Call, NotAnswered, call
from appwatch.rereading import Rereading
from appwatch.stores.faults import FAULT_RULES
from appwatch.wiring import Services

_NAMED = 3  # of the newest changes, where one is asked for that is none
_NO_ANSWER = (
    "exchange", "surface", "url", "status", "fault", "size", "sha256", "intact",
)  # fmt: skip


class NotStamped(EvidenceError):
    """The timestamp authority gave no timestamp; says why."""


def require_proof(services: Services, change: str) -> Proof:
    """Return what proves a change. Raises UsageError, naming the newest changes."""
    with services.database.read() as connection:
        found = proofs.proof_of(connection, change)
        if found is not None:
            return found
        newest = [one.id for one in queries.changes_listed(connection, queries.Chosen())]
    raise UsageError(f"There is no change {change!r}; {named(newest, _NAMED)}.")


def rows_of(proof: Proof, evidence: Evidence) -> Iterator[Row]:
    """Yield a row for the last good listing, every answer behind every look, every capture."""
    good = proof.last_good
    if good is not None:
        told: Row = {"role": "before", "seen_at": good.seen_at, "outcome": None, "rule": None}
        kept: Row = {"sha256": good.body, "intact": is_intact(evidence, good.body)}
        yield {**dict.fromkeys(_NO_ANSWER), **told, **kept}
    answers = {one.id: one for one in proof.exchanges}
    for look in proof.looks:
        if not look.exchanges:
            yield {**dict.fromkeys(_NO_ANSWER), **_look(look)}
        for number in look.exchanges:
            yield {**_look(look), **_answer(answers[number], evidence)}
    for one in proof.captures:
        seen: Row = {"role": "capture", "seen_at": one.settled_at, "outcome": one.status}
        where: Row = {"url": one.capture_url or one.url, "fault": one.words}
        yield {**dict.fromkeys(_NO_ANSWER), "rule": None, **seen, **where}


def is_intact(evidence: Evidence, digest: str) -> bool:
    """Whether the body is in the folder, and is what it was."""
    try:
        evidence.read(digest)
    except EvidenceError:
        return False
    return True


def packing_of(
    services: Services, proof: Proof, *, include_batches: bool, stamped: bool
) -> Packing:
    """Return how the bundle is made. Raises UsageError where no authority is known to stamp it."""
    change = proof.change
    store = services.stores[change.store]
    with services.database.read() as connection:
        controls = proofs.controls_asked(connection, change.store, change.storefront)
    facts = StoreFacts(
        store.title,
        (*store.rules, *FAULT_RULES),
        lambda url, listing: store.is_single(url, listing, controls),
        store.extract,
        store.page_url,
        speaking(ENGLISH).place,
    )
    return Packing(facts, services.now(), include_batches, _stamp(services) if stamped else None)


def write_bundle(
    proof: Proof, evidence: Evidence, to: Path, packing: Packing, *, optional: bool
) -> None:
    """Write the bundle; without a timestamp if none is given and it is `optional`.

    Raises EvidenceError.
    """
    try:
        make_bundle(proof, evidence, to, packing)
    except NotStamped as error:
        if not optional:
            raise
        saying.note(f"{error} The bundle carries no timestamp.")
        make_bundle(proof, evidence, to, replace(packing, stamp=None))


def reread_row(one: Rereading) -> Row:
    """Return how a look was read then and reads now."""
    change, look, now = one.change, one.look, one.now
    return {
        "change": change.id,
        "kind": change.kind,
        "app": change.app,
        "store": change.store,
        "storefront": change.storefront,
        "seen_at": look.seen_at,
        "role": look.role,
        "then": look.outcome,
        "then_reason": look.reason,
        "then_rule": look.rule,
        "now": now.outcome.value if now else None,
        "now_reason": now.reason.value if now and now.reason else None,
        "now_rule": now.rule if now else None,
        "problem": one.problem or None,
    }


def _look(look: LookProof[datetime]) -> Row:
    outcome = look.outcome if look.reason is None else f"{look.outcome}: {look.reason}"
    return {"role": look.role, "seen_at": look.seen_at, "outcome": outcome, "rule": look.rule}


def _answer(answer: ExchangeProof, evidence: Evidence) -> Row:
    return {
        "exchange": answer.id,
        "surface": answer.surface,
        "url": answer.url,
        "status": answer.status,
        "fault": answer.fault,
        "size": answer.size,
        "sha256": answer.body,
        "intact": is_intact(evidence, answer.body),
    }


def _stamp(services: Services) -> Callable[[bytes], bytes]:
    """Return what asks the authority of the settings for a timestamp. Raises UsageError."""
    settings = services.settings
    if not settings.timestamp_url:
        raise UsageError(
            "APPWATCH_TIMESTAMP_URL is not set; set it to the address of an RFC 3161 authority."
        )
    headers = {
        "User-Agent": f"appwatch/{__version__}",
        "Content-Type": QUERY_TYPE,
        "Accept": ANSWER_TYPE,
        "Accept-Encoding": "identity",
    }

    def stamp(package: bytes) -> bytes:
        try:
            query = make_query(package)
            wanted = Call(
                settings.timestamp_url, headers, settings.request_timeout, ANSWER_CAP, query.body
            )
            return accept_answer(query, asyncio.run(call(wanted)))
        except NotAnswered as error:
            raise NotStamped(
                f"The timestamp authority {settings.timestamp_url} gave no timestamp ({error})."
            ) from error
        except EvidenceError as error:
            raise NotStamped(str(error)) from error

    return stamp
