"""The parameters that operations on records share (core-api.md §4.3)."""

from collections.abc import Mapping

from rapport.edge.openapi.parts import BOOLEAN, INTEGER, STRING, UUID, Part

_CURSOR = "A cursor from `pageInfo`, or the id of a record"
_DEPTH = (
    "How many relations away the answer goes: 0 shows the record itself, with the ids of those that it is linked to; 1"
    " adds the linked records, without theirs; 2 adds theirs as well."
)
_FILTER = (
    "Conditions on fields, `field[operator]:value` with commas between them, and `and(…)`, `or(…)`, `not(…)`. Fields of"
    " composite values and of linked records have a dot. Operators: eq, neq, in, nin, gt, gte, lt, lte, like, ilike,"
    " startsWith, endsWith, containsAny, containsIlike, isEmptyArray, search, and is with NULL or NOT_NULL. An object"
    " of JSON is accepted too, and so is a parameter for each condition: `filter[name][ilike]=acme`."
)
_ORDER = (
    "Fields with commas between them, each with a direction: AscNullsFirst (unless given), AscNullsLast, DescNullsFirst"
    " or DescNullsLast."
)


def _query(name: str, shape: Part, description: str, *, required: bool = False, **more: object) -> Part:
    return {
        "name": name, "in": "query", "description": description, "required": required, "schema": shape, **more,
    }  # fmt: skip


def _header(name: str, shape: Part, description: str) -> Part:
    return {"name": name, "in": "header", "description": description, "required": False, "schema": shape}


def _example(**values: str) -> Part:
    return {name: {"value": value} for name, value in values.items()}


PARAMETERS: Mapping[str, Part] = {
    "idPath": {"name": "id", "in": "path", "description": "The id of the record", "required": True, "schema": UUID},
    "startingAfter": _query("starting_after", STRING, f"{_CURSOR}: the page begins behind it"),
    "endingBefore": _query("ending_before", STRING, f"{_CURSOR}: the page ends before it"),
    "offset": _query("offset", {"type": "integer", "minimum": 0}, "How many records to pass over"),
    "filter": _query(
        "filter",
        STRING,
        _FILTER,
        examples=_example(
            simple='createdAt[gte]:"2025-01-01"',
            nested="emails.primaryEmail[eq]:somebody@example.com",
            complex='or(createdAt[gte]:"2025-01-01",createdAt[lt]:"2024-01-01",not(id[is]:NULL))',
        ),
    ),
    "depth": _query("depth", {"type": "integer", "enum": [0, 1, 2], "default": 1}, _DEPTH),
    "depthOfChange": _query("depth", {"type": "integer", "enum": [0, 1, 2], "default": 0}, _DEPTH),
    "fields": _query("fields", STRING, "The names of the fields that are wanted, with commas between them"),
    "omitNullValues": _query(
        "omit_null_values", {**BOOLEAN, "default": False}, "Whether fields without a value are left out"
    ),
    "idempotencyKey": _header(
        "Idempotency-Key",
        {**STRING, "minLength": 1, "maxLength": 255},
        "A request that is sent again with the same key is not carried out again, but answered alike",
    ),
    "ifMatch": _header(
        "If-Match", STRING, "Entity tags, from `ETag`: only in one of these states the record is changed"
    ),
    "ifNoneMatch": _header("If-None-Match", STRING, "Entity tags of answers that are known already"),
    "range": _header("Range", STRING, "The part of the file that is wanted: `bytes=0-1023`"),
    "upsert": _query(
        "upsert",
        {**BOOLEAN, "default": False},
        "Whether records that are there already, found by their id or a unique field, are updated",
    ),
    "softDelete": _query(
        "soft_delete",
        {**BOOLEAN, "default": True},
        "Whether the records can be restored; with false they are destroyed",
    ),
    "orderBy": _query(
        "order_by", STRING, _ORDER, examples=_example(simple="createdAt[DescNullsLast]", two="position,createdAt")
    ),
    "limit": _query(
        "limit",
        {**INTEGER, "minimum": 0, "maximum": 200, "default": 60},
        "The size of the page; more than the maximum is taken for it",
    ),
    "groupBy": _query(
        "group_by",
        STRING,
        "What the records are grouped by: an array of JSON, or fields with commas between them",
        required=True,
        examples=_example(simple='[{"createdAt": {"granularity": "MONTH"}}]', fields="createdBy.source"),
    ),
    "viewId": _query("view_id", UUID, "The id of a view, whose filter the records must meet"),
    "aggregate": _query(
        "aggregate",
        {**STRING, "default": "totalCount"},
        "The names of what is computed of each group: an array of JSON, or with commas between them",
        examples=_example(simple='["countNotEmptyId", "maxCreatedAt"]'),
    ),
    "includeRecordsSample": _query(
        "include_records_sample", {**BOOLEAN, "default": False}, "Whether each group has some of its records"
    ),
    "orderByForRecords": _query("order_by_for_records", STRING, f"The order of the records of each group. {_ORDER}"),
    "groupLimit": _query(
        "limit", {**INTEGER, "minimum": 0, "maximum": 10_000, "default": 50}, "How many groups the answer has at most"
    ),
    "envelope": _query(
        "envelope", {**BOOLEAN, "default": False}, 'Whether the answer is `{"data": {…}}` and not a bare array'
    ),
}
