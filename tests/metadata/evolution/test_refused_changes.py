"""Changes that are refused, and what follows from others that are not, as functions from one catalog to the next."""

from collections.abc import Mapping
from uuid import UUID

import pytest

from rapport.base.ids import new_id
from rapport.metadata.catalog import Catalog, Object, WorkspaceId
from rapport.metadata.evolution.editing import find_field
from rapport.metadata.evolution.fields import create_field, delete_field, update_field
from rapport.metadata.evolution.objects import create_object, delete_object, update_object
from rapport.metadata.evolution.problems import InvalidModel
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.standard.model import standard_catalog

NAMES = {"nameSingular": "rocket", "namePlural": "rockets", "labelSingular": "Rocket", "labelPlural": "Rockets"}
NUL = ": a text cannot contain the NUL character"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    """The standard model with rockets."""
    return create_object(standard_catalog(WorkspaceId(new_id())), NAMES)[0]


def named(catalog: Catalog, name: str) -> Object:
    return next(item for item in catalog.objects if item.name == name)


def field_id(catalog: Catalog, path: str) -> UUID:
    owner, name = path.split(".")
    return next(field.id for field in named(catalog, owner).fields if field.name == name)


def payload(catalog: Catalog, target: str, label: str, **more: Json) -> dict[str, Json]:
    target_id = str(named(catalog, target).id)
    return {"type": "MANY_TO_ONE", "targetObjectMetadataId": target_id, "targetFieldLabel": label, **more}


def relation(catalog: Catalog, owner: str, name: str, target: str, label: str, **more: Json) -> Catalog:
    given: dict[str, Json] = {"relationCreationPayload": payload(catalog, target, label, **more)}
    return create_field(
        catalog, named(catalog, owner).id, {"type": "RELATION", "name": name, "label": "Link", **given}
    )[0]


def morph(catalog: Catalog, name: str, targets: Mapping[str, str]) -> Catalog:
    payloads: list[Json] = [payload(catalog, target, label) for target, label in targets.items()]
    given: dict[str, Json] = {
        "type": "MORPH_RELATION",
        "name": name,
        "label": "Link",
        "morphRelationsCreationPayload": payloads,
    }
    return create_field(catalog, named(catalog, "rocket").id, given)[0]


def messages(error: pytest.ExceptionInfo[InvalidModel]) -> list[str]:
    return [issue.message for finding in error.value.findings for issue in finding.issues]


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("description", "a\0b", f"Description is not valid{NUL}"),
        ("description", "x" * 10_001, "Description is too long: it exceeds the 10000 characters limit"),
        ("icon", "\0", f"Icon is not valid{NUL}"),
        ("icon", "x" * 256, "Icon is too long: it exceeds the 255 characters limit"),
        ("icon", "\ud800", "Icon is not valid: a text cannot contain half of a surrogate pair"),
    ],
)
def test_texts_beside_labels_can_be_stored(catalog: Catalog, key: str, value: str, message: str) -> None:
    rocket, name = named(catalog, "rocket"), field_id(catalog, "rocket.name")
    with pytest.raises(InvalidModel) as error:
        create_object(catalog, {**NAMES, "nameSingular": "ship", "namePlural": "ships", key: value})
    assert messages(error) == [message]
    with pytest.raises(InvalidModel) as error:
        update_object(catalog, rocket.id, {key: value})
    assert messages(error) == [message]
    with pytest.raises(InvalidModel) as error:
        update_object(catalog, named(catalog, "company").id, {key: value})
    assert messages(error) == [message]
    with pytest.raises(InvalidModel) as error:
        create_field(catalog, rocket.id, {"type": "TEXT", "name": "code", "label": "Code", key: value})
    assert messages(error) == [message]
    with pytest.raises(InvalidModel) as error:
        update_field(catalog, name, {key: value})
    assert messages(error) == [message]


def test_so_can_the_icon_on_the_other_side_of_a_relation(catalog: Catalog) -> None:
    with pytest.raises(InvalidModel) as error:
        relation(catalog, "rocket", "owner", "company", "Rockets", targetFieldIcon="\0")
    assert messages(error) == [f"Icon is not valid{NUL}"]


@pytest.mark.parametrize("empty", ["", "  "])
@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("nameSingular", "Name cannot be empty"),
        ("namePlural", "Name cannot be empty"),
        ("labelSingular", "Label cannot be empty"),
        ("labelPlural", "Label cannot be empty"),
    ],
)
def test_an_empty_name_or_label_of_an_object_is_told(catalog: Catalog, key: str, message: str, empty: str) -> None:
    with pytest.raises(InvalidModel) as error:
        update_object(catalog, named(catalog, "rocket").id, {key: empty})
    assert messages(error) == [message]
    if key.startswith("label"):
        with pytest.raises(InvalidModel) as error:
            update_object(catalog, named(catalog, "company").id, {key: empty})
        assert messages(error) == [message]


def test_an_empty_name_or_label_of_a_field_is_told(catalog: Catalog) -> None:
    catalog, code = create_field(
        catalog, named(catalog, "rocket").id, {"type": "TEXT", "name": "code", "label": "Code"}
    )
    with pytest.raises(InvalidModel) as error:
        update_field(catalog, code, {"name": " ", "label": ""})
    assert messages(error) == ["Name cannot be empty", "Label cannot be empty"]
    with pytest.raises(InvalidModel) as error:
        update_field(catalog, field_id(catalog, "company.name"), {"label": ""})
    assert messages(error) == ["Label cannot be empty"]
    assert update_field(catalog, code, {"name": None, "label": None}) == catalog


@pytest.mark.parametrize("path", ["rocket.id", "company.id", "noteTarget.id"])
def test_the_id_stays_active(catalog: Catalog, path: str) -> None:
    with pytest.raises(InvalidModel) as error:
        update_field(catalog, field_id(catalog, path), {"isActive": False})
    assert messages(error) == ["Field id cannot be deactivated: records are found, sorted and deleted by it"]


def test_a_deleted_field_is_nobodys_picture(catalog: Catalog) -> None:
    catalog = create_object(catalog, {**NAMES, "nameSingular": "ship", "namePlural": "ships"})[0]
    catalog = relation(catalog, "rocket", "home", "ship", "Rockets")
    rocket, ship = named(catalog, "rocket").id, named(catalog, "ship").id
    catalog = update_object(catalog, rocket, {"imageIdentifierFieldMetadataId": str(field_id(catalog, "rocket.home"))})
    catalog = update_object(catalog, ship, {"imageIdentifierFieldMetadataId": str(field_id(catalog, "ship.rockets"))})
    assert (named(catalog, "rocket").image_field, named(catalog, "ship").image_field) == ("home", "rockets")
    without_ship = delete_object(catalog, ship)
    assert named(without_ship, "rocket").image_field is None
    without_home = delete_field(catalog, field_id(catalog, "rocket.home"))
    assert named(without_home, "rocket").image_field is None
    assert named(without_home, "ship").image_field is None


def test_a_morph_relation_does_not_become_part_of_another(catalog: Catalog) -> None:
    catalog = morph(catalog, "cargo", {"person": "Rockets", "company": "Rockets"})
    taken = ['Name "cargo" is not available as it is already used by another field']
    with pytest.raises(InvalidModel) as error:
        morph(catalog, "cargo", {"task": "Rockets"})
    assert messages(error) == taken
    catalog = morph(catalog, "freight", {"task": "Rockets"})
    with pytest.raises(InvalidModel) as error:
        update_field(catalog, field_id(catalog, "rocket.freightTask"), {"name": "cargo"})
    assert messages(error) == taken
    catalog = delete_field(catalog, field_id(catalog, "rocket.freightTask"))
    names = {field.name for field in named(catalog, "rocket").fields}
    assert {"cargoPerson", "cargoCompany"} <= names
    assert "freightTask" not in names


def test_nor_of_one_of_ours(catalog: Catalog) -> None:
    given: dict[str, Json] = {"type": "MORPH_RELATION", "name": "target", "label": "Target"}
    payloads: list[Json] = [payload(catalog, "workflow", "Notes")]
    with pytest.raises(InvalidModel) as error:
        create_field(catalog, named(catalog, "noteTarget").id, {**given, "morphRelationsCreationPayload": payloads})
    assert messages(error) == ['Name "target" is not available as it is already used by another field']


def test_the_members_of_a_morph_relation_are_set_aside_together(catalog: Catalog) -> None:
    catalog = morph(catalog, "cargo", {"person": "Rockets", "company": "Rockets"})
    ids = [field_id(catalog, f"rocket.{name}") for name in ("cargoPerson", "cargoCompany")]

    def are_active(catalog: Catalog) -> list[bool]:
        return [found[1].is_active for each in ids if (found := find_field(catalog, each))]

    catalog = update_field(catalog, ids[1], {"isActive": False, "label": "Load"})
    assert are_active(catalog) == [False, False]
    assert are_active(update_field(catalog, ids[0], {"isActive": True})) == [True, True]
