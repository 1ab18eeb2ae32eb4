"""The paths of an object's records (core-api.md §4.1, §8)."""

from collections.abc import Iterator
from dataclasses import dataclass

from rapport.base.errors import RapportError
from rapport.edge.openapi.failures import ALWAYS, WITH_BODY, WITH_KEY
from rapport.edge.openapi.names import Names
from rapport.edge.openapi.parts import (
    BOOLEAN,
    INTEGER,
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
from rapport.edge.openapi.schemas import SchemaNames
from rapport.metadata.catalog import Object
from rapport.records.restrictions import check_verb
from rapport.records.rights import check_right

_PAGE = ("orderBy", "filter", "limit", "depth", "startingAfter", "endingBefore", "offset", "fields", "omitNullValues")
_GROUPS = (
    "groupBy", "aggregate", "filter", "orderBy", "groupLimit", "viewId", "includeRecordsSample", "orderByForRecords",
    "depthOfChange", "envelope",
)  # fmt: skip

_READ = ALWAYS
_READ_ONE = (*ALWAYS, "404")
_WRITE = (*ALWAYS, "404", "409", *WITH_BODY)
_REMOVE = (*ALWAYS, "404", "409")
_CREATE = (*ALWAYS, "404", *WITH_KEY, *WITH_BODY)
_UNCHANGED: Part = {"description": "The record is the one of the entity tag in If-None-Match"}


@dataclass(frozen=True, kw_only=True)
class Paths:
    """``page_info`` is the name of its schema; ``ids`` hands out the ids of operations."""

    names: SchemaNames
    page_info: str
    ids: Names

    def of(self, item: Object) -> Iterator[tuple[str, Part]]:
        """The paths with what can be done there. What the caller may not do at all is left out."""
        at, plural = item.plural, _capital(item.plural)
        yield f"/{at}", self._many(item)
        yield f"/{at}/{{id}}", self._one(item)
        yield f"/{at}/groupBy", {"get": self._groups(item)}
        yield f"/{at}/duplicates", {"post": self._duplicates(item)}
        batch = self._batch(item)
        if batch:
            yield f"/batch/{at}", batch
        if may(item, "restore"):
            yield f"/restore/{at}", {"patch": self._restore_many(item, f"restoreMany{plural}")}
            yield f"/restore/{at}/{{id}}", {"patch": self._restore_one(item, f"restoreOne{item.type_name}")}
            yield f"/{at}/{{id}}/restore", {"patch": self._restore_one(item, f"restore{item.type_name}")}
        if may(item, "merge"):
            yield f"/{at}/merge", {"patch": self._merge(item, f"mergeMany{plural}")}
            yield f"/{at}/{{id}}/merge", {"patch": self._merge(item, f"mergeInto{item.type_name}", by_id=True)}

    # -- many records -------------------------------------------------------------------------------------------

    def _many(self, item: Object) -> Part:
        plural = _capital(item.plural)
        page = whole(
            data=whole(**{item.plural: array(self._record)}), totalCount=INTEGER, pageInfo=schema(self.page_info)
        )
        found: dict[str, object] = {
            "get": operation(
                self.ids.take(f"findMany{plural}"),
                f"Find {item.plural}",
                tag=item.plural,
                parameters=_PAGE,
                answers={"200": answer(page, "A page of records")},
                failures=_READ,
            )
        }
        if may(item, "create"):
            found["post"] = self._create(item)
        if may(item, "update"):
            found["patch"] = operation(
                self.ids.take(f"updateMany{plural}"),
                f"Update all {item.plural} that a filter finds",
                tag=item.plural,
                parameters=("depthOfChange", "filter"),
                body=body(schema(self.names.update)),
                answers={"200": answer(data(**{f"update{plural}": array(self._record)}), "The updated records")},
                failures=_WRITE,
            )
        if _may_remove(item):
            found["delete"] = operation(
                self.ids.take(f"deleteMany{plural}"),
                f"Delete all {item.plural} that a filter finds",
                tag=item.plural,
                parameters=("filter", "softDelete"),
                answers={"200": self._deleted_many(item)},
                failures=_REMOVE,
            )
        return found

    def _create(self, item: Object) -> Part:
        return operation(
            self.ids.take(f"createOne{item.type_name}"),
            f"Create one {item.name}",
            tag=item.plural,
            parameters=("depthOfChange", "upsert", "idempotencyKey"),
            body=body(schema(self.names.create)),
            answers={"201": answer(data(**{f"create{item.type_name}": self._record}), "The record", is_tagged=True)},
            failures=_CREATE,
        )

    def _batch(self, item: Object) -> Part:
        plural = _capital(item.plural)
        found: dict[str, object] = {}
        if may(item, "create"):
            found["post"] = operation(
                self.ids.take(f"createMany{plural}"),
                f"Create several {item.plural}",
                tag=item.plural,
                parameters=("depthOfChange", "upsert", "idempotencyKey"),
                body=body(array(schema(self.names.create))),
                answers={"201": answer(data(**{f"create{plural}": array(self._record)}), "The records")},
                failures=_CREATE,
            )
        if may(item, "update"):
            with_id: Part = {"allOf": [schema(self.names.update), whole(id=UUID)]}
            found["patch"] = operation(
                self.ids.take(f"updateBatch{plural}"),
                f"Update several {item.plural}, each with values of its own",
                tag=item.plural,
                parameters=("depthOfChange",),
                body=body(array(with_id)),
                answers={"200": answer(data(**{f"update{plural}": array(self._record)}), "The updated records")},
                failures=_WRITE,
            )
        if _may_remove(item):
            found["delete"] = operation(
                self.ids.take(f"deleteBatch{plural}"),
                f"Delete several {item.plural} by their ids",
                tag=item.plural,
                parameters=("softDelete",),
                body=body({"oneOf": [array(UUID), whole(ids=array(UUID))]}),
                answers={"200": self._deleted_many(item)},
                failures=(*_REMOVE, *WITH_BODY),
            )
        return found

    def _deleted_many(self, item: Object) -> Part:
        ids = array(whole(id=UUID))
        return answer(data(**{f"delete{_capital(item.plural)}": ids}), "The ids of the deleted records")

    # -- one record ---------------------------------------------------------------------------------------------

    def _one(self, item: Object) -> Part:
        name = item.type_name
        found: dict[str, object] = {
            "get": operation(
                self.ids.take(f"findOne{name}"),
                f"Find one {item.name}",
                tag=item.plural,
                parameters=("idPath", "depth", "fields", "omitNullValues", "ifNoneMatch"),
                answers={
                    "200": answer(data(**{item.name: self._record}), "The record", is_tagged=True),
                    "304": _UNCHANGED,
                },
                failures=_READ_ONE,
            )
        }
        if _may_remove(item):
            found["delete"] = operation(
                self.ids.take(f"deleteOne{name}"),
                f"Delete one {item.name}",
                tag=item.plural,
                parameters=("idPath", "softDelete", "ifMatch"),
                answers={
                    "200": answer(
                        data(**{f"delete{name}": whole(id=UUID)}), "The id of the deleted record", is_tagged=True
                    )
                },
                failures=(*_REMOVE, "412"),
            )
        if may(item, "update"):
            updated = data(**{f"update{name}": self._record})
            for method, id_ in (("patch", f"UpdateOne{name}"), ("put", f"putOne{name}")):
                found[method] = operation(
                    self.ids.take(id_),
                    f"Update one {item.name}" if method == "patch" else f"Update one {item.name}, as PATCH does",
                    tag=item.plural,
                    parameters=("idPath", "depthOfChange", "ifMatch"),
                    body=body(schema(self.names.update)),
                    answers={"200": answer(updated, "The updated record", is_tagged=True)},
                    failures=(*_WRITE, "412"),
                )
        return found

    # -- the other verbs ----------------------------------------------------------------------------------------

    def _groups(self, item: Object) -> Part:
        group: Part = {
            "type": "object",
            "description": "The aggregates stand beside these, by their names",
            "required": ["groupByDimensionValues"],
            "properties": {"groupByDimensionValues": array({}), "records": array(self._record)},
            "additionalProperties": {},
        }
        groups = array(group)
        either: Part = {"oneOf": [groups, data(**{f"{item.plural}GroupBy": groups})]}
        return operation(
            self.ids.take(f"groupBy{_capital(item.plural)}"),
            f"Group {item.plural}",
            tag=item.plural,
            parameters=_GROUPS,
            answers={"200": answer(either, "The groups, in an envelope if it is asked for")},
            failures=_READ,
        )

    def _duplicates(self, item: Object) -> Part:
        asked: Part = {
            "type": "object",
            "description": "Either `ids`, of records that are there, or `data`, of those that are to come",
            "properties": {"ids": array(UUID), "data": array({"type": "object"})},
        }
        found = whole(
            totalCount=INTEGER, pageInfo=schema(self.page_info), **{f"{item.name}Duplicates": array(self._record)}
        )
        return operation(
            self.ids.take(f"find{item.type_name}Duplicates"),
            f"Find duplicates of {item.plural}",
            tag=item.plural,
            parameters=("depthOfChange", "idempotencyKey"),
            body=body(asked),
            answers={"200": answer(whole(data=array(found)), "The duplicates of each")},
            failures=_CREATE,
        )

    def _restore_one(self, item: Object, id_: str) -> Part:
        return operation(
            self.ids.take(id_),
            f"Restore one deleted {item.name}",
            tag=item.plural,
            parameters=("idPath", "depthOfChange", "ifMatch"),
            answers={"200": answer(data(**{f"restore{item.type_name}": self._record}), "The record", is_tagged=True)},
            failures=(*_REMOVE, "412"),
        )

    def _restore_many(self, item: Object, id_: str) -> Part:
        restored = data(**{f"restore{_capital(item.plural)}": array(self._record)})
        return operation(
            self.ids.take(id_),
            f"Restore all deleted {item.plural} that a filter finds",
            tag=item.plural,
            parameters=("depthOfChange", "filter"),
            answers={"200": answer(restored, "The restored records")},
            failures=_REMOVE,
        )

    def _merge(self, item: Object, id_: str, *, by_id: bool = False) -> Part:
        properties: Part = {
            "ids": {**array(UUID), "description": "Of the records, two to nine"},
            "conflictPriorityIndex": {**INTEGER, "description": "The place among `ids` of the record that survives"},
            "dryRun": {**BOOLEAN, "default": False, "description": "Whether the answer is a preview only"},
        }
        asked: Part = {
            "type": "object",
            "required": ["ids"] if by_id else ["ids", "conflictPriorityIndex"],
            "properties": properties,
        }
        merged = data(**{f"merge{item.type_name}": self._record, f"merge{_capital(item.plural)}": self._record})
        return operation(
            self.ids.take(id_),
            f"Merge {item.plural} into the one of the path" if by_id else f"Merge several {item.plural} into one",
            tag=item.plural,
            parameters=("idPath", "depthOfChange") if by_id else ("depthOfChange",),
            body=body(asked),
            answers={"200": answer(merged, "The record that survives, under both names")},
            failures=_WRITE,
        )

    @property
    def _record(self) -> Part:
        return schema(self.names.answer)


def may(item: Object, verb: str) -> bool:
    """Whether the caller may do this with records of the object, as far as the model alone decides."""
    try:
        check_verb(item, verb)
        check_right(item, verb)
    except RapportError:
        return False
    return True


def _may_remove(item: Object) -> bool:
    return may(item, "delete") or may(item, "destroy")


def _capital(name: str) -> str:
    return name[0].upper() + name[1:]
