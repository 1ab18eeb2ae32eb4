"""A file says all there is to say of a model, and nothing happens that it does not say."""

import random
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

import pytest

from rapport.base.errors import RapportError
from rapport.base.ids import new_id
from rapport.metadata.catalog import Catalog, Field, Object, WorkspaceId
from rapport.metadata.evolution.fields import update_field
from rapport.metadata.evolution.objects import update_object
from rapport.metadata.evolution.steps import steps
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.indexes import indexes
from rapport.metadata.model_file.applying import apply_form
from rapport.metadata.model_file.comparing import changes
from rapport.metadata.model_file.forms import ModelForm, read_form
from rapport.metadata.model_file.reading import read_yaml
from rapport.metadata.model_file.writing import write_model_file
from rapport.metadata.standard.model import standard_catalog
from tests.metadata.evolution.test_random_changes import EDITS, Edit, any_field, custom, new_object, word

SEEDS = range(12)
_TEXTS = ("no", "12", "1e5", "~", "a: b # c", "Ünï \u2028 'quoted' \"twice\"", "line\nbreak", "- x", "now", "''")
_ODD: tuple[Json, ...] = (0, 1.5, True, [], ["a", "'b'"], {"a": {"b": None}})


def relabel(rng: random.Random, catalog: Catalog) -> Catalog:
    item = rng.choice(catalog.objects)
    given: dict[str, Json] = {
        "labelSingular": rng.choice(_TEXTS) + word(rng),
        "labelPlural": word(rng),
        "description": rng.choice(_TEXTS),
        "icon": rng.choice((None, "IconX")),
        "isActive": rng.random() < 0.8,
    }
    return update_object(catalog, item.id, {key: value for key, value in given.items() if rng.random() < 0.5})


def relabel_field(rng: random.Random, catalog: Catalog) -> Catalog:
    field = rng.choice([*rng.choice(catalog.objects).fields, any_field(rng, custom(rng, catalog))])
    given: dict[str, Json] = {
        "label": rng.choice(_TEXTS) + word(rng),
        "description": rng.choice((None, *_TEXTS)),
        "icon": rng.choice((None, "IconX")),
        "isActive": rng.random() < 0.8,
    }
    return update_field(catalog, field.id, {key: value for key, value in given.items() if rng.random() < 0.5})


def redefine(rng: random.Random, catalog: Catalog) -> Catalog:
    field = rng.choice([*rng.choice(catalog.objects).fields, any_field(rng, custom(rng, catalog))])
    if not field.is_nullable and field.default is None:
        return catalog  # the rules have no way back to that
    given: dict[str, Json] = rng.choice(
        [
            {"defaultValue": rng.choice(_TEXTS)},
            {"defaultValue": {"amountMicros": 1500000, "currencyCode": "EUR"}},
            {"defaultValue": {"firstName": "''", "lastName": "x"}},
            {"defaultValue": rng.choice(_ODD)},
            {"settings": {"displayFormat": "RELATIVE", "more": {"a": [1, None, "x"]}}},
            {
                "options": [
                    {"value": "ONE", "label": "1", "color": "red", "position": 7},
                    {"value": "FOUR", "label": "yes", "color": "blue", "position": 2},
                ]
            },
        ]
    )
    return update_field(catalog, field.id, given)


ALL: tuple[Edit, ...] = (*EDITS, relabel, relabel_field, relabel_field, redefine, redefine)


def random_model(seed: int, edits: int = 40) -> Catalog:
    rng = random.Random(seed)
    catalog = standard_catalog(WorkspaceId(new_id()))
    for _ in range(edits):
        edit = rng.choice(ALL) if any(item.is_custom for item in catalog.objects) else new_object
        with suppress(RapportError, IndexError):  # not possible with this model
            catalog = edit(rng, catalog)
    return replace(catalog, objects=tuple(map(_as_kept, catalog.objects)))


def _as_kept(item: Object) -> Object:
    """An index that users added is none any more once a unique field has the same."""
    there = {index.custom_id for index in indexes(item)}
    return replace(item, custom_indexes=tuple(each for each in item.custom_indexes if each.id in there))


def form_of(text: str) -> ModelForm:
    return read_form(read_yaml(text.encode()))


def written(catalog: Catalog) -> str:
    return write_model_file(catalog, "tests")


def plain(catalog: Catalog) -> object:
    """The model by names: without ids, and with what users call things in the place of their own names."""
    return {item.name: _object(item) for item in catalog.objects}


def _object(item: Object) -> tuple[object, ...]:
    names = item.overrides or {}
    shown = replace(
        item,
        id=new_id(),
        label=str(names.get("labelSingular", item.label)),
        label_plural=str(names.get("labelPlural", item.label_plural)),
        overrides=None,
        fields=(),
        custom_indexes=(),
    )
    own = {each.id: each.name for each in item.fields}
    indexes = {
        (tuple((own[field_id], sub) for field_id, sub in index.parts), index.is_unique) for index in item.custom_indexes
    }
    described = {name: value for name, value in vars(shown).items() if name not in ("id", "description", "icon")}
    named = {key: names.get(key, getattr(item, key)) for key in ("description", "icon")}
    return described, named, indexes, {each.name: _field(each) for each in item.fields}


def _field(item: Field) -> Mapping[str, object]:
    own = {key: getattr(item, key) for key in ("label", "icon", "description")} if item.is_custom else {}
    options = [
        (option.value, option.label, option.color) for option in sorted(item.options, key=lambda each: each.position)
    ]
    fixed = item.type.fixed_options
    return {
        "names": {**own, **(item.overrides or {})},  # others are called after the object as it was when it was made
        **{
            key: getattr(item, key)
            for key in ("type", "is_nullable", "is_unique", "is_active", "is_custom", "is_label_synced", "default")
        },
        "settings": dict(item.settings),
        "relation": item.relation,
        "options": None if fixed else options,
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_a_model_goes_into_a_file_and_comes_out_again(seed: int) -> None:
    model = random_model(seed)
    text = written(model)
    form = form_of(text)
    assert apply_form(form, model) is model

    fresh = standard_catalog(WorkspaceId(new_id()))
    made = apply_form(form, fresh)
    assert plain(made) == plain(model)
    assert written(made) == text
    assert apply_form(form, made) is made


@pytest.mark.parametrize("seed", SEEDS)
def test_any_model_becomes_that_of_a_file(seed: int) -> None:
    form = form_of(text := written(random_model(seed)))
    before = random_model(seed + 1000)
    after = apply_form(form, before)
    assert sorted(written(after).splitlines()) == sorted(text.splitlines())
    assert apply_form(form, after) is after
    assert changes(before, after)
    assert not changes(after, after)
    list(steps(before, after))
