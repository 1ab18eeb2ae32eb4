"""What the GraphQL edge derives from one catalog: the record root fields and the names of its types."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, get_args
from uuid import UUID

from rapport.base.ids import new_id
from rapport.events.log import Action
from rapport.metadata.catalog import Catalog, Object

Verb = Literal["find", "group", "duplicates", "create", "update", "delete", "restore", "destroy", "merge"]

_CHANGES: tuple[Verb, ...] = ("create", "update", "delete", "restore", "destroy")

SHARED_TYPES = frozenset({"Query", "Mutation", "Subscription", "PageInfo"})


@dataclass(frozen=True, kw_only=True)
class RootField:
    """A root field on records. ``many``: of the plural form."""

    verb: Verb
    object: Object
    many: bool


@dataclass(frozen=True, kw_only=True)
class SubscriptionField:
    """A root field that tells of what happens to an object's records."""

    object: Object
    action: Action

    @property
    def arguments(self) -> tuple[str, ...]:
        return ("filter", "id", "updatedFields") if self.action == "updated" else ("filter", "id")


def _capital(name: str) -> str:
    return name[0].upper() + name[1:]


@dataclass(frozen=True, eq=False)
class Model:
    """A catalog as GraphQL sees it. One exists for each version of a workspace's data model that is in use."""

    catalog: Catalog
    key: UUID = field(default_factory=new_id)  # of this reading: plans made for it are found by it
    whole: "Model | None" = None  # the model of which a role sees only this; None: it is the whole

    @property
    def unrestricted(self) -> "Model":
        """The whole model: what introspection shows."""
        return self.whole or self

    @cached_property
    def queries(self) -> Mapping[str, RootField]:
        """`people`, `person` …"""
        found: dict[str, RootField] = {}
        for item in self.catalog.by_name.values():
            found[item.plural] = RootField(verb="find", object=item, many=True)
            found[item.name] = RootField(verb="find", object=item, many=False)
        for item in self.catalog.by_name.values():
            found.setdefault(f"{item.plural}GroupBy", RootField(verb="group", object=item, many=True))
            found.setdefault(f"{item.name}Duplicates", RootField(verb="duplicates", object=item, many=True))
        return found

    @cached_property
    def mutations(self) -> Mapping[str, RootField]:
        """`createPerson`, `createPeople`, and the older `createManyPeople` …"""
        found: dict[str, RootField] = {}
        for item in self.catalog.by_name.values():
            for verb in _CHANGES:
                many = RootField(verb=verb, object=item, many=True)
                found.setdefault(f"{verb}Many{_capital(item.plural)}", many)
                found[verb + _capital(item.plural)] = many
                found[verb + _capital(item.name)] = RootField(verb=verb, object=item, many=False)
            found[f"merge{_capital(item.plural)}"] = RootField(verb="merge", object=item, many=True)
        return found

    @cached_property
    def subscriptions(self) -> Mapping[str, SubscriptionField]:
        """`personCreated`, `personUpdated` …"""
        return {
            item.name + _capital(action): SubscriptionField(object=item, action=action)
            for item in self.catalog.by_name.values()
            for action in get_args(Action)
        }

    def roots(self, operation: Literal["query", "mutation", "subscription"]) -> Mapping[str, object]:
        """The root fields of a kind of operation."""
        match operation:
            case "query":
                return self.queries
            case "mutation":
                return self.mutations
            case "subscription":
                return self.subscriptions

    @cached_property
    def type_names(self) -> frozenset[str]:
        """Names that a fragment on records may be of."""
        names = set(SHARED_TYPES)
        for item in self.catalog.by_name.values():
            names |= {item.type_name, f"{item.type_name}Connection", f"{item.type_name}Edge"}
            names.add(f"{item.type_name}GroupByConnection")
            names |= {field.type.graphql_output for field in item.field.values() if field.type.graphql_output}
        return frozenset(names)
