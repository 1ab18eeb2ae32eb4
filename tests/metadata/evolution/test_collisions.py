"""Names that the API derives: what it really has, and that no two things of a model get the same one."""

from dataclasses import replace

import pytest

from rapport.base.ids import new_id
from rapport.edge.graphql.model import Model
from rapport.edge.graphql.schema.generate import record_schema
from rapport.metadata.catalog import Catalog, Object, WorkspaceId
from rapport.metadata.evolution.collisions import (
    ApiNames,
    field_collisions,
    object_collisions,
    object_names,
    shared_names,
)
from rapport.metadata.evolution.fields import create_field, update_field
from rapport.metadata.evolution.objects import create_object, update_object
from rapport.metadata.evolution.problems import InvalidModel
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.registry import FIELD_TYPES
from rapport.metadata.standard.model import standard_catalog
from tests.metadata.fields import field


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return standard_catalog(WorkspaceId(new_id()))


def made(name: str, plural: str, *fields: object) -> Object:
    return Object(id=new_id(), name=name, plural=plural, label="", label_plural="", fields=fields)  # type: ignore[arg-type]


def blamed(catalog: Catalog, name: str, plural: str, taken: ApiNames | None = None) -> list[str]:
    """The names of the API for which an object could not be called so."""
    return [issue.message.split('"')[3] for issue in object_collisions(catalog, made(name, plural), taken)]


def test_the_names_of_root_fields_are_those_that_the_api_has(catalog: Catalog) -> None:
    model = Model(catalog)
    names = [object_names(item) for item in catalog.objects]
    assert frozenset().union(*(each.queries for each in names)) == model.queries.keys()
    assert frozenset().union(*(each.mutations for each in names)) == model.mutations.keys()


def test_the_names_of_types_are_those_that_the_api_has(catalog: Catalog) -> None:
    every = made("probe", "probes", *(field(name, f"f{name.title()}") for name in FIELD_TYPES))
    model = replace(catalog, objects=(*catalog.objects, every))
    expected = shared_names().types.union(*(object_names(item).types for item in model.objects))
    assert record_schema(model).names <= expected


def test_the_standard_model_has_no_collisions(catalog: Catalog) -> None:
    for item in catalog.objects:
        assert object_collisions(catalog, item) == []
        for each in item.fields:
            assert field_collisions(catalog, item, each) == []


def test_an_object_of_its_own_name_collides_with_nothing(catalog: Catalog) -> None:
    assert blamed(catalog, "rocket", "rockets") == []


@pytest.mark.parametrize(
    ("name", "plural", "other"),
    [
        ("query", "queries", "Query"),
        ("mutation", "mutations", "Mutation"),
        ("pageInfo", "pageInfos", "PageInfo"),
        ("date", "dates", "Date"),
        ("fullName", "manyNames", "FullName"),
        ("emails", "mails", "Emails"),
        ("personConnection", "personConnections", "PersonConnection"),
        ("rocket", "peopleGroupBy", "peopleGroupBy"),
        ("personDuplicates", "rockets", "personDuplicates"),
        ("manyPeople", "rockets", "createManyPeople"),
        ("opportunityStageEnum", "rockets", "OpportunityStageEnum"),
        ("manyRockets", "rockets", "createManyRockets"),  # with itself
        ("rocketsGroupBy", "rockets", "rocketsGroupBy"),
    ],
)
def test_names_that_the_api_has_are_refused(catalog: Catalog, name: str, plural: str, other: str) -> None:
    assert blamed(catalog, name, plural) == [other]


def test_names_of_system_operations_are_refused(catalog: Catalog) -> None:
    taken = ApiNames(
        queries=frozenset({"currentUser"}),
        mutations=frozenset({"deleteJobs", "track"}),
        types=frozenset({"AccessRule"}),
    )
    assert blamed(catalog, "currentUser", "rockets", taken) == ["currentUser"]
    assert blamed(catalog, "job", "jobs", taken) == ["deleteJobs"]
    assert blamed(catalog, "accessRule", "rules", taken) == ["AccessRule"]
    assert blamed(catalog, "track", "tracks", taken) == []  # a mutation is no query


def test_the_name_of_another_object_is_not_told_here(catalog: Catalog) -> None:
    assert blamed(catalog, "person", "rockets") == []


def test_what_is_told(catalog: Catalog) -> None:
    (issue,) = object_collisions(catalog, made("date", "dates"))
    assert (issue.code, issue.value) == ("NOT_AVAILABLE", "date")
    assert issue.message == 'Name "date" is not available: the API has something called "Date"'


def test_types_of_fields_are_of_one_field(catalog: Catalog) -> None:
    ship = made("ship", "ships", field("SELECT", "partKind"))
    part = made("shipPart", "shipParts")
    model = replace(catalog, objects=(*catalog.objects, ship, part))
    (issue,) = field_collisions(model, part, field("MULTI_SELECT", "kind"))
    assert issue.message == 'Name "kind" is not available: the API has something called "ShipPartKindEnum"'
    assert field_collisions(model, part, field("TEXT", "kind")) == []
    assert field_collisions(model, ship, ship.fields[0]) == []
    assert field_collisions(model, part, field("SELECT", "state"), ApiNames(types=frozenset({"ShipPartStateEnum"})))


# -- where they are asked for ------------------------------------------------------------------------------------


def named(name: str, plural: str) -> dict[str, Json]:
    return {"nameSingular": name, "namePlural": plural, "labelSingular": "One", "labelPlural": "Many"}


def test_an_object_cannot_be_made_or_renamed_to_what_the_api_has(catalog: Catalog) -> None:
    with pytest.raises(InvalidModel) as refusal:
        create_object(catalog, named("date", "dates"))
    assert [issue.code for finding in refusal.value.findings for issue in finding.issues] == ["NOT_AVAILABLE"]
    changed, object_id = create_object(catalog, named("rocket", "rockets"))
    with pytest.raises(InvalidModel):
        update_object(changed, object_id, {"nameSingular": "date"})
    assert update_object(changed, object_id, {"namePlural": "missiles"}).by_plural["missiles"].id == object_id


def test_a_field_cannot_be_made_or_renamed_to_what_the_api_has(catalog: Catalog) -> None:
    changed, ship_id = create_object(catalog, named("ship", "ships"))
    changed, _ = create_field(changed, ship_id, {"type": "SELECT", "name": "partKind", "label": "K", "options": ["A"]})
    changed, part_id = create_object(changed, named("shipPart", "shipParts"))
    kind: dict[str, Json] = {"type": "SELECT", "name": "kind", "label": "Kind", "options": ["A"]}
    with pytest.raises(InvalidModel):
        create_field(changed, part_id, kind)
    changed, field_id = create_field(changed, part_id, {**kind, "name": "sort"})
    with pytest.raises(InvalidModel):
        update_field(changed, field_id, {"name": "kind"})
    assert update_field(changed, field_id, {"name": "other"}).by_name["shipPart"].field["other"].id == field_id


def test_a_standard_field_of_a_reserved_name_can_get_another_label(catalog: Catalog) -> None:
    address = catalog.by_name["company"].field["address"]
    changed = update_field(catalog, address.id, {"label": "Headquarters"})
    assert changed.by_name["company"].field["address"].overrides == {"label": "Headquarters"}
