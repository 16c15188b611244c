"""RFC 3161 timestamps: what is asked of an authority, and what its answer proves."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from appwatch.errors import EvidenceError

if TYPE_CHECKING:  # an extra: whoever wants no timestamps need not install it
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampResponse

QUERY_TYPE = "application/timestamp-query"
ANSWER_TYPE = "application/timestamp-reply"
ANSWER_CAP = 64 * 2**10  # bytes; a token with its certificates is a few thousand
_SHA256 = "2.16.840.1.101.3.4.2.1"
_MISSING = "Timestamps need the rfc3161-client library; install appwatch[timestamp]."


class ExtraMissing(EvidenceError):
    """The library that reads timestamps is not installed."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is sent to an authority about `message`: the bytes of the request, and its nonce."""

    message: bytes
    body: bytes
    nonce: int | None


@dataclass(frozen=True, slots=True)
class Stamped:
    """What an authority's answer says.

    `signed_by` is empty where no root certificate was at hand, so that the signature could not
    be checked. `trusted` says that the root was the reader's own, not one that came along.
    """

    at: datetime
    signed_by: str
    trusted: bool


def make_query(message: bytes) -> Query:
    """Return the request for a timestamp of the message's SHA-256. Raises EvidenceError."""
    try:
        from rfc3161_client import HashAlgorithm, TimestampRequestBuilder
    except ImportError as error:
        raise ExtraMissing(_MISSING) from error
    builder = TimestampRequestBuilder(message, HashAlgorithm.SHA256)
    request = builder.build()
    return Query(message, request.as_bytes(), request.nonce)


def accept_answer(query: Query, answer: bytes) -> bytes:
    """Return the answer when it stamps what was asked. Raises EvidenceError when it does not."""
    response = _decoded(answer)
    examine(answer, query.message)
    if response.tst_info.nonce != query.nonce:
        raise EvidenceError("The timestamp authority answered another request than ours.")
    return answer


def examine(answer: bytes, message: bytes, roots: bytes = b"") -> Stamped:
    """Return what the answer proves of the message.

    `roots` are certificates in PEM that the reader trusts; without them a root that comes
    with the answer is taken, which shows a sound signature but not whose it is. Raises
    EvidenceError when it is no timestamp, is of something else or its signature does not hold.
    """
    response = _decoded(answer)
    info = response.tst_info
    imprint = info.message_imprint
    if imprint.hash_algorithm.dotted_string != _SHA256:
        raise EvidenceError("The timestamp is not over a SHA-256.")
    if imprint.message != sha256(message).digest():
        raise EvidenceError("The timestamp is of something else.")
    return Stamped(info.gen_time, _signed_by(response, message, roots), bool(roots))


def _decoded(answer: bytes) -> "TimeStampResponse":
    try:
        from rfc3161_client import PKIStatus, decode_timestamp_response
    except ImportError as error:
        raise ExtraMissing(_MISSING) from error
    if len(answer) > ANSWER_CAP:
        raise EvidenceError("The timestamp authority's answer is too large to be a timestamp.")
    try:
        response = decode_timestamp_response(answer)
        if response.status != PKIStatus.GRANTED:
            raise EvidenceError("The timestamp authority refused: it granted no timestamp.")
        # Each of them is only read when it is asked for.
        _ = (response.tst_info.message_imprint.message, response.signed_data.certificates)
    except (ValueError, TypeError) as error:
        raise EvidenceError("The timestamp authority's answer is no timestamp.") from error
    return response


def _signed_by(response: "TimeStampResponse", message: bytes, pem: bytes) -> str:
    """Check the signature up to a root; return the signer's name."""
    from cryptography.x509 import load_der_x509_certificate, load_pem_x509_certificates
    from rfc3161_client import VerificationError, VerifierBuilder

    try:
        loaded = [load_der_x509_certificate(one) for one in response.signed_data.certificates]
        own = [one for one in loaded if one.issuer == one.subject]
        roots = load_pem_x509_certificates(pem) if pem else own
        _refuse_expired(response, loaded)
        if not roots:
            return ""
        others = [one for one in loaded if one not in own]
        verifier = VerifierBuilder(roots=roots, intermediates=others).build()
        verifier.verify_message(response, message)
        return _signer(response, loaded)
    except (VerificationError, ValueError, TypeError) as error:
        raise EvidenceError(f"The timestamp's signature does not hold ({error}).") from error


def _refuse_expired(response: "TimeStampResponse", certificates: Iterable["Certificate"]) -> None:
    """Refuse a signer whose certificate was not valid at that time; it may have ended since."""
    at = response.tst_info.gen_time
    for one in _signers(response, certificates):
        if not one.not_valid_before_utc <= at <= one.not_valid_after_utc:
            raise EvidenceError("The timestamp authority's certificate was not valid then.")


def _signer(response: "TimeStampResponse", certificates: Iterable["Certificate"]) -> str:
    named = _signers(response, certificates)
    return next((one.subject.rfc4514_string() for one in named), "unnamed")


def _signers(
    response: "TimeStampResponse", certificates: Iterable["Certificate"]
) -> Iterator["Certificate"]:
    signers = {(one.issuer, one.serial_number) for one in response.signed_data.signer_infos}
    return (c for c in certificates if (c.issuer, c.serial_number) in signers)
