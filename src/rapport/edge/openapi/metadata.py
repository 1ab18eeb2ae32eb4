"""The document about the data model: `/rest/metadata/objects` and `/rest/metadata/fields` (docs/rest.md); webhooks."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rapport.edge.openapi.failures import ALWAYS, ERROR, HEADERS, WITH_BODY, WITH_KEY, error_schema, failures
from rapport.edge.openapi.frame import document_paths, frame
from rapport.edge.openapi.parameters import PARAMETERS
from rapport.edge.openapi.parts import (
    BOOLEAN,
    INTEGER,
    MAYBE_STRING,
    STRING,
    UUID,
    Part,
    answer,
    array,
    body,
    data,
    operation,
    schema,
    whole,
)
from rapport.edge.openapi.webhook_paths import PARAMETERS as WEBHOOK_PARAMETERS
from rapport.edge.openapi.webhook_paths import SCHEMAS as WEBHOOK_SCHEMAS
from rapport.edge.openapi.webhook_paths import TAG as WEBHOOKS
from rapport.edge.openapi.webhook_paths import webhook_paths
from rapport.metadata.fieldtypes.registry import FIELD_TYPES

_DESCRIPTION = "The data model of a workspace: its objects and their fields."
_MAYBE_UUID: Part = {"type": ["string", "null"], "format": "uuid"}
_MOMENT: Part = {"type": "string", "format": "date-time"}
_OBJECT: Part = {"type": "object"}
_MOST = 1_000  # of one page

_PARAMETERS: Mapping[str, Part] = {
    **{name: PARAMETERS[name] for name in ("idPath", "startingAfter", "endingBefore", "idempotencyKey")},
    "filter": {
        "name": "filter",
        "in": "query",
        "description": "Conditions, as an object of JSON",
        "required": False,
        "schema": STRING,
        "examples": {"simple": {"value": '{"isCustom": {"is": true}}'}},
    },
    "limit": {
        "name": "limit",
        "in": "query",
        "description": "The size of the page; more than the maximum is taken for it",
        "required": False,
        "schema": {**INTEGER, "minimum": 0, "maximum": _MOST, "default": _MOST},
    },
}

_NAMES = ("nameSingular", "namePlural", "labelSingular", "labelPlural")
_OBJECT_TEXTS: Mapping[str, Part] = dict.fromkeys(_NAMES, STRING)
_OPTION: Part = {
    "type": "object",
    "required": ["value", "label"],
    "properties": {"id": UUID, "value": STRING, "label": STRING, "color": STRING, "position": INTEGER},
}
_FIELD_BASICS: Mapping[str, Part] = {
    "name": STRING,
    "label": STRING,
    "description": STRING,
    "icon": STRING,
    "defaultValue": {"description": "Texts are in single quotes of their own; `now` and `uuid` are functions"},
    "options": {**array(_OPTION), "description": "Of a SELECT, MULTI_SELECT or RATING"},
    "settings": _OBJECT,
    "isNullable": BOOLEAN,
    "isUnique": BOOLEAN,
    "isActive": BOOLEAN,
    "isLabelSyncedWithName": BOOLEAN,
}


def _named(*names: str) -> Part:
    return {"type": "object", "required": ["id"], "properties": {"id": UUID, **dict.fromkeys(names, STRING)}}


_SIDE = _named("nameSingular", "namePlural")
_RELATION = whole(
    type={**STRING, "enum": ["MANY_TO_ONE", "ONE_TO_MANY"]},
    targetObjectMetadata=_SIDE,
    targetFieldMetadata=_named("name"),
    sourceObjectMetadata=_SIDE,
    sourceFieldMetadata=_named("name"),
)

_SCHEMAS: Mapping[str, Part] = {
    "Object": {
        "type": "object",
        "required": list(_OBJECT_TEXTS),
        "properties": {
            **_OBJECT_TEXTS,
            "description": STRING,
            "icon": STRING,
            "shortcut": STRING,
            "isLabelSyncedWithName": BOOLEAN,
            "skipNameField": BOOLEAN,
        },
        "example": {
            "nameSingular": "rocket",
            "namePlural": "rockets",
            "labelSingular": "Rocket",
            "labelPlural": "Rockets",
            "icon": "IconRocket",
        },
    },
    "ObjectForUpdate": {
        "type": "object",
        "properties": {
            **_OBJECT_TEXTS,
            "description": MAYBE_STRING,
            "icon": MAYBE_STRING,
            "shortcut": MAYBE_STRING,
            "isActive": BOOLEAN,
            "isLabelSyncedWithName": BOOLEAN,
            "labelIdentifierFieldMetadataId": UUID,
            "imageIdentifierFieldMetadataId": _MAYBE_UUID,
        },
    },
    "ObjectForResponse": whole(
        id=UUID,
        nameSingular=STRING,
        namePlural=STRING,
        isCustom=BOOLEAN,
        isActive=BOOLEAN,
        isSystem=BOOLEAN,
        createdAt=_MOMENT,
        updatedAt=_MOMENT,
        labelIdentifierFieldMetadataId=_MAYBE_UUID,
        imageIdentifierFieldMetadataId=_MAYBE_UUID,
        labelSingular=STRING,
        labelPlural=STRING,
        icon=MAYBE_STRING,
        fields=array(schema("FieldForResponse")),
    ),
    "Field": {
        "type": "object",
        "required": ["objectMetadataId", "type", "name", "label"],
        "properties": {
            "objectMetadataId": {**UUID, "description": "The id of the object that gets the field"},
            "type": {**STRING, "enum": [name for name, kind in FIELD_TYPES.items() if kind.is_creatable]},
            **_FIELD_BASICS,
            "relationCreationPayload": {
                "type": "object",
                "description": "Of a RELATION: the other object, and the field there",
                "properties": {
                    "type": {**STRING, "enum": ["MANY_TO_ONE", "ONE_TO_MANY"]},
                    "targetObjectMetadataId": UUID,
                    "targetFieldLabel": STRING,
                    "targetFieldIcon": STRING,
                },
            },
            "morphRelationsCreationPayload": array(_OBJECT),
        },
    },
    "FieldForUpdate": {"type": "object", "properties": _FIELD_BASICS},
    "FieldForResponse": whole(
        id=UUID,
        type={**STRING, "enum": list(FIELD_TYPES)},
        name=STRING,
        label=STRING,
        description=MAYBE_STRING,
        icon=MAYBE_STRING,
        isCustom=BOOLEAN,
        isActive=BOOLEAN,
        isSystem=BOOLEAN,
        isNullable=BOOLEAN,
        createdAt=_MOMENT,
        updatedAt=_MOMENT,
        defaultValue={},
        options={"anyOf": [array(_OPTION), {"type": "null"}]},
        relation={"anyOf": [_RELATION, {"type": "null"}]},
    ),
}

_PAGE_INFO = whole(hasNextPage=BOOLEAN, startCursor=MAYBE_STRING, endCursor=MAYBE_STRING)


@dataclass(frozen=True, kw_only=True)
class _Kind:
    singular: str
    plural: str
    type: str


_KINDS = (
    _Kind(singular="object", plural="objects", type="Object"),
    _Kind(singular="field", plural="fields", type="Field"),
)


def metadata_document(
    *, is_known: bool, url: str, version: str, is_flat: bool, may_change: bool = True, has_webhooks: bool = True
) -> Part:
    """Strangers are told only how to get it. ``is_flat``: the shape of errors.

    ``may_change``: the data model; ``has_webhooks``: those who may see them are told of them.
    """
    paths = dict(document_paths())
    schemas: Mapping[str, Part] = {ERROR: error_schema(is_flat=is_flat)}
    tags: tuple[Part, ...] = ()
    if is_known:
        for kind in _KINDS:
            paths.update(_paths(kind) if may_change else _reads(_paths(kind)))
        shown = {name: each for name, each in _SCHEMAS.items() if may_change or name.endswith("ForResponse")}
        schemas = {**shown, **schemas}
        tags = tuple({"name": each.plural, "description": f"The {each.plural} of the data model"} for each in _KINDS)
    parameters, description = _PARAMETERS if is_known else {}, _DESCRIPTION
    if is_known and has_webhooks:
        paths.update(webhook_paths())
        schemas, parameters = {**WEBHOOK_SCHEMAS, **schemas}, {**parameters, **WEBHOOK_PARAMETERS}
        tags = (*tags, {"name": WEBHOOKS, "description": "Addresses that are told of events"})
        description += " And its webhooks."
    components: Mapping[str, Part] = {
        "schemas": schemas,
        "parameters": parameters,
        "headers": HEADERS,
        "responses": failures(ERROR),
    }
    return frame(url=url, version=version, description=description, paths=paths, components=components, tags=tags)


def _reads(paths: Iterable[tuple[str, Part]]) -> Iterator[tuple[str, Part]]:
    for path, operations in paths:
        yield path, {"get": operations["get"]}


def _paths(kind: _Kind) -> Iterator[tuple[str, Part]]:
    shown, tag, type_ = schema(f"{kind.type}ForResponse"), kind.plural, kind.type
    given, changed = body(schema(type_)), body(schema(f"{type_}ForUpdate"))
    writes = (*ALWAYS, "404", "409", *WITH_BODY)
    page = whole(data=whole(**{kind.plural: array(shown)}), pageInfo=_PAGE_INFO)
    many = f"{type_}s"
    yield (
        f"/metadata/{kind.plural}",
        {
            "get": operation(
                f"findMany{many}",
                f"Find {kind.plural}",
                tag=tag,
                parameters=("filter", "limit", "startingAfter", "endingBefore"),
                answers={"200": answer(page, f"The {kind.plural}")},
                failures=ALWAYS,
            ),
            "post": operation(
                f"createOne{type_}",
                f"Create one {kind.singular}",
                tag=tag,
                parameters=("idempotencyKey",),
                body=given,
                answers={"201": answer(data(**{f"createOne{type_}": shown}), f"The {kind.singular}")},
                failures=(*ALWAYS, "404", *WITH_KEY, *WITH_BODY),
            ),
        },
    )
    updates = {
        method: operation(
            id_,
            summary,
            tag=tag,
            parameters=("idPath",),
            body=changed,
            answers={"200": answer(data(**{f"updateOne{type_}": shown}), f"The updated {kind.singular}")},
            failures=writes,
        )
        for method, id_, summary in (
            ("patch", f"UpdateOne{type_}", f"Update one {kind.singular}"),
            ("put", f"putOne{type_}", f"Update one {kind.singular}, as PATCH does"),
        )
    }
    yield (
        f"/metadata/{kind.plural}/{{id}}",
        {
            "get": operation(
                f"findOne{type_}",
                f"Find one {kind.singular}",
                tag=tag,
                parameters=("idPath",),
                answers={"200": answer(data(**{kind.singular: shown}), f"The {kind.singular}")},
                failures=(*ALWAYS, "404"),
            ),
            "delete": operation(
                f"deleteOne{type_}",
                f"Delete one {kind.singular}",
                tag=tag,
                parameters=("idPath",),
                answers={
                    "200": answer(data(**{f"deleteOne{type_}": whole(id=UUID)}), f"The id of the {kind.singular}")
                },
                failures=(*ALWAYS, "404", "409"),
            ),
            **updates,
        },
    )
