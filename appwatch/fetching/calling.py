"""Calls a service that the operator named, within a deadline and a cap; nothing of stores."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from appwatch.fetching.deadline import deadline
from appwatch.fetching.decoding import ACCEPTED, Undecodable, decode
from appwatch.fetching.transport import make_transport, read, sent


class NotAnswered(Exception):
    """No whole answer of status 200 came back; says why.

    `said` is the body of an answer of another status.
    """

    def __init__(self, why: str, said: bytes = b"") -> None:
        super().__init__(why)
        self.said = said


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked where: a POST of the body, a GET without one.

    `timeout` is seconds for the whole request, `cap` bytes of the answer.
    """

    url: str
    headers: Mapping[str, str]
    timeout: float
    cap: int
    body: bytes | None = None


async def call(wanted: Call, transport: httpx.AsyncBaseTransport | None = None) -> bytes:
    """Return the body of the answer. Raises NotAnswered.

    Asked once, directly; a redirect is not followed.
    """
    context = ssl.create_default_context()
    try:
        with deadline(wanted.timeout):
            async with transport or make_transport(context, None) as carrier:
                return await _send(carrier, wanted)
    except httpx.TimeoutException as error:
        raise NotAnswered(f"no answer within {wanted.timeout:g} s") from error
    except Undecodable as error:
        raise NotAnswered(f"an answer that cannot be taken: {error.detail}") from error
    # OSError: what goes wrong inside TLS comes through as it is.
    except (httpx.TransportError, httpx.InvalidURL, OSError) as error:
        raise NotAnswered(str(error)[:200] or type(error).__name__) from error


async def _send(carrier: httpx.AsyncBaseTransport, wanted: Call) -> bytes:
    method = "GET" if wanted.body is None else "POST"
    headers = {"Accept-Encoding": ACCEPTED, **wanted.headers}
    request = httpx.Request(method, wanted.url, content=wanted.body, headers=headers)
    async with sent(carrier, request) as response:
        raw = await read(response, wanted.cap)
        body = decode(raw, response.headers.get("content-encoding", ""), wanted.cap)
        if response.status_code != 200:
            raise NotAnswered(f"status {response.status_code}", body)
        return body
