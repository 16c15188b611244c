"""Logs on stderr: one line an event, in the format of the settings, without secrets."""

import logging
import os
import sys
from collections.abc import Collection
from contextlib import suppress
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from appwatch.errors import Defect

_MASK = "***"


class _Stderr:
    """Whatever stderr is at the moment: it may be replaced while the process lives.

    A line that cannot be written, as the disk is full or the reader is gone, stops no work.
    """

    def write(self, text: str) -> None:
        """Write to it."""
        with suppress(OSError):
            sys.stderr.write(text)

    def flush(self) -> None:
        """Flush it."""
        with suppress(OSError):
            sys.stderr.flush()


def configure(
    log_format: str, secrets: Collection[str], *, quiet: bool = False, debug: bool = False
) -> None:
    """Send every log line to stderr. `secrets` may grow later: they are never written.

    A traceback is written in the json format and with `debug` only.
    """
    least = logging.WARNING if quiet else logging.INFO
    as_json = log_format == "json"
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info if as_json or debug else _one_line_error,
            _redacting(secrets),
            _renderer(as_json=as_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(_Stderr()),  # type: ignore[arg-type]  # a file by its methods
        cache_logger_on_first_use=False,
    )
    _take_over_libraries()


def _renderer(*, as_json: bool) -> Processor:
    if as_json:
        return structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    plain = structlog.dev.plain_traceback  # the other one shows local variables
    colors = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    return structlog.dev.ConsoleRenderer(
        pad_event_to=0, colors=colors, exception_formatter=plain, pad_level=False
    )


def _one_line_error(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Put the kind of an error and what it says in the place of its traceback."""
    told = event.pop("exc_info", None)
    if told:
        error = told if isinstance(told, BaseException) else sys.exc_info()[1]
        kind = "" if isinstance(error, Defect) else f"{type(error).__name__}: "  # it says its own
        event["error"] = f"{kind}{error}"
    return event


def _redacting(secrets: Collection[str]) -> Processor:
    def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {key: _without(value, secrets) for key, value in event.items()}

    return redact


def _without(value: Any, secrets: Collection[str]) -> Any:  # noqa: ANN401 - whatever is logged
    if not isinstance(value, str):
        return value
    for secret in secrets:
        value = value.replace(secret, _MASK)
    return value


class _Library(logging.Handler):
    """Passes on what libraries log as errors, in our own format."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log the record."""
        structlog.get_logger().error(
            record.getMessage(), action="library", logger=record.name, exc_info=record.exc_info
        )


def _take_over_libraries() -> None:
    """Let libraries say what fails, not what they do."""
    import stamina

    # A request that is tried again is no news: what came of it is recorded.
    stamina.instrumentation.set_on_retry_hooks(())
    root = logging.getLogger()
    if not any(isinstance(handler, _Library) for handler in root.handlers):
        root.addHandler(_Library(logging.ERROR))
