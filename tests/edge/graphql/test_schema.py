"""The text of the full schema of a data model."""

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    parse,
    validate,
    validate_schema,
)

from rapport.edge.graphql.model import Model
from rapport.edge.graphql.schema.generate import record_schema, schema_sdl
from rapport.metadata.catalog import Catalog
from rapport.metadata.fieldtypes.leaves.select import SelectLeaf
from tests.edge.graphql.models import standard, system_sdl, with_rockets

COUNTS = ("countUniqueValues", "countEmpty", "countNotEmpty")
SHARES = ("percentageEmpty", "percentageNotEmpty")
MEASURES = ("min", "max", "avg", "sum")


def schema_of(catalog: Catalog) -> GraphQLSchema:
    """Built with all checks on."""
    schema = build_schema(schema_sdl(catalog, system_sdl(record_schema(catalog).names)))
    assert validate_schema(schema) == []
    return schema


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return with_rockets()


@pytest.fixture(scope="module")
def schema(catalog: Catalog) -> GraphQLSchema:
    return schema_of(catalog)


def members(schema: GraphQLSchema, name: str) -> dict[str, str]:
    """Fields or input fields with their types."""
    kind = schema.get_type(name)
    assert isinstance(kind, GraphQLObjectType | GraphQLInputObjectType)
    return {field: str(each.type) for field, each in kind.fields.items()}


def arguments(schema: GraphQLSchema, owner: str, field: str) -> dict[str, str]:
    kind = schema.get_type(owner)
    assert isinstance(kind, GraphQLObjectType)
    return {name: str(each.type) for name, each in kind.fields[field].args.items()}


def test_the_schema_of_the_standard_model_is_valid() -> None:
    assert schema_of(standard()).get_type("Rocket") is None


def test_root_fields_are_those_that_are_served_in_their_full_form(catalog: Catalog, schema: GraphQLSchema) -> None:
    model = Model(catalog)
    assert members(schema, "Query").keys() == model.queries.keys() | {"currentUser"}
    older = {name for name in model.mutations if "Many" in name}
    assert "createManyPeople" in older
    assert members(schema, "Mutation").keys() == (model.mutations.keys() - older) | {"rename"}


def test_root_fields_have_the_arguments_and_results_of_the_contract(schema: GraphQLSchema) -> None:
    page = {
        "first": "Int",
        "last": "Int",
        "offset": "Int",
        "before": "String",
        "after": "String",
        "filter": "PersonFilterInput",
        "orderBy": "[PersonOrderByInput]",
    }
    which = {"filter": "PersonFilterInput!"}
    expected = {
        ("Query", "people", "PersonConnection"): page,
        ("Query", "person", "Person"): which,
        ("Mutation", "createPerson", "Person"): {"data": "PersonCreateInput!", "upsert": "Boolean"},
        ("Mutation", "createPeople", "[Person]"): {"data": "[PersonCreateInput!]!", "upsert": "Boolean"},
        ("Mutation", "updatePerson", "Person"): {"id": "UUID!", "data": "PersonUpdateInput!"},
        ("Mutation", "updatePeople", "[Person]"): {**which, "data": "PersonUpdateInput!"},
        ("Mutation", "deletePerson", "Person"): {"id": "UUID!"},
        ("Mutation", "deletePeople", "[Person]"): which,
        ("Mutation", "restorePerson", "Person"): {"id": "UUID!"},
        ("Mutation", "restorePeople", "[Person]"): which,
        ("Mutation", "destroyPerson", "Person"): {"id": "UUID!"},
        ("Mutation", "destroyPeople", "[Person]"): which,
        ("Query", "personDuplicates", "[PersonConnection]"): {"ids": "[UUID]", "data": "[PersonCreateInput]"},
        ("Mutation", "mergePeople", "Person"): {
            "ids": "[UUID!]!",
            "conflictPriorityIndex": "Int!",
            "dryRun": "Boolean",
        },
    }
    found = {(owner, name, members(schema, owner)[name]): arguments(schema, owner, name) for owner, name, _ in expected}
    assert found == expected
    assert arguments(schema, "Company", "people") == page


def test_a_record_has_all_its_fields_with_their_descriptions(schema: GraphQLSchema) -> None:
    assert members(schema, "Rocket") == {
        "id": "UUID!",
        "name": "String!",
        "crew": "Int",
        "miles": "BigInt",
        "status": "RocketStatusEnum",
        "tags": "[RocketTagsEnum]",
        "someUuid": "UUID",
        "someText": "String",
        "someNumber": "Float",
        "someNumeric": "BigFloat",
        "someBoolean": "Boolean",
        "someDateTime": "DateTime",
        "someDate": "Date",
        "someRating": "RocketSomeRatingEnum",
        "somePosition": "Position",
        "someRawJson": "JSON",
        "someArray": "[String]",
        "someRichText": "String",
        "someRichTextV2": "RichTextV2",
        "someTsVector": "TSVector",
        "someFiles": "JSON",
        "someActor": "Actor",
        "someAddress": "Address",
        "someCurrency": "Currency",
        "someEmails": "Emails",
        "someFullName": "FullName",
        "someLinks": "Links",
        "somePhones": "Phones",
        "owner": "Company",
        "ownerId": "UUID",
    }
    rocket = schema.get_type("Rocket")
    assert isinstance(rocket, GraphQLObjectType)
    assert rocket.description == "Rocket"
    assert rocket.fields["name"].description == 'Its "name"\nin words \\ signs'
    assert rocket.fields["crew"].description == "Crew"
    assert members(schema, "Company")["rockets"] == "RocketConnection"


def test_connections_have_edges_page_info_and_aggregates(schema: GraphQLSchema) -> None:
    found = members(schema, "RocketConnection")
    assert (found["edges"], found["pageInfo"], found["totalCount"]) == ("[RocketEdge!]!", "PageInfo", "Int")
    assert {name: kind for name, kind in found.items() if name.endswith(("Crew", "SomeCurrency", "AmountMicros"))} == {
        **{f"{count}{name}": "Int" for count in COUNTS for name in ("Crew", "SomeCurrency")},
        **{f"{share}{name}": "Float" for share in SHARES for name in ("Crew", "SomeCurrency")},
        **{f"{name}{of}": "Float" for name in MEASURES for of in ("Crew", "SomeCurrencyAmountMicros")},
    }
    assert (found["minSomeDate"], found["maxSomeDateTime"]) == ("DateTime", "DateTime")
    assert (found["countTrueSomeBoolean"], found["countFalseSomeBoolean"]) == ("Int", "Int")
    assert not {f"{count}{name}" for count in COUNTS for name in ("Owner", "OwnerId", "Secret", "Old")} & found.keys()
    assert "countEmptyTargetPerson" in members(schema, "NoteTargetConnection")
    assert members(schema, "RocketEdge") == {"node": "Rocket!", "cursor": "Cursor"}
    assert members(schema, "PageInfo") == {
        "hasNextPage": "Boolean!",
        "hasPreviousPage": "Boolean!",
        "startCursor": "Cursor",
        "endCursor": "Cursor",
    }


def test_groups_have_the_fields_of_connections_and_their_values(schema: GraphQLSchema) -> None:
    connection = members(schema, "RocketConnection")
    assert members(schema, "RocketGroupByConnection") == connection | {"groupByDimensionValues": "JSON!"}
    assert members(schema, "Query")["rocketsGroupBy"] == "[RocketGroupByConnection]"
    assert arguments(schema, "Query", "rocketsGroupBy") == {
        "groupBy": "[RocketGroupByInput!]!",
        "filter": "RocketFilterInput",
        "orderBy": "[RocketOrderByWithGroupByInput]",
        "orderByForRecords": "[RocketOrderByInput]",
        "viewId": "UUID",
        "limit": "Int",
    }


def test_groups_reach_into_composites_calendars_and_one_relation(schema: GraphQLSchema) -> None:
    by, order = members(schema, "RocketGroupByInput"), members(schema, "RocketOrderByWithGroupByInput")
    assert by.keys() == members(schema, "Rocket").keys() - {"someTsVector"}
    assert order.keys() == by.keys() | {"aggregate"}
    assert (by["crew"], by["ownerId"], by["tags"]) == ("Boolean", "Boolean", "Boolean")
    assert (by["someDate"], order["someDateTime"]) == ("GroupByDateGranularityInput", "OrderByDateGranularityInput")
    assert (by["someCurrency"], order["someCurrency"]) == ("CurrencyGroupByInput", "CurrencyOrderByInput")
    assert members(schema, "CurrencyGroupByInput") == dict.fromkeys(("amountMicros", "currencyCode"), "Boolean")
    assert (by["owner"], order["owner"]) == ("CompanyRelationGroupByInput", "CompanyRelationOrderByWithGroupByInput")
    related = members(schema, "CompanyRelationGroupByInput")
    assert related.keys() == members(schema, "CompanyGroupByInput").keys() - {"accountOwner"}
    aggregates = members(schema, "RocketConnection").keys() - {"edges", "pageInfo"}
    assert members(schema, "RocketOrderByAggregateInput") == dict.fromkeys(aggregates, "OrderByDirection")


def test_inputs_have_what_callers_may_write(schema: GraphQLSchema) -> None:
    create, update = members(schema, "RocketCreateInput"), members(schema, "RocketUpdateInput")
    readable = members(schema, "Rocket").keys()
    assert create.keys() == update.keys() == readable - {"someTsVector"}
    assert create["name"] == "String!"
    assert {name for name, kind in update.items() if kind.endswith("!")} == set()
    assert create["id"] == "UUID"
    assert create["tags"] == "[RocketTagsEnum]"
    assert (create["someCurrency"], update["someCurrency"]) == ("CurrencyCreateInput", "CurrencyUpdateInput")
    assert members(schema, "ActorCreateInput") == {"source": "ActorSourceEnum", "context": "JSON"}
    assert members(schema, "WorkflowRunCreateInput")["state"] == "JSON!"


def test_relations_are_written_by_id_or_by_connecting(schema: GraphQLSchema) -> None:
    create = members(schema, "RocketCreateInput")
    assert (create["owner"], create["ownerId"]) == ("CompanyRelationInput", "UUID")
    assert members(schema, "CompanyRelationInput") == {
        "connect": "CompanyConnectInput",
        "disconnect": "Boolean",
        "create": "CompanyCreateInput",
    }
    assert members(schema, "CompanyConnectInput") == {"where": "CompanyWhereUniqueInput"}
    assert members(schema, "CompanyWhereUniqueInput") == {"id": "UUID", "domainName": "CompanyDomainNameWhereInput"}
    assert members(schema, "CompanyDomainNameWhereInput") == {"primaryLinkUrl": "String"}
    assert members(schema, "CompanyCreateInput")["rockets"] == "RocketNestedCreateInput"
    assert members(schema, "RocketNestedCreateInput") == {"create": "[RocketCreateInput!]!"}
    for name in ("CompanyRelationInput", "CompanyConnectInput", "RocketNestedCreateInput"):
        kind = schema.get_type(name)
        assert isinstance(kind, GraphQLInputObjectType)
        assert all(field.description for field in kind.fields.values())
    mutation = schema.get_type("Mutation")
    assert isinstance(mutation, GraphQLObjectType)
    assert mutation.fields["createPeople"].args["upsert"].description


def test_secret_and_inactive_fields_are_nowhere(schema: GraphQLSchema) -> None:
    for suffix in ("", "CreateInput", "UpdateInput", "FilterInput", "OrderByInput", "GroupByInput"):
        assert not {"secret", "old"} & members(schema, f"Rocket{suffix}").keys()
        assert "accessToken" not in members(schema, f"ConnectedAccount{suffix}")


def test_enums_have_the_options_with_their_labels(schema: GraphQLSchema) -> None:
    stage = schema.get_type("OpportunityStageEnum")
    assert isinstance(stage, GraphQLEnumType)
    assert {name: value.description for name, value in stage.values.items()} == {
        "NEW": "New",
        "SCREENING": "Screening",
        "MEETING": "Meeting",
        "PROPOSAL": "Proposal",
        "CUSTOMER": "Customer",
        "PROSPECTING": "Prospecting",
        "NEGOTIATION": "Negotiation",
    }
    rating = schema.get_type("RocketSomeRatingEnum")
    assert isinstance(rating, GraphQLEnumType)
    assert list(rating.values) == [f"RATING_{number}" for number in range(1, 6)]


def test_each_filter_has_exactly_the_operators_of_its_leaf(catalog: Catalog, schema: GraphQLSchema) -> None:
    checked = set()
    for item in catalog.by_name.values():
        for field in item.field.values():
            for column in field.columns:
                leaf = column.leaf
                name = leaf.filter_type
                if isinstance(leaf, SelectLeaf):
                    name = f"{leaf.enum_name(item.type_name, field.name)}Filter"
                if column.reads:
                    assert tuple(members(schema, name)) == leaf.operators
                    checked.add(name)
    assert {"StringFilter", "BigIntFilter", "ArrayFilter", "ActorSourceEnumFilter", "RocketTagsEnumFilter"} <= checked
    assert members(schema, "FloatFilter") == {
        **dict.fromkeys(("eq", "neq", "gt", "gte", "lt", "lte"), "Float"),
        "in": "[Float]",
        "is": "FilterIs",
    }
    assert members(schema, "RocketTagsEnumFilter") == {
        "eq": "RocketTagsEnum",
        "neq": "RocketTagsEnum",
        "in": "[RocketTagsEnum]",
        "containsAny": "[RocketTagsEnum]",
        "is": "FilterIs",
        "isEmptyArray": "Boolean",
    }
    assert members(schema, "ArrayFilter") == {"containsIlike": "String", "is": "FilterIs", "isEmptyArray": "Boolean"}
    assert members(schema, "TSVectorFilter") == {"search": "String"}
    assert members(schema, "StringFilter")["iregex"] == "String"


def test_filters_and_orders_reach_into_composites_and_relations(schema: GraphQLSchema) -> None:
    filters, orders = members(schema, "RocketFilterInput"), members(schema, "RocketOrderByInput")
    assert filters.keys() == members(schema, "Rocket").keys() | {"and", "or", "not"}
    assert orders.keys() == members(schema, "Rocket").keys()
    assert (filters["and"], filters["or"], filters["not"]) == (
        "[RocketFilterInput]",
        "[RocketFilterInput]",
        "RocketFilterInput",
    )
    assert (filters["owner"], filters["ownerId"]) == ("CompanyFilterInput", "UUIDFilter")
    assert (orders["owner"], orders["ownerId"]) == ("CompanyOrderByInput", "OrderByDirection")
    assert (filters["someCurrency"], orders["someCurrency"]) == ("CurrencyFilterInput", "CurrencyOrderByInput")
    assert members(schema, "CurrencyFilterInput") == {"amountMicros": "BigFloatFilter", "currencyCode": "StringFilter"}
    assert members(schema, "CurrencyOrderByInput") == dict.fromkeys(
        ("amountMicros", "currencyCode"), "OrderByDirection"
    )
    assert "rockets" not in members(schema, "CompanyOrderByInput")


def test_filters_ask_lists_of_related_records_with_quantifiers(schema: GraphQLSchema) -> None:
    assert members(schema, "CompanyFilterInput")["rockets"] == "RocketListFilterInput"
    assert members(schema, "RocketListFilterInput") == dict.fromkeys(("some", "none", "every"), "RocketFilterInput")
    words = schema.get_type("RocketListFilterInput")
    assert isinstance(words, GraphQLInputObjectType)
    assert all(field.description for field in words.fields.values())


def test_types_of_the_system_stand_beside_those_of_records_and_none_is_defined_twice(schema: GraphQLSchema) -> None:
    assert members(schema, "Account") == {"id": "UUID!", "pageInfo": "PageInfo", "cursor": "ConnectionCursor"}
    assert "neq" in members(schema, "UUIDFilter")  # the record's, which can do more


def test_a_field_whose_other_end_is_inactive_is_not_shown() -> None:
    catalog = with_rockets()
    (rocket,) = (item for item in catalog.objects if item.name == "rocket")
    alone = Catalog(workspace_id=catalog.workspace_id, schema="w", version=1, objects=(rocket,))
    assert "owner" not in members(schema_of(alone), "Rocket")


def test_two_workspaces_with_the_same_model_have_the_same_text() -> None:
    assert record_schema(standard()) == record_schema(standard())
    assert record_schema(standard()) != record_schema(with_rockets())


def test_documents_in_the_full_form_of_the_contract_are_valid_against_it(schema: GraphQLSchema) -> None:
    document = parse(
        """
        query FindManyCompanies($filter: CompanyFilterInput, $orderBy: [CompanyOrderByInput], $lastCursor: String,
            $limit: Int, $offset: Int) {
          companies(filter: $filter, orderBy: $orderBy, first: $limit, after: $lastCursor, offset: $offset) {
            edges { node { id name domainName { primaryLinkUrl } accountOwner { name { firstName } }
              people(first: 5, orderBy: {name: {lastName: AscNullsLast}}) { totalCount edges { node { id } } } }
              cursor }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
            totalCount
          }
        }
        query FindOneCompany($objectRecordId: UUID!) { company(filter: {id: {eq: $objectRecordId}}) { id } }
        mutation CreateOneOpportunity($input: OpportunityCreateInput!) { createOpportunity(data: $input) { id stage } }
        mutation CreateCompanies($data: [CompanyCreateInput!]!, $upsert: Boolean) {
          createCompanies(data: $data, upsert: $upsert) { id }
        }
        mutation UpdateOneCompany($idToUpdate: UUID!, $input: CompanyUpdateInput!) {
          updateCompany(id: $idToUpdate, data: $input) { id }
        }
        mutation Won { updateOpportunities(
            filter: {or: [{stage: {in: [PROPOSAL, MEETING]}}, {amount: {amountMicros: {gte: 10}}}]},
            data: {stage: CUSTOMER, company: {connect: {where: {id: "x"}}}}) { id } }
        """
    )
    assert validate(schema, document) == []
