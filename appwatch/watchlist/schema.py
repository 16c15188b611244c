"""The keys of a watchlist as pydantic models: what may stand where, and the editors' JSON Schema.

Importing this takes 0.2 s; the package imports it inside the functions that need it.
"""

from collections.abc import Mapping
from types import GenericAlias
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator

from appwatch.watchlist.model import DEFAULT_KINDS, LANGUAGES, StoreRules
from appwatch.watchlist.values import (
    Address,
    AppId,
    ChannelName,
    Count,
    Daily,
    Daytime,
    Duration,
    GroupName,
    Incidents,
    Kind,
    Line,
    PerTime,
    Reference,
    Share,
    Spell,
    Tag,
    Text,
    Tongue,
    Truth,
    listing_of,
)


class Part(BaseModel):
    """A map with known keys; a known key without a value counts as not written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def leave_out_the_empty(cls, data: object) -> object:
        """Drop known keys that hold nothing, so that their defaults hold."""
        if not isinstance(data, dict):
            return data
        known = cls.model_fields
        return {key: value for key, value in data.items() if value is not None or key not in known}


class DeparturePart(Part):
    """What a departure needs."""

    looks: Count = Field(default=3, description="Conclusive looks that must agree.")
    over: Spell = Field(
        default="30m",
        validate_default=True,
        description="Time that must lie between the first of them and the last: 30m.",
    )


class ArrivalPart(Part):
    """What an arrival needs."""

    looks: Count = Field(default=2, description="Conclusive looks that must agree.")
    over: Spell = Field(
        default="0s",
        validate_default=True,
        description="Time that must lie between the first of them and the last: 0s.",
    )


class ConfirmPart(Part):
    """How many looks must agree, departures and arrivals apart."""

    disappeared: DeparturePart = Field(
        default_factory=DeparturePart, description="For disappeared and restricted."
    )
    returned: ArrivalPart = Field(
        default_factory=ArrivalPart, description="For returned, appeared and listed."
    )


class HoldPart(Part):
    """When the changes of a whole storefront are held back."""

    share: Share = Field(
        default=0.3,
        description="Share of a storefront's listed apps, newly missing, above which it holds.",
    )
    at_least: Count = Field(default=5, description="Never hold for fewer missing apps than this.")


class CoveragePart(Part):
    """How much looks must prove, or operators are told."""

    least: Share = Field(
        default=0.8,
        description="Share of a storefront's looks that must prove something; 0: never mind.",
    )
    over: Duration = Field(
        default="6h",
        validate_default=True,
        description="The time that is counted, and no less than two rounds: 6h.",
    )


class QuietPart(Part):
    """Hours in which a channel is told nothing but what may break them."""

    hours: Daytime | None = Field(
        default=None, description='Local times and a zone: "22:00-07:00 Europe/Paris".'
    )
    unless: list[Kind] = Field(
        default=[], description="The kinds of message that are sent all the same."
    )
    unless_apps: list[Text] = Field(
        default=[], description="These app ids alone may break them; without unless, by any kind."
    )
    unless_tags: list[Text] = Field(
        default=[],
        description="Apps with one of these tags alone may; without unless, by any kind.",
    )


class AlertPart(Part):
    """One channel: where alerts go, and which."""

    # Both must stand; what reads channels says so, together with all else that is wrong in one.
    model_config = ConfigDict(json_schema_extra={"required": ["name", "to"]})

    name: ChannelName = Field(default="", description="The channel's name in pages and messages.")
    to: Reference = Field(
        default="",
        description="${NAME}: the variable that holds the channel's Apprise URL, of one recipient.",
    )
    on: list[Kind] = Field(
        default=list(DEFAULT_KINDS),
        description="The kinds of message that it gets; retractions follow unnamed; [] beside"
        " operator: true for none.",
    )
    apps: list[Text] = Field(default=[], description="Only these app ids; empty means all.")
    tags: list[Text] = Field(
        default=[], description="Only apps with one of these tags; empty means all."
    )
    stores: list[Text] = Field(default=[], description="Only these stores; empty means all.")
    storefronts: list[Text] = Field(
        default=[], description="Only these storefronts or groups; empty means all."
    )
    digest: Daily | None = Field(
        default=None, description='One message a day instead of at once: "08:00 Europe/Paris".'
    )
    group_for: Spell = Field(
        default="10m",
        validate_default=True,
        description="What follows of one incident within this time becomes one update: 10m.",
    )
    language: Tongue = Field(
        default=LANGUAGES[0], description=f"Of its messages: {', '.join(LANGUAGES)}."
    )
    quiet: QuietPart = Field(
        default_factory=QuietPart, description="When nothing is sent; it waits for their end."
    )
    remind: list[Duration] = Field(
        default=[],
        description="What is still gone is told again after such times, then every last one: [7d].",
    )
    pace: PerTime = Field(
        default="20/1m",
        validate_default=True,
        description="At most so many messages in such a time; more wait: 20/1m.",
    )
    at_most: PerTime | None = Field(
        default=None,
        description="At most so many messages in such a time; the last tells what is due: 20/1h.",
    )
    operator: Truth = Field(
        default=False,
        description="true: tell it of appwatch's own trouble; without one, all channels are told.",
    )


class AppPart(Part):
    """One app. Its listings are further keys, one for each store."""

    id: AppId = Field(
        default="",
        description="Small letters, digits, -; made from the name if left out; never changes.",
    )
    name: Line = Field(default="", description="The app's name; its listing if left out.")
    storefronts: Part = Field(description="Where to look, store by store; else the defaults.")
    tags: list[Tag] = Field(default=[], description="Words to choose apps by.")
    reason: Line = Field(default="", description="Why it is watched.")
    source: Address = Field(default="", description="The address of a page that tells more.")
    paused: Truth = Field(default=False, description="true: keep it in the list, do not look.")

    def listings(self, stores: Mapping[str, StoreRules]) -> dict[str, str]:
        """Return the listing in each store that has one."""
        found = {store: str(getattr(self, store)) for store in stores}
        return {store: listing for store, listing in found.items() if listing}


class DocumentPart(Part):
    """What appwatch watches, how often, and whom it tells."""

    every: Duration = Field(
        default="15m",
        validate_default=True,
        description="How often each app is looked at in each storefront: 15m. From 1s up.",
    )
    confirm: ConfirmPart = Field(
        default_factory=ConfirmPart,
        description="How often a change must be seen before it is believed.",
    )
    hold: HoldPart = Field(
        default_factory=HoldPart,
        description="When so much is missing at once that it is held back and checked again.",
    )
    coverage: CoveragePart = Field(
        default_factory=CoveragePart,
        description="When so little is proved that operators are told.",
    )
    incidents: Incidents = Field(
        default="app",
        description="What makes one incident within a day: the changes of one app, or developer.",
    )
    groups: dict[GroupName, list[Text]] = Field(
        default={}, description="Named lists of storefronts."
    )
    storefronts: Part = Field(description="Where to look for apps that name no storefronts.")
    controls: Part = Field(
        description="Apps that are surely listed, asked beside the watched ones; some are built in."
    )
    apps: list[AppPart] = Field(default=[], description="The apps to watch.")
    from_csv: list[Line] = Field(
        default=[], description="CSV files with more apps; paths are taken from this file's folder."
    )
    alerts: list[AlertPart] = Field(default=[], description="Who is told, and of what.")
    proxies: dict[Text, Reference] = Field(
        default={},
        description="For a storefront, ${NAME}: the variable that holds its proxy's address.",
    )


def document_model(stores: Mapping[str, StoreRules]) -> type[DocumentPart]:
    """Return the model of a watchlist for these stores."""
    names = _per_store(
        "Storefronts",
        {
            store: (list[Text], f"{rules.title} storefronts: country codes and groups.")
            for store, rules in stores.items()
        },
    )
    controls = _per_store(
        "Controls",
        {
            store: (_list_of(listing_of(rules)), f"Listings that are surely there: {rules.title}.")
            for store, rules in stores.items()
        },
    )
    app = _app_model(stores, names)
    described = DocumentPart.model_fields
    keys: dict[str, Any] = {
        "storefronts": (names, _same(described["storefronts"].description, names)),
        "controls": (controls, _same(described["controls"].description, controls)),
        "apps": (_list_of(app), Field(default=[], description=described["apps"].description)),
    }
    return create_model("Document", __base__=DocumentPart, __doc__=DocumentPart.__doc__, **keys)


def json_schema(stores: Mapping[str, StoreRules]) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a watchlist, for editors that help."""
    schema = document_model(stores).model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "appwatch watchlist",
    }


def _app_model(stores: Mapping[str, StoreRules], names: type[Part]) -> type[AppPart]:
    keys: dict[str, Any] = {
        store: (
            listing_of(rules),
            Field(default="", description=f"The app's listing: {rules.title}."),
        )
        for store, rules in stores.items()
    }
    described = AppPart.model_fields["storefronts"].description
    keys["storefronts"] = (names, _same(described, names))
    return create_model("App", __base__=AppPart, __doc__=AppPart.__doc__, **keys)


def _per_store(name: str, keys: Mapping[str, tuple[object, str]]) -> type[Part]:
    made: dict[str, Any] = {
        store: (kind, Field(default=[], description=text)) for store, (kind, text) in keys.items()
    }
    return create_model(name, __base__=Part, __doc__="For each store a list.", **made)


def _same(description: str | None, factory: type[Part]) -> object:
    made: object = Field(default_factory=factory, description=description)
    return made


def _list_of(kind: object) -> object:
    return GenericAlias(list, (kind,))
