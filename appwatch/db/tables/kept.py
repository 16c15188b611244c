"""What all tables share: how times and ids are kept, and the names of constraints."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, Integer, MetaData, text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)


def to_ms(moment: datetime) -> int:
    """Return the moment as whole milliseconds since 1970."""
    return (moment - EPOCH) // _MS


def from_ms(ms: int) -> datetime:
    """Return the moment of so many milliseconds since 1970."""
    return EPOCH + ms * _MS


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept as whole milliseconds: it never grows when it changes."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> int | None:
        """Turn a datetime into what is stored."""
        return None if value is None else to_ms(value)

    def process_result_value(self, value: int | None, _dialect: Dialect) -> datetime | None:
        """Turn what is stored into a datetime."""
        return None if value is None else from_ms(value)


def only_where(condition: str) -> dict[str, Any]:
    """Return what makes an index one of those rows alone, in either database."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


# SQLite numbers rows by itself only where the key is an INTEGER.
RowId = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
