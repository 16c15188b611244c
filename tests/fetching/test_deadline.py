"""The deadline on the socket, where the fetcher itself does not reach."""

import asyncio
from pathlib import Path

import httpcore
import pytest

from appwatch.fetching.deadline import DeadlineBackend, DeadlineStream, deadline
from tests.fetching.servers import hangs, serving

BACKEND = DeadlineBackend(httpcore.AnyIOBackend())


async def unix_stream(path: Path) -> httpcore.AsyncNetworkStream:
    return await BACKEND.connect_unix_socket(str(path))


def test_a_local_socket_keeps_the_deadline_too(tmp_path: Path) -> None:
    async def main() -> None:
        path = tmp_path / "s"
        async with await asyncio.start_unix_server(lambda _reader, writer: writer.close(), path):
            with deadline(10):
                stream = await unix_stream(path)
                assert isinstance(stream, DeadlineStream)
                assert await stream.read(9) == b""
                await stream.aclose()
            with deadline(0), pytest.raises(httpcore.ConnectTimeout):
                await unix_stream(path)

    asyncio.run(main())


@pytest.mark.parametrize(("seconds", "own"), [(0.05, None), (0.05, 60), (60, 0.05)])
def test_the_shorter_of_two_limits_counts(seconds: float, own: float | None) -> None:
    async def main() -> None:
        async with serving(hangs) as server:
            _, _, port = server.host.rpartition(":")
            stream = await BACKEND.connect_tcp("127.0.0.1", int(port), 10)
            with deadline(seconds), pytest.raises(httpcore.ReadTimeout):
                await stream.read(1, own)
            await stream.aclose()

    asyncio.run(main())


def test_after_the_deadline_nothing_is_begun() -> None:
    async def main() -> None:
        async with serving(hangs) as server:
            _, _, port = server.host.rpartition(":")
            stream = await BACKEND.connect_tcp("127.0.0.1", int(port))
            with deadline(0):
                with pytest.raises(httpcore.WriteTimeout):
                    await stream.write(b"x")
                with pytest.raises(httpcore.ReadTimeout):
                    await stream.read(1)
                with pytest.raises(httpcore.ConnectTimeout):
                    await stream.start_tls(httpcore.default_ssl_context())
                with pytest.raises(httpcore.ConnectTimeout):
                    await BACKEND.connect_tcp("127.0.0.1", int(port))

    asyncio.run(main())


def test_without_a_deadline_a_wait_has_its_own_limit_only() -> None:
    async def main() -> None:
        async with serving(hangs) as server:
            _, _, port = server.host.rpartition(":")
            stream = await BACKEND.connect_tcp("127.0.0.1", int(port), 10)
            with pytest.raises(httpcore.ReadTimeout):
                await stream.read(1, 0.05)
            assert stream.get_extra_info("server_addr") == ("127.0.0.1", int(port))
            await stream.aclose()
            await BACKEND.sleep(0)

    asyncio.run(main())
