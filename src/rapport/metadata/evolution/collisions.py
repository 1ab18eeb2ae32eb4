"""Names that the API derives from those of objects and fields, and whether two things would share one.

`createPeople`, `PersonConnection`, `OpportunityStageEnum` …: of two things of one name, only one could be reached.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rapport.metadata.catalog import Catalog, Field, Object
from rapport.metadata.evolution.problems import Issue
from rapport.metadata.evolution.reserved import words
from rapport.metadata.fieldtypes.registry import FIELD_TYPES

_VERBS = ("create", "update", "delete", "restore", "destroy")
_TYPES = (
    "", "Edge", "Connection", "CreateInput", "UpdateInput", "FilterInput", "OrderByInput", "RelationInput",
    "ConnectInput", "WhereUniqueInput", "NestedCreateInput", "ListFilterInput", "GroupByConnection", "GroupByInput",
    "RelationGroupByInput", "OrderByAggregateInput", "OrderByWithGroupByInput", "RelationOrderByWithGroupByInput",
)  # fmt: skip
_COMPOSITE_TYPES = ("", "CreateInput", "UpdateInput", "FilterInput", "GroupByInput", "OrderByInput")
_SHARED = words(
    """
    Query Mutation Subscription PageInfo ID String Int Float Boolean UUID DateTime Date BigFloat BigInt Position JSON
    JSONObject Cursor ConnectionCursor TSVector Upload FilterIs OrderByDirection DateGranularityEnum FirstDayOfTheWeek
    GroupByDateGranularityInput OrderByDateGranularityInput StringFilter UUIDFilter IntFilter FloatFilter BigIntFilter
    BigFloatFilter BooleanFilter DateFilter DateTimeFilter ArrayFilter RawJsonFilter RichTextV2LeafFilter
    TSVectorFilter ActorSourceEnum ActorSourceEnumFilter
    """
)


@dataclass(frozen=True, kw_only=True)
class ApiNames:
    """Names of root fields and of types."""

    queries: frozenset[str] = frozenset()
    mutations: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()

    def __or__(self, other: "ApiNames") -> "ApiNames":
        return ApiNames(
            queries=self.queries | other.queries,
            mutations=self.mutations | other.mutations,
            types=self.types | other.types,
        )

    def shared(self, other: "ApiNames") -> list[str]:
        """The names that both have."""
        both = (self.queries & other.queries, self.mutations & other.mutations, self.types & other.types)
        return sorted(name for names in both for name in names)


def shared_names() -> ApiNames:
    """What every model has, whatever its objects."""
    composites = {
        f"{item.graphql_output}{suffix}"
        for item in FIELD_TYPES.values()
        if item.graphql_output
        for suffix in _COMPOSITE_TYPES
    }
    return ApiNames(types=_SHARED | composites)


def object_names(item: Object) -> ApiNames:
    """What the API calls after an object and its fields."""
    return ApiNames(
        queries=frozenset(_queries(item)),
        mutations=frozenset(_mutations(item)),
        types=frozenset(f"{item.type_name}{suffix}" for suffix in _TYPES).union(
            *(field_types(item, field) for field in item.fields)
        ),
    )


def field_types(owner: Object, field: Field) -> frozenset[str]:
    """The types that the API has for one field alone: of its options, and of its value where that names a record."""
    name = f"{owner.type_name}{field.name[:1].upper()}{field.name[1:]}"
    if field.type.has_options:
        return frozenset({f"{name}Enum", f"{name}EnumFilter"})
    return frozenset({f"{name}WhereInput"}) if field.type.graphql_output else frozenset()


def object_collisions(catalog: Catalog, item: Object, taken: ApiNames | None = None) -> list[Issue]:
    """Whether the API would call two things alike if the catalog had this object in the place of the one of its id.

    ``taken``: the names of what the API has beside objects. Names that are those of another object are not told.
    """
    others = [each for each in catalog.objects if each.id != item.id]
    twice = [name for name, times in Counter([*_queries(item), *_mutations(item)]).items() if times > 1]
    beside = _all_names(others) | (taken or ApiNames())
    own = {name for each in others for name in (each.name, each.plural)} & {item.name, item.plural}
    found = [*twice, *(() if own else object_names(item).shared(beside))]
    return [_issue(item.name, name) for name in found[:1]]


def field_collisions(catalog: Catalog, owner: Object, field: Field, taken: ApiNames | None = None) -> list[Issue]:
    """Likewise for a field of an object of the catalog, new or changed."""
    types = field_types(owner, field)
    if not types:
        return []
    rest = [
        frozenset(f"{each.type_name}{suffix}" for suffix in _TYPES).union(
            *(field_types(each, other) for other in each.fields if other.id != field.id)
        )
        for each in catalog.objects
        if any(name.startswith(each.type_name) for name in types)  # as all types of an object do
    ]
    beside = (taken or ApiNames()).types.union(shared_names().types, *rest)
    return [_issue(field.name, name) for name in sorted(types & beside)[:1]]


def _queries(item: Object) -> Iterator[str]:
    yield from (item.name, item.plural, f"{item.plural}GroupBy", f"{item.name}Duplicates")


def _mutations(item: Object) -> Iterator[str]:
    one, many = item.type_name, item.plural[:1].upper() + item.plural[1:]
    for verb in _VERBS:
        yield from (f"{verb}{one}", f"{verb}{many}", f"{verb}Many{many}")
    yield f"merge{many}"


def _all_names(objects: Iterable[Object]) -> ApiNames:
    found = [shared_names(), *map(object_names, objects)]
    return ApiNames(
        queries=frozenset[str]().union(*(each.queries for each in found)),
        mutations=frozenset[str]().union(*(each.mutations for each in found)),
        types=frozenset[str]().union(*(each.types for each in found)),
    )


def _issue(name: str, other: str) -> Issue:
    message = f'Name "{name}" is not available: the API has something called "{other}"'
    return Issue(code="NOT_AVAILABLE", message=message, user_message=message, value=name)
