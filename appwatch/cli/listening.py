"""Opens the port before anything else begins, so that one in use is told at once."""

import errno
import socket

from appwatch.errors import UsageError

_BACKLOG = 128


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens there; port 0 takes a free one. Raises UsageError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise UsageError(
            f"APPWATCH_WEB_HOST {host!r} is no address of this machine; expected one such as "
            "127.0.0.1."
        ) from error
    family, _, _, _, address = found[0]
    try:
        return socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    except OSError as error:
        raise UsageError(_told(error, host, port)) from error


def address_of(listener: socket.socket) -> str:
    """Return the address that a browser on this machine would use."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _told(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"The port {port} of {host} is in use; end what uses it, or set APPWATCH_WEB_PORT to "
            "another one (0 takes a free one)."
        )
    if error.errno == errno.EACCES:
        return f"The port {port} of {host} may not be used; set APPWATCH_WEB_PORT above 1023."
    return (
        f"Nothing can listen at {host}, port {port} ({error.strerror}); check APPWATCH_WEB_HOST "
        "and APPWATCH_WEB_PORT."
    )
