"""Lists as one parameter: a statement stays the same, and prepared, however long they are."""

from sqlalchemy import BigInteger, Select, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB


def numbers(dialect: str, name: str) -> Select[int]:
    """Return a query of the whole numbers in the JSON array that is bound to `name`."""
    if dialect == "sqlite":
        return select(func.json_each(bindparam(name)).table_valued("value").c.value)
    array = func.jsonb_array_elements_text(cast(bindparam(name), JSONB))
    return select(cast(array.table_valued("value").c.value, BigInteger))
