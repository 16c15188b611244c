"""What truly happens on the connection."""

import gzip
import socket
import time

import httpx
import pytest

from appwatch.simulator import Fault, FaultKind, Faults, Simulator, World, serve
from appwatch.simulator.bodies import gzipped, piece
from appwatch.simulator.loopback import Loopback
from appwatch.simulator.wire import reply

LOOKUP = "/lookup?id=966129812&country=us"


def test_pieces_make_one_gzip_member() -> None:
    pieces = [piece(b"one " * 900), piece(b""), piece("zwei – ".encode() * 7)]
    assert gzip.decompress(gzipped(pieces)) == b"one " * 900 + "zwei – ".encode() * 7


def test_a_connection_serves_one_request_after_another(stores: Simulator) -> None:
    with httpx.Client(base_url=stores.url) as client:
        for _ in range(3):
            assert client.get(LOOKUP).status_code == 200
        assert stores.open_connections == 1


def test_a_truncated_body_is_shorter_than_announced(client: httpx.Client, faults: Faults) -> None:
    faults.add(Fault(FaultKind.TRUNCATED_BODY, times=1))
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
        client.get(LOOKUP)
    assert client.get(LOOKUP).json()["resultCount"] == 1


def test_a_connection_can_close_before_the_answer(
    client: httpx.Client, faults: Faults, stores: Simulator
) -> None:
    faults.add(Fault(FaultKind.CLOSED_EARLY))
    with pytest.raises(httpx.RemoteProtocolError, match="disconnected"):
        client.get(LOOKUP)
    assert stores.requests[0].status == 0


def test_a_hanging_answer_never_begins(client: httpx.Client, faults: Faults) -> None:
    faults.add(Fault(FaultKind.HANG))
    with pytest.raises(httpx.ReadTimeout):
        client.get(LOOKUP, timeout=0.1)


@pytest.mark.parametrize("kind", [FaultKind.SLOW_HEADERS, FaultKind.SLOW_BODY])
def test_a_slow_answer_keeps_coming_byte_by_byte(
    stores: Simulator, faults: Faults, kind: FaultKind
) -> None:
    """No read waits long, so only a deadline for the whole request helps."""
    faults.add(Fault(kind, pause=0.02))
    port = int(stores.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
        connection.sendall(f"GET {LOOKUP} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        sizes = [len(connection.recv(4096)) for _ in range(8)]
    assert all(sizes)
    assert sum(sizes[1:]) < 100


def test_a_small_body_can_decode_to_a_large_one(stores: Simulator, faults: Faults) -> None:
    faults.add(Fault(FaultKind.GZIP_BOMB, size=3_000_000))
    with httpx.stream("GET", stores.url + LOOKUP) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert len(raw) < 20_000
    assert len(gzip.decompress(raw)) == 3_000_000


def test_an_oversize_body_does_not_say_its_size(stores: Simulator, faults: Faults) -> None:
    faults.add(Fault(FaultKind.OVERSIZE_BODY, size=2_000_000))
    answer = httpx.get(stores.url + LOOKUP)
    assert "content-length" not in answer.headers
    assert len(answer.content) == 2_000_000


def test_a_client_may_leave_in_the_midst(stores: Simulator, faults: Faults) -> None:
    faults.add(Fault(FaultKind.OVERSIZE_BODY, size=30_000_000, times=1))
    with httpx.stream("GET", stores.url + LOOKUP) as answer:
        next(answer.iter_raw())
    assert httpx.get(stores.url + LOOKUP).status_code == 200


def test_it_stops_at_once_whatever_is_open(world: World) -> None:
    faults = Faults([Fault(FaultKind.HANG, times=1), Fault(FaultKind.SLOW_BODY, pause=5)])
    with serve(world, faults) as stores:
        port = int(stores.url.rpartition(":")[2])
        with (
            socket.create_connection(("127.0.0.1", port), timeout=5) as hanging,
            socket.create_connection(("127.0.0.1", port), timeout=5) as slow,
        ):
            for connection in (hanging, slow):
                connection.sendall(f"GET {LOOKUP} HTTP/1.1\r\n\r\n".encode())
            assert slow.recv(10)
            began = time.monotonic()
            stores.__exit__(None, None, None)
            assert time.monotonic() - began < 1
            assert hanging.recv(10) == b""


def test_what_is_no_http_is_dropped(stores: Simulator) -> None:
    port = int(stores.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\ncontent-length: many\r\n\r\n")
        assert connection.recv(10) == b""


def test_an_address_of_no_store_is_404(client: httpx.Client) -> None:
    assert client.get("/nothing/here").status_code == 404


def test_a_port_that_is_taken_is_an_error() -> None:
    with (
        Loopback(lambda _: reply(200)) as first,
        pytest.raises(OSError, match="in use"),
        Loopback(lambda _: reply(200), first.port),
    ):
        pytest.fail("two servers listen at one port")
