"""What becomes of a model when a file is applied to it."""

from typing import cast

import pytest

from rapport.base.ids import new_id
from rapport.metadata.catalog import Catalog, Field, Object, WorkspaceId
from rapport.metadata.evolution.collisions import ApiNames
from rapport.metadata.evolution.steps import losses, steps
from rapport.metadata.model_file.applying import apply_form
from rapport.metadata.model_file.comparing import changes
from rapport.metadata.model_file.errors import InvalidModelFile
from rapport.metadata.model_file.forms import read_form
from rapport.metadata.model_file.reading import read_yaml
from rapport.metadata.standard.model import standard_catalog

FILE = """
version: 1
objects:
  company:
    label: Firm
    fields:
      employees: {active: false}
      tier:
        type: SELECT
        label: Tier
        default: GOLD
        options:
          - {value: GOLD, label: Gold, color: yellow}
          - {value: TIN, label: Tin, color: gray}
      rockets: {type: RELATION, label: Rockets, relation: ONE_TO_MANY, to: rocket.owner}
      carriers: {type: RELATION, label: Carriers, relation: ONE_TO_MANY, to: rocket.cargoCompany}
  person:
    fields:
      carriers: {type: RELATION, label: Carriers, relation: ONE_TO_MANY, to: rocket.cargoPerson}
  rocket:
    plural: rockets
    label: Rocket
    labelPlural: Rockets
    imageField: photo
    fields:
      thrust: {type: NUMBER, label: Thrust, nullable: false}
      serial: {type: TEXT, label: Serial, unique: true}
      photo: {type: LINKS, label: Photo}
      owner: {type: RELATION, label: Owner, relation: MANY_TO_ONE, to: company.rockets, onDelete: CASCADE}
      cargoCompany: {type: MORPH_RELATION, label: Cargo, relation: MANY_TO_ONE, to: company.carriers, group: cargo}
      cargoPerson: {type: MORPH_RELATION, label: Cargo, relation: MANY_TO_ONE, to: person.carriers, group: cargo}
    indexes:
      - {fields: [thrust, photo.primaryLinkUrl]}
"""


def applied(text: str, catalog: Catalog, *, taken: ApiNames | None = None) -> Catalog:
    """A file's model; applying the file twice is applying it once."""
    form = read_form(read_yaml(text.encode()))
    after = apply_form(form, catalog, taken=taken)
    assert apply_form(form, after, taken=taken) is after
    return after


def fresh() -> Catalog:
    return standard_catalog(WorkspaceId(new_id()))


def item(catalog: Catalog, name: str) -> Object:
    return next(each for each in catalog.objects if each.name == name)


def field(catalog: Catalog, path: str) -> Field:
    owner, name = path.split(".")
    return next(each for each in item(catalog, owner).fields if each.name == name)


def lost(before: Catalog, after: Catalog) -> list[str]:
    return losses(steps(before, after))


def edited(*pairs: tuple[str, str]) -> str:
    text = FILE
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.fixture
def model() -> Catalog:
    return applied(FILE, fresh())


def test_the_lines_say_what_is_new() -> None:
    before = fresh()
    after = applied(FILE, before)
    assert changes(before, after) == [
        "~ object company: label 'Company' → 'Firm'",
        "~ field company.employees: active true → false",
        "+ field company.tier (SELECT)",
        "+ field company.rockets (ONE_TO_MANY to rocket.owner)",
        "+ field company.carriers (ONE_TO_MANY to rocket.cargoCompany)",
        "+ field person.carriers (ONE_TO_MANY to rocket.cargoPerson)",
        "+ object rocket (Rocket, Rockets)",
        "+ field rocket.thrust (NUMBER)",
        "+ field rocket.serial (TEXT)",
        "+ field rocket.photo (LINKS)",
        "+ field rocket.owner (MANY_TO_ONE to company.rockets)",
        "+ field rocket.cargoCompany (MANY_TO_ONE to company.carriers)",
        "+ field rocket.cargoPerson (MANY_TO_ONE to person.carriers)",
        "+ index rocket (thrust, photo.primaryLinkUrl)",
    ]
    assert lost(before, after) == []


def test_what_the_file_leaves_out_goes_and_says_what_it_takes_along(model: Catalog) -> None:
    after = applied("version: 1\nobjects: {}\n", model)
    assert changes(model, after) == [
        "- object rocket",
        "~ object company: label 'Firm' → 'Company'",
        "- field company.tier (SELECT)",
        "~ field company.employees: active false → true",
    ]
    assert {"the values of company.tier", "all records of rocket"} <= set(lost(model, after))


def test_an_object_gets_another_name_and_keeps_everything(model: Catalog) -> None:
    renamed = edited(
        ("  rocket:\n    plural: rockets", "  ship:\n    was: rocket\n    plural: ships"), ("to: rocket.", "to: ship.")
    )
    after = applied(renamed, model)
    assert changes(model, after) == ["~ object rocket → ship", "~ object ship: plural 'rockets' → 'ships'"]
    assert lost(model, after) == []
    assert item(after, "ship").id == item(model, "rocket").id
    assert field(after, "noteTarget.targetShip").id == field(model, "noteTarget.targetRocket").id


def test_names_move_on_by_one(model: Catalog) -> None:
    moved = edited(
        ("      serial: {type: TEXT", "      number: {was: serial, type: TEXT"),
        ("      thrust: {type: NUMBER", "      serial: {was: thrust, type: NUMBER"),
        ("[thrust, photo", "[serial, photo"),
    )
    after = applied(moved, model)
    assert field(after, "rocket.number").id == field(model, "rocket.serial").id
    assert field(after, "rocket.serial").id == field(model, "rocket.thrust").id
    assert set(changes(model, after)) == {
        "~ field rocket.thrust → serial",
        "~ field rocket.serial → number",
    }
    assert lost(model, after) == []


def test_options_are_renamed_ordered_added_and_removed(model: Catalog) -> None:
    gold = "          - {value: GOLD, label: Gold, color: yellow}\n"
    tin = "          - {value: TIN, label: Tin, color: gray}\n"
    iron = "          - {value: IRON, label: Iron, color: gray}\n"
    new = f"{iron}          - {{was: GOLD, value: AU, label: Gold, color: red}}\n"
    after = applied(edited((gold + tin, new), ("default: GOLD", "default: AU")), model)
    assert changes(model, after) == [
        "~ field company.tier: default 'GOLD' → 'AU'",
        "~ field company.tier: option - TIN",
        "~ field company.tier: option + IRON",
        "~ field company.tier: option GOLD → AU",
        "~ field company.tier: option AU: color 'yellow' → 'red'",
    ]
    assert lost(model, after) == ["the options TIN of company.tier"]
    swapped = applied(edited((gold + tin, tin + gold)), model)
    assert changes(model, swapped) == ["~ field company.tier: option order: TIN, GOLD"]
    assert lost(model, swapped) == []


def test_another_type_is_another_field(model: Catalog) -> None:
    after = applied(edited(("thrust: {type: NUMBER", "thrust: {type: TEXT")), model)
    assert field(after, "rocket.thrust").id != field(model, "rocket.thrust").id
    assert "- field rocket.thrust (NUMBER)" in changes(model, after)
    assert "+ field rocket.thrust (TEXT)" in changes(model, after)
    assert lost(model, after) == ["the values of rocket.thrust"]


def test_a_relation_gets_another_rule_name_and_label(model: Catalog) -> None:
    after = applied(
        edited(
            ("rockets: {type: RELATION, label: Rockets,", "fleet: {was: rockets, type: RELATION, label: Fleet,"),
            ("company.rockets, onDelete: CASCADE", "company.fleet, onDelete: RESTRICT"),
        ),
        model,
    )
    assert changes(model, after) == [
        "~ field company.rockets → fleet",
        "~ field company.fleet: label 'Rockets' → 'Fleet'",
        "~ field rocket.owner: onDelete 'CASCADE' → 'RESTRICT'",
    ]
    assert lost(model, after) == []
    assert any("on delete restrict" in step.sql for step in steps(model, after))
    turned = edited(
        ("relation: ONE_TO_MANY, to: rocket.owner", "relation: MANY_TO_ONE, to: rocket.owner"),
        ("relation: MANY_TO_ONE, to: company.rockets, onDelete: CASCADE", "relation: ONE_TO_MANY, to: company.rockets"),
    )
    assert lost(model, applied(turned, model)) == ["the values of rocket.ownerId"]


def test_one_member_of_a_morph_relation_goes_and_another_comes(model: Catalog) -> None:
    after = applied(
        edited(
            ("  person:\n", "  note:\n"),
            ("to: rocket.cargoPerson", "to: rocket.cargoNote"),
            ("cargoPerson: {type: MORPH_RELATION, label: Cargo, relation: MANY_TO_ONE, to: person.",
             "cargoNote: {type: MORPH_RELATION, label: Cargo, relation: MANY_TO_ONE, to: note."),
        ),
        model,
    )  # fmt: skip
    assert field(after, "rocket.cargoCompany").id == field(model, "rocket.cargoCompany").id
    assert lost(model, after) == ["the values of rocket.cargoPersonId"]
    assert "+ field rocket.cargoNote (MANY_TO_ONE to note.carriers)" in changes(model, after)


def test_a_morph_relation_is_renamed_as_a_whole(model: Catalog) -> None:
    after = applied(
        edited(
            ("cargoCompany: {type", "loadCompany: {was: cargoCompany, type"),
            ("cargoPerson: {type", "loadPerson: {was: cargoPerson, type"),
            ("group: cargo", "group: load"),
            ("to: rocket.cargo", "to: rocket.load"),
        ),
        model,
    )
    assert lost(model, after) == []
    relation = field(after, "rocket.loadPerson").relation
    assert relation is not None
    assert relation.morph_group == "load"


def test_the_field_that_records_are_known_by_can_go_when_another_takes_its_place(model: Catalog) -> None:
    known = applied(edited(("    imageField: photo", "    labelField: serial")), model)
    assert item(known, "rocket").label_field == "serial"
    assert item(known, "rocket").image_field is None
    last = edited(
        ("    imageField: photo", "    labelField: code"),
        ("      serial: {type: TEXT, label: Serial, unique: true}", "      code: {type: TEXT, label: Code}"),
    )
    assert lost(known, applied(last, known)) == ["the values of rocket.serial"]
    back = edited(("      serial: {type: TEXT, label: Serial, unique: true}\n", ""))
    assert item(applied(back, known), "rocket").label_field == "name"
    aside = edited(("label: Serial, unique", "label: Serial, active: false, unique"))
    assert field(applied(aside, known), "rocket.serial").is_active is False


def test_indexes_are_those_of_the_file(model: Catalog) -> None:
    old = "[thrust, photo.primaryLinkUrl]}"
    after = applied(edited((old, "[serial, thrust], unique: true}\n      - {fields: " + old)), model)
    assert changes(model, after) == ["+ unique index rocket (serial, thrust)"]
    assert item(model, "rocket").custom_indexes[0] in item(after, "rocket").custom_indexes


def test_an_object_without_a_name_and_one_that_is_set_aside() -> None:
    text = (
        "version: 1\nobjects:\n"
        "  log: {plural: logs, label: Log, labelPlural: Logs, nameField: false, active: false}\n"
        "  city: {plural: cities, label: City, labelPlural: Cities, fields: {name: {label: Title}}}\n"
    )
    after = applied(text, fresh())
    assert not any(each.name == "name" for each in item(after, "log").fields)
    assert (item(after, "log").label_field, item(after, "log").is_active) == ("id", False)
    assert (field(after, "city.name").overrides or {}) == {"label": "Title"}


@pytest.mark.parametrize(
    ("pairs", "told"),
    [
        ([("  rocket:\n    plural: rockets\n", "  rocket:\n")],
         "line 20: objects.rocket: there is no object rocket in the workspace, and a new one needs plural"),
        ([("    plural: rockets", "    plural: rocket")],
         'line 20: objects.rocket: The singular and the plural name cannot be the same: "rocket"'),
        ([("    plural: rockets", "    plural: people")],
         'line 20: objects.rocket: Name "people" is not available as it is already used by another object'),
        ([("thrust: {type", "Thrust: {type"), ("[thrust,", "[Thrust,")],
         'line 26: objects.rocket.fields.Thrust: Name should be in camelCase: "Thrust"'),
        ([("thrust: {type", "address: {type"), ("[thrust,", "[address,")],
         'line 26: objects.rocket.fields.address: Name "address" is reserved'),
        ([("thrust: {type: NUMBER,", "thrust: {type: NUMBER, default: fast,")],
         "line 26: objects.rocket.fields.thrust: Default value is not valid: Invalid number value 'fast'"),
        ([("thrust: {type: NUMBER,", "thrust: {type: NUMBER, settings: {dataType: x},")],
         "line 26: objects.rocket.fields.thrust: Setting dataType must be one of"),
        ([("thrust: {type: NUMBER,", "thrust: {type: NUMBER, options: [A],")],
         "line 26: objects.rocket.fields.thrust: Fields of type NUMBER have no options"),
        ([("thrust: {type: NUMBER,", "thrust: {type: TS_VECTOR,")],
         "line 26: objects.rocket.fields.thrust: Fields of type TS_VECTOR cannot be created"),
        ([("value: TIN", "value: tin")], 'Option value "tin" must be in UPPER_SNAKE_CASE'),
        ([("value: TIN", "value: GOLD")], 'Option value "GOLD" is given more than once'),
        ([("{active: false}", "{unique: maybe}")], "line 7: objects.company.fields.employees.unique: it must be true"),
        ([("employees: {active: false}", "employes: {active: false}")],
         "line 7: objects.company.fields.employes: there is no such field in the workspace, and a new one needs type"),
        ([("{active: false}", "{type: TEXT}")],
         "line 7: objects.company.fields.employees: the type of a standard field cannot change"),
        ([("{active: false}", "{nullable: false}")],
         "line 7: objects.company.fields.employees: Cannot edit standard field metadata properties: isNullable"),
        ([("      employees:", "      headcount:\n        was: employees\n        active: false\n      employees:")],
         "employees is a standard field, which cannot be renamed"),
        ([("    label: Firm", "    label: Firm\n    plural: firms")],
         "line 4: objects.company: Cannot edit standard object metadata properties: namePlural"),
        ([("    label: Firm", "    label: Companies")],
         "line 4: objects.company: The singular and the plural label cannot be the same"),
        ([("  person:\n", "  human:\n    was: person\n"), ("cargoPerson", "cargoHuman"), ("to: person.", "to: human.")],
         "person is a standard object, which cannot be renamed"),
        ([("imageField: photo", "imageField: nowhere")], "line 20: objects.rocket: imageIdentifierFieldMetadataId"),
        ([("imageField: photo", "labelField: thrust")], "line 20: objects.rocket: labelIdentifierFieldMetadataId"),
        ([("[thrust, photo", "[speed, photo")], 'line 33: objects.rocket.indexes[0]: there is no field "speed"'),
        ([("[thrust, photo.primaryLinkUrl]", "[photo.secondaryLinks]")],
         "line 33: objects.rocket.indexes[0]: Field photo.secondaryLinks cannot be indexed"),
        ([("label: Rocket\n", 'label: "a\\0b"\n')],
         "line 20: objects.rocket: Label is not valid: a text cannot contain the NUL"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_of_its_place_in_the_file(pairs: list[tuple[str, str]], told: str) -> None:
    with pytest.raises(InvalidModelFile) as caught:
        applied(edited(*pairs), fresh())
    assert any(told in str(fault) for fault in caught.value.faults), caught.value.message


def test_names_of_the_api_are_not_free() -> None:
    with pytest.raises(InvalidModelFile, match=r"line 20: objects.rocket: .*createRocket"):
        applied(FILE, fresh(), taken=ApiNames(mutations=frozenset({"createRocket"})))


def test_a_former_name_that_is_still_there_has_to_be_accounted_for(model: Catalog) -> None:
    both = edited(("      thrust: {type: NUMBER", "      serial: {was: thrust, type: NUMBER"), ("[thrust,", "[serial,"))
    both = both.replace("      serial: {type: TEXT, label: Serial, unique: true}\n", "")
    with pytest.raises(InvalidModelFile, match="it is not clear what becomes of thrust"):
        applied(both, model)
    two = edited(("      thrust: {type: NUMBER", "      a: {was: thrust, type: NUMBER"), ("[thrust,", "[a,"))
    two = two.replace("      serial: {", "      b: {was: thrust, ")
    with pytest.raises(InvalidModelFile, match="it is not clear what becomes of thrust"):
        applied(two, model)


def test_what_identified_records_cannot_be_left_open(model: Catalog) -> None:
    with pytest.raises(InvalidModelFile, match="need one, of type TEXT or FULL_NAME"):
        applied(edited(("    imageField: photo", "    labelField: id")), model)
    with pytest.raises(InvalidModelFile, match="nameField of an object that there is cannot change"):
        applied(edited(("    imageField: photo", "    nameField: false")), model)


def test_new_fields_come_in_the_order_of_the_file(model: Catalog) -> None:
    names = [each.name for each in item(model, "rocket").fields if each.is_custom]
    assert names == ["thrust", "serial", "photo", "owner", "cargoCompany", "cargoPerson"]
    more = edited(
        ("      thrust: {", "      zeta: {type: TEXT, label: Z}\n      alpha: {type: TEXT, label: A}\n      thrust: {")
    )
    names = [each.name for each in item(applied(more, model), "rocket").fields if each.is_custom]
    assert names == ["thrust", "serial", "photo", "owner", "cargoCompany", "cargoPerson", "zeta", "alpha"]


def test_a_cascade_is_kept(model: Catalog) -> None:
    owner = field(model, "rocket.owner")
    assert owner.relation is not None
    assert (owner.relation.on_delete, cast("dict[str, str]", owner.settings)["onDelete"]) == ("CASCADE", "CASCADE")
