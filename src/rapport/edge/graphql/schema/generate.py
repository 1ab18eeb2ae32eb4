"""Puts the schema of one data model together: its records, and the system operations beside them."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from graphql import TypeDefinitionNode, parse

from rapport.edge.graphql.model import Model
from rapport.edge.graphql.schema.definitions import Definitions
from rapport.edge.graphql.schema.records import Records
from rapport.edge.graphql.schema.roots import mutation_fields, query_fields, subscription_fields
from rapport.metadata.catalog import Catalog


@dataclass(frozen=True, kw_only=True)
class RecordSchema:
    """The part of a schema that is about records. ``names`` are its types without Query, Mutation and Subscription."""

    sdl: str
    names: frozenset[str]


def record_schema(catalog: Catalog) -> RecordSchema:
    model = Model(catalog)
    definitions = Definitions()
    definitions.add("type", "Query", query_fields(model))
    definitions.add("type", "Mutation", mutation_fields(model))
    definitions.add("type", "Subscription", subscription_fields(model))
    records = Records(definitions, catalog)
    for item in catalog.by_name.values():
        records.define(item)
    shared, names = _shared()
    roots = {"Query", "Mutation", "Subscription"}
    return RecordSchema(sdl=f"{shared}\n{definitions.sdl}", names=(definitions.names | names) - roots)


def schema_sdl(catalog: Catalog, system_sdl: str) -> str:
    """The whole schema. ``system_sdl`` extends the roots, and defines no type that records define."""
    return f"{record_schema(catalog).sdl}\n{system_sdl}"


def system_schema_sdl(system_sdl: str) -> str:
    """The schema of those who have no workspace: no records, only system operations."""
    return f"type Query\n\ntype Mutation\n\ntype Subscription\n\n{system_sdl}"


@cache
def _shared() -> tuple[str, frozenset[str]]:
    """The definitions that every model has, and their names."""
    text = files(__package__).joinpath("shared.graphql").read_text(encoding="utf-8")
    definitions = parse(text, no_location=True).definitions
    return text, frozenset(each.name.value for each in definitions if isinstance(each, TypeDefinitionNode))
