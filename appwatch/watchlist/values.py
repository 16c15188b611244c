"""The types of single values: how each is read, and what an editor is told of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, TypeVar

from pydantic import BeforeValidator, PlainValidator, WithJsonSchema

from appwatch.domain.routing import Rate
from appwatch.watchlist import alert_fields, fields
from appwatch.watchlist.model import INCIDENTS, KINDS, LANGUAGES, Digest, Hours, StoreRules

T = TypeVar("T")


def reader(read: Callable[[str], T]) -> Callable[[object], T]:
    """Return the reader for whatever the tree holds: a text, or else a mistake."""

    def validate(value: object) -> T:
        if value is None:
            raise ValueError("nothing stands here; expected a value")
        if not isinstance(value, str):
            # pydantic collects ValueErrors; a TypeError would end the reading.
            raise ValueError("a list or map stands here; expected one value")  # noqa: TRY004
        return read(value)

    return validate


# Editors read 966129812 and 2048 as numbers; appwatch reads every value as it is written.
_WRITTEN = {"type": ["string", "number", "boolean"]}
_PERIOD = {"type": "string", "pattern": "^[0-9]+[smhd]$"}

Text = Annotated[str, BeforeValidator(reader(str)), WithJsonSchema(_WRITTEN)]
Line = Annotated[str, BeforeValidator(reader(fields.line)), WithJsonSchema(_WRITTEN)]
ChannelName = Annotated[str, BeforeValidator(reader(fields.channel)), WithJsonSchema(_WRITTEN)]
Duration = Annotated[timedelta, BeforeValidator(reader(fields.duration)), WithJsonSchema(_PERIOD)]
Spell = Annotated[timedelta, BeforeValidator(reader(fields.spell)), WithJsonSchema(_PERIOD)]
Count = Annotated[
    int, BeforeValidator(reader(fields.count)), WithJsonSchema({"type": "integer", "minimum": 1})
]
Share = Annotated[
    float,
    BeforeValidator(reader(fields.share)),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1}),
]
Truth = Annotated[bool, PlainValidator(reader(fields.truth)), WithJsonSchema({"type": "boolean"})]
AppId = Annotated[str, BeforeValidator(reader(fields.app_id)), WithJsonSchema(_WRITTEN)]
GroupName = Annotated[str, BeforeValidator(reader(fields.group_name))]
Tag = Annotated[str, BeforeValidator(reader(fields.tag)), WithJsonSchema(_WRITTEN)]
Address = Annotated[
    str,
    BeforeValidator(reader(fields.address)),
    WithJsonSchema({"type": "string", "format": "uri"}),
]
Reference = Annotated[
    str,
    BeforeValidator(reader(fields.reference)),
    WithJsonSchema({"type": "string", "pattern": r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}$"}),
]
Kind = Annotated[
    str,
    BeforeValidator(reader(fields.kind)),
    WithJsonSchema({"type": "string", "enum": list(KINDS)}),
]
Incidents = Annotated[
    str,
    BeforeValidator(reader(fields.incidents)),
    WithJsonSchema({"type": "string", "enum": list(INCIDENTS)}),
]
Tongue = Annotated[
    str,
    BeforeValidator(reader(fields.language)),
    WithJsonSchema({"type": "string", "enum": list(LANGUAGES)}),
]
Daily = Annotated[Digest, PlainValidator(reader(fields.digest)), WithJsonSchema({"type": "string"})]

Daytime = Annotated[
    Hours, PlainValidator(reader(alert_fields.hours)), WithJsonSchema({"type": "string"})
]
PerTime = Annotated[
    Rate,
    PlainValidator(reader(alert_fields.rate)),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]+/[0-9]+[smhd]$"}),
]


def listing_of(rules: StoreRules) -> object:
    """Return the type of a store's listings."""

    def read(text: str) -> str:
        refusal = rules.refuse_listing(text)
        if refusal:
            raise ValueError(refusal)
        return text

    return Annotated[str, BeforeValidator(reader(read)), WithJsonSchema(_WRITTEN)]
