"""The paths beside those of records: files, exports and imports (docs/files.md, docs/export-import.md)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import get_args

from rapport.edge.openapi.failures import ALWAYS, WITH_BODY, WITH_KEY
from rapport.edge.openapi.names import Names
from rapport.edge.openapi.parts import (
    BOOLEAN,
    INTEGER,
    MAYBE_STRING,
    STRING,
    UUID,
    Part,
    answer,
    array,
    data,
    operation,
    schema,
    whole,
)
from rapport.edge.openapi.records import may
from rapport.imports.options import NULL, MissingLinks, Mode, OnError
from rapport.metadata.catalog import Object

FILES, IMPORTS = "Files", "Imports"
TAGS: tuple[Part, ...] = (
    {"name": FILES, "description": "Files of the workspace"},
    {"name": IMPORTS, "description": "How far imports are, and what was wrong with their rows"},
)

_BYTES: Part = {"type": "string", "format": "binary"}
_MOMENT: Part = {"type": ["string", "null"], "format": "date-time"}
_FORMAT: Part = {**STRING, "enum": ["csv", "ndjson"]}
_CSV, _LINES = "text/csv", "application/x-ndjson"


def _query(name: str, shape: Part, description: str, *, required: bool = False) -> Part:
    return {"name": name, "in": "query", "description": description, "required": required, "schema": shape}


PARAMETERS: Mapping[str, Part] = {
    "exportFormat": _query("format", _FORMAT, "The form of the file", required=True),
    "exportFields": _query(
        "fields", STRING, "The columns, with commas between them: `name.firstName,emails,companyId`; all unless given"
    ),
    "csvSafe": _query(
        "csv_safe", {**BOOLEAN, "default": False}, "Whether spreadsheets are kept from taking texts for formulas"
    ),
    "errorsFormat": _query("format", {**_FORMAT, "default": "ndjson"}, "The form of the list"),
    "importMode": _query(
        "mode", {**STRING, "enum": list(get_args(Mode))}, "`create` unless given, or with `match` `upsert`"
    ),
    "importMatch": _query("match", STRING, "The column by which a row finds the record that is there: `id`"),
    "onError": _query(
        "on_error", {**STRING, "enum": list(get_args(OnError)), "default": "skip"}, "What is done about a wrong row"
    ),
    "missingLinks": _query(
        "missing_links",
        {**STRING, "enum": list(get_args(MissingLinks)), "default": "error"},
        "What is done about links to records that are not there",
    ),
    "dryRun": _query("dry_run", {**BOOLEAN, "default": False}, "Whether rows are only checked"),
    "ignoreUnknown": _query(
        "ignore_unknown", {**BOOLEAN, "default": False}, "Whether columns that the object does not have are passed over"
    ),
    "importNull": _query("null", STRING, f"The text of a CSV cell that empties the field: `{NULL}` unless given"),
    "delimiter": _query(
        "delimiter", {**STRING, "enum": ["comma", "semicolon", "tab"]}, "Of a CSV file, found in it unless given"
    ),
    "importLimit": _query("limit", {**INTEGER, "minimum": 0, "maximum": 200, "default": 20}, "How many imports"),
}  # fmt: skip

FILE = whole(id=UUID, url=STRING, filename=STRING, mimeType=STRING, size=INTEGER)
_STATES = ("receiving", "queued", "running", "done", "failed", "cancelled", "undoing", "undone")
_IMPORT: Mapping[str, Part] = {
    "id": UUID,
    "object": STRING,
    "state": {**STRING, "enum": list(_STATES)},
    "reason": MAYBE_STRING,
    "format": _FORMAT,
    "mode": {**STRING, "enum": list(get_args(Mode))},
    "match": MAYBE_STRING,
    "onError": {**STRING, "enum": list(get_args(OnError))},
    "missingLinks": {**STRING, "enum": list(get_args(MissingLinks))},
    "dryRun": BOOLEAN,
    "progress": {"type": "number", "description": "From 0 to 1"},
    "size": {**INTEGER, "description": "In bytes"},
    **dict.fromkeys(("rows", "created", "updated", "unchanged", "failed", "undone", "kept"), INTEGER),
    "createdBy": STRING,
    "createdAt": _MOMENT,
    "startedAt": _MOMENT,
    "finishedAt": _MOMENT,
}
_PROBLEM = whole(
    row=INTEGER,
    column=MAYBE_STRING,
    message=STRING,
    value={},
    recordId={"type": ["string", "null"], "format": "uuid"},
)
IMPORT: Part = {
    "type": "object",
    "required": list(_IMPORT),
    "properties": {**_IMPORT, "errors": {**array(_PROBLEM), "description": "The first ones; not in lists of imports"}},
}


@dataclass(frozen=True, kw_only=True)
class Beyond:
    """``file`` and ``import_`` are the names of the schemas; ``ids`` hands out the ids of operations."""

    file: str
    import_: str
    ids: Names

    def of(self, item: Object) -> Iterator[tuple[str, Part]]:
        """Exporting and importing records of the object."""
        plural = item.plural[0].upper() + item.plural[1:]
        exported: Part = {"description": "The records", "content": _lines()}
        yield (
            f"/{item.plural}/export",
            {
                "get": operation(
                    self.ids.take(f"export{plural}"),
                    f"Export {item.plural}",
                    tag=item.plural,
                    parameters=("exportFormat", "exportFields", "filter", "orderBy", "csvSafe"),
                    answers={"200": exported},
                    failures=ALWAYS,
                )
            },
        )
        if may(item, "create"):
            yield f"/{item.plural}/import", {
                "post": operation(
                    self.ids.take(f"import{plural}"),
                    f"Import {item.plural} from a file",
                    tag=item.plural,
                    parameters=(
                        "importMode", "importMatch", "onError", "missingLinks", "dryRun", "ignoreUnknown", "importNull",
                        "delimiter", "idempotencyKey",
                    ),
                    body={"required": True, "content": _lines()},
                    answers={"202": self._import("The import, which goes on")},
                    failures=(*ALWAYS, *WITH_KEY, *WITH_BODY),
                )
            }  # fmt: skip

    def always(self) -> Iterator[tuple[str, Part]]:
        """Files, and imports that were begun."""
        yield "/files", {"post": self._upload()}
        yield "/files/{id}", {"get": self._download(), "delete": self._delete()}
        listed = whole(data=whole(imports=array(schema(self.import_))), totalCount=INTEGER)
        yield (
            "/imports",
            {
                "get": operation(
                    self.ids.take("listImports"),
                    "List imports, the last ones first",
                    tag=IMPORTS,
                    parameters=("importLimit", "offset"),
                    answers={"200": answer(listed, "The imports")},
                    failures=ALWAYS,
                )
            },
        )
        yield (
            "/imports/{id}",
            {
                "get": operation(
                    self.ids.take("getImport"),
                    "How far an import is",
                    tag=IMPORTS,
                    parameters=("idPath",),
                    answers={"200": self._import("The import")},
                    failures=(*ALWAYS, "404"),
                )
            },
        )
        yield (
            "/imports/{id}/errors",
            {
                "get": operation(
                    self.ids.take("getImportErrors"),
                    "What was wrong with the rows of an import",
                    tag=IMPORTS,
                    parameters=("idPath", "errorsFormat"),
                    answers={"200": {"description": "The problems", "content": _lines()}},
                    failures=(*ALWAYS, "404"),
                )
            },
        )
        for verb, status, summary in (("cancel", "200", "Stop an import"), ("undo", "202", "Take an import back")):
            yield (
                f"/imports/{{id}}/{verb}",
                {
                    "post": operation(
                        self.ids.take(f"{verb}Import"),
                        summary,
                        tag=IMPORTS,
                        parameters=("idPath", "idempotencyKey"),
                        answers={status: self._import("The import")},
                        failures=(*ALWAYS, "404", *WITH_KEY),
                    )
                },
            )

    def _import(self, description: str) -> Part:
        return answer(data(**{"import": schema(self.import_)}), description)

    # -- files --------------------------------------------------------------------------------------------------

    def _upload(self) -> Part:
        form = whole(file=_BYTES)
        return operation(
            self.ids.take("uploadFile"),
            "Upload a file",
            tag=FILES,
            parameters=("idempotencyKey",),
            body={"required": True, "content": {"multipart/form-data": {"schema": form}}},
            answers={"201": answer(schema(self.file), "The file, with a link to it")},
            failures=(*ALWAYS, *WITH_KEY, *WITH_BODY),
        )

    def _download(self) -> Part:
        content: Part = {"*/*": {"schema": _BYTES}}
        return operation(
            self.ids.take("downloadFile"),
            "Read a file",
            tag=FILES,
            parameters=("idPath", "ifNoneMatch", "range"),
            answers={
                "200": {"description": "The file", "content": content},
                "206": {"description": "The part of it that Range asks for", "content": content},
                "304": {"description": "The file is the one of the entity tag in If-None-Match"},
                "416": {"description": "The file has no such part"},
            },
            failures=(*ALWAYS, "404"),
        )

    def _delete(self) -> Part:
        return operation(
            self.ids.take("deleteFile"),
            "Delete a file",
            tag=FILES,
            parameters=("idPath",),
            answers={"200": answer(whole(id=UUID), "The id of the deleted file")},
            failures=(*ALWAYS, "404"),
        )


def _lines() -> Part:
    """CSV comes last: generators that know only one kind of a body take the last one."""
    return {kind: {"schema": _BYTES} for kind in (_LINES, _CSV)}
