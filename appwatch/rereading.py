"""Reads looks again from the answers that were kept, by the rules of today; changes nothing."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from appwatch.domain.model import ChangeKind, Observation, Outcome, Reason, State
from appwatch.domain.state import DEPARTURES, SETTLED
from appwatch.errors import EvidenceError
from appwatch.evidence.proof import ExchangeProof, LookProof, Proof, ProvenChange
from appwatch.fetching.decoding import Undecodable, decode
from appwatch.stores.base import Answer, Asked, Batch, Findings, Request, Store

# Stands for the round's own key, so that what a request says beside its key can be compared.
_KEY = "read-again"
_LARGEST = 1024 * 2**20  # bytes; the highest cap that a look may have had

Read = Callable[[str], bytes]  # a body by its SHA-256; raises EvidenceError


@dataclass(frozen=True, slots=True)
class Rereading:
    """A look of a change, as it was read then and as it reads now.

    `now` is None where it cannot be read again; `problem` says why.
    """

    change: ProvenChange[datetime]
    look: LookProof[datetime]
    now: Observation | None
    problem: str = ""

    @property
    def differs(self) -> bool:
        """Whether outcome, reason or rule would be another today."""
        if self.now is None:
            return False
        then = (self.look.outcome, self.look.reason, self.look.rule)
        return then != (self.now.outcome.value, self.now.reason, self.now.rule)

    @property
    def contradicts(self) -> bool:
        """Whether the look confirmed the change then, and would not today."""
        confirms = self.look.role != "between"
        return confirms and self.now is not None and self.now.outcome.value != self.look.outcome


class _CannotRead(Exception):
    """The look cannot be read again; says why."""


def reread(proof: Proof, store: Store, read: Read) -> list[Rereading]:
    """Read every look of the change again for which answers are kept, oldest first.

    The store's own dialogue is held once more, with the kept answers in place of new ones.
    A request of today's dialogue that was not made then has no answer: such a look cannot be
    read again, which says nothing against it.
    """
    return [_reread(proof, look, store, read) for look in proof.looks if _is_kept(look)]


def is_refuted(found: Sequence[Rereading]) -> bool:
    """Whether these looks of one change no longer confirm that something is gone.

    One is enough: as many looks as it was confirmed by, and no fewer, were needed. A look that
    cannot be read again counts as it was read then.
    """
    return any(one.contradicts and ChangeKind(one.change.kind) in DEPARTURES for one in found)


def _is_kept(look: LookProof[datetime]) -> bool:
    """Whether a look's answers were meant to be kept: inconclusive ones prove nothing."""
    return look.reason is None or bool(look.exchanges)


def _reread(proof: Proof, look: LookProof[datetime], store: Store, read: Read) -> Rereading:
    kept = sorted((e for e in proof.exchanges if e.id in look.exchanges), key=lambda e: e.id)
    if not kept or len(kept) < len(set(look.exchanges)):
        return Rereading(proof.change, look, None, "not every answer was kept")
    batch = _batch(proof.change, kept, store)
    try:
        findings = _replay(store, batch, kept, read)
    except _CannotRead as error:
        return Rereading(proof.change, look, None, str(error))
    now = next(o for o in findings.observations if o.listing == proof.change.listing)
    if now.reason is Reason.CONTROL_FAILED and not batch.controls:
        return Rereading(proof.change, look, None, "it is not known which control was asked")
    return Rereading(proof.change, look, now)


def _batch(change: ProvenChange[datetime], kept: Sequence[ExchangeProof], store: Store) -> Batch:
    """Return the batch that the first request was made of, as far as this listing goes.

    Its address names the listings; those that later requests name beside this one were asked
    again with it, the control last. The others are taken to be as they were.
    """
    slot = _slot_of(kept[0].url, change.listing)
    asked = _slots(kept[0].url)[slot] if slot else [change.listing]
    later = [
        one
        for exchange in kept[1:]
        if exchange.surface == kept[0].surface
        for one in _slots(exchange.url).get(slot or "", ())
        if one != change.listing
    ]
    doubted = any(exchange.surface in store.second_surfaces for exchange in kept)
    own = Asked(change.listing, SETTLED.get(State(change.from_state)), doubted)
    still = Outcome.NOT_FOUND
    return Batch(
        change.storefront,
        [own if a == own.listing else Asked(a, None if a in later else still) for a in asked],
        [*dict.fromkeys(reversed(later))],
        _KEY,
    )


def _replay(store: Store, batch: Batch, kept: Sequence[ExchangeProof], read: Read) -> Findings:
    """Hold the store's dialogue with the kept answers. Raises _CannotRead."""
    left = list(kept)
    dialogue = store.look(batch)
    try:
        request = next(dialogue)
        while True:
            exchange = _take(left, request)
            request = dialogue.send(_answer(request, exchange, read))
    except StopIteration as end:
        findings: Findings = end.value
        return findings


def _take(left: list[ExchangeProof], request: Request) -> ExchangeProof:
    """Take the first exchange that asked the same, the round's key aside, off those left."""
    keyed = {name for name, value in _query(request.url) if _KEY in value}
    asks = _question(request.url, keyed)
    for exchange in left:
        if exchange.surface == request.surface and _question(exchange.url, keyed) == asks:
            left.remove(exchange)
            return exchange
    raise _CannotRead(f"no answer was kept to what is asked of {request.surface} today")


def _answer(request: Request, exchange: ExchangeProof, read: Read) -> Answer:
    """Return the kept answer as it came then."""
    try:
        raw = read(exchange.body)
    except EvidenceError as error:
        raise _CannotRead(str(error)) from error
    answer = Answer(
        replace(request, url=exchange.url),
        exchange.started_at,
        exchange.finished_at,
        exchange.status,
        exchange.final_url,
        tuple(exchange.headers),
        raw=raw,
        fault=Reason(exchange.fault) if exchange.fault else None,
        detail=exchange.detail,
    )
    return answer if answer.fault else replace(answer, body=_decoded(answer))


def _decoded(answer: Answer) -> bytes:
    try:
        return decode(answer.raw, answer.header("content-encoding"), _LARGEST)
    except Undecodable as error:
        raise _CannotRead(f"a kept answer cannot be decoded ({error.detail})") from error


def _question(url: str, keyed: Collection[str]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return what an address asks for; where it is asked is the settings' matter."""
    query = (pair for pair in _query(url) if pair[0] not in keyed)
    return urlsplit(url).path, tuple(query)


def _query(url: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(url).query, keep_blank_values=True)


def _slots(url: str) -> dict[str, list[str]]:
    """Return the lists in an address: by name in its query, by number in its path."""
    path = enumerate(urlsplit(url).path.split("/"))
    named: Iterable[tuple[str, str]] = [(f"/{n}", part) for n, part in path]
    return {name: value.split(",") for name, value in [*named, *_query(url)]}


def _slot_of(url: str, listing: str) -> str | None:
    return next((name for name, ones in _slots(url).items() if listing in ones), None)
