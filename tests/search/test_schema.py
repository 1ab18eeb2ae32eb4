"""The SDL of the area fits beside the types of the records."""

from graphql import GraphQLEnumType, GraphQLInputObjectType, build_schema

from rapport.edge.graphql.schema.generate import record_schema, schema_sdl
from rapport.edge.graphql.system import SystemOperations
from rapport.search.resolvers import resolvers
from rapport.search.service import SearchService
from rapport.system.area import read_sdl
from tests.edge.graphql.models import standard
from tests.serving import Client


def system(client: Client) -> SystemOperations:
    return SystemOperations([read_sdl("rapport.search")], resolvers(SearchService(client.database, None)))  # type: ignore[arg-type]


async def test_types_that_records_have_too_are_the_same_there(client: Client) -> None:
    alone = build_schema("type Query\ntype Mutation\n" + system(client).sdl())
    catalog = standard()
    both = build_schema(schema_sdl(catalog, system(client).sdl(record_schema(catalog).names)))
    shared = [name for name in alone.type_map if name in record_schema(catalog).names]
    assert {"UUIDFilter", "DateTimeFilter", "FilterIs"} <= set(shared)
    for name in shared:
        ours, theirs = alone.get_type(name), both.get_type(name)
        if isinstance(ours, GraphQLInputObjectType) and isinstance(theirs, GraphQLInputObjectType):
            assert {key: str(each.type) for key, each in ours.fields.items()} == {
                key: str(each.type) for key, each in theirs.fields.items()
            }
        if isinstance(ours, GraphQLEnumType) and isinstance(theirs, GraphQLEnumType):
            assert list(ours.values) == list(theirs.values)


async def test_introspection_shows_the_search(client: Client) -> None:
    found = await client.data('{ __type(name: "Query") { fields { name type { ofType { name } } } } }')
    fields = {each["name"]: each["type"] for each in found["__type"]["fields"]}
    assert fields["search"] == {"ofType": {"name": "SearchResultConnection"}}
