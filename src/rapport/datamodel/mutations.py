"""The system operations that change the data model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from rapport.access.principal import Principal
from rapport.access.request import RequestContext, Resolver
from rapport.audit.actions import Action
from rapport.audit.log import record
from rapport.base.errors import BadUserInput, Forbidden
from rapport.base.spellings import one_spelling, part, text
from rapport.metadata.catalog import Catalog
from rapport.metadata.evolution.collisions import ApiNames
from rapport.metadata.evolution.custom_indexes import create_index, delete_index
from rapport.metadata.evolution.fields import create_field, delete_field, update_field
from rapport.metadata.evolution.objects import create_object, delete_object, update_object
from rapport.metadata.evolving import Changed, Edit, Evolving
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.storable import storable_json
from rapport.store.database import Connection
from rapport.system.reading import Tables

Arguments = Mapping[str, object]

# The rules of the model say what is wrong with them.
_TEXTS = frozenset(
    {"name", "label", "nameSingular", "namePlural", "labelSingular", "labelPlural", "description", "icon", "shortcut"}
)


@dataclass(frozen=True)
class Mutations:
    """Each is one change of the model; the answer is read when it is made, or before what it is about is gone.

    ``taken`` gives the names of what the API has beside objects.
    """

    evolving: Evolving
    tables: Tables
    taken: Callable[[], ApiNames]

    def resolvers(self) -> Mapping[str, Resolver]:
        return {
            "createOneObject": self.create_object,
            "updateOneObject": self.update_object,
            "deleteOneObject": self.delete_object,
            "createOneField": self.create_field,
            "updateOneField": self.update_field,
            "deleteOneField": self.delete_field,
            "createOneIndex": self.create_index,
            "deleteOneIndex": self.delete_index,
        }

    async def create_object(self, context: RequestContext, arguments: Arguments) -> object:
        given = _flat(part(arguments, "input"), "object")
        _demand(given, "nameSingular", "namePlural", "labelSingular", "labelPlural")
        made = await self._create(
            context, "objectCreated", given, lambda catalog: create_object(catalog, given, taken=self.taken())
        )
        return await self._shown("Object", context, made)

    async def update_object(self, context: RequestContext, arguments: Arguments) -> object:
        object_id, given = _update(part(arguments, "input"))
        await self._change(
            context,
            "objectUpdated",
            object_id,
            given,
            lambda catalog: update_object(catalog, object_id, given, taken=self.taken()),
        )
        return await self._shown("Object", context, object_id)

    async def delete_object(self, context: RequestContext, arguments: Arguments) -> object:
        object_id = _id(arguments)
        shown = await self._shown("Object", context, object_id)
        await self._change(context, "objectDeleted", object_id, {}, lambda catalog: delete_object(catalog, object_id))
        return shown

    async def create_field(self, context: RequestContext, arguments: Arguments) -> object:
        given = dict(_flat(part(arguments, "input"), "field"))
        object_id = UUID(
            one_spelling({name: _text(given.pop(name, None)) for name in ("objectMetadataId", "objectId")})
        )
        _demand(given, "name", "label")
        _demand(given, "type", kind="FieldMetadataType!")
        made = await self._create(
            context,
            "fieldCreated",
            {**given, "objectId": str(object_id)},
            lambda catalog: create_field(catalog, object_id, given, taken=self.taken()),
        )
        return await self._shown("Field", context, made)

    async def update_field(self, context: RequestContext, arguments: Arguments) -> object:
        field_id, given = _update(part(arguments, "input"))
        await self._change(
            context,
            "fieldUpdated",
            field_id,
            given,
            lambda catalog: update_field(catalog, field_id, given, taken=self.taken()),
        )
        return await self._shown("Field", context, field_id)

    async def delete_field(self, context: RequestContext, arguments: Arguments) -> object:
        field_id = _id(arguments)
        shown = await self._shown("Field", context, field_id)
        await self._change(context, "fieldDeleted", field_id, {}, lambda catalog: delete_field(catalog, field_id))
        return shown

    async def create_index(self, context: RequestContext, arguments: Arguments) -> object:
        given = _storable(part(part(arguments, "input"), "index"))
        made = await self._create(context, "indexCreated", given, lambda catalog: create_index(catalog, given))
        return await self._shown("Index", context, made)

    async def delete_index(self, context: RequestContext, arguments: Arguments) -> object:
        own_id = _id(arguments)
        shown = await self._shown("Index", context, own_id)
        await self._change(context, "indexDeleted", own_id, {}, lambda catalog: delete_index(catalog, own_id))
        return shown

    async def _shown(self, type_name: str, context: RequestContext, own_id: UUID) -> object:
        return await self.tables.answer_one(type_name, context, where={"id": own_id})

    async def _create(
        self,
        context: RequestContext,
        action: Action,
        given: Mapping[str, Json],
        edit: Callable[[Catalog], tuple[Catalog, UUID]],
    ) -> UUID:
        """The id of what an edit makes. It may be asked to do so more than once: the last counts."""
        made: UUID | None = None

        def apply(catalog: Catalog) -> Catalog:
            nonlocal made
            changed, made = edit(catalog)
            return changed

        await self._apply(context, action, apply, lambda: {"id": made, **given})
        assert made is not None
        return made

    async def _change(
        self, context: RequestContext, action: Action, own_id: UUID, given: Mapping[str, Json], edit: Edit
    ) -> Changed:
        return await self._apply(context, action, edit, lambda: {"id": own_id, **given})

    async def _apply(
        self, context: RequestContext, action: Action, edit: Edit, details: Callable[[], Mapping[str, object]]
    ) -> Changed:
        principal = _principal(context)
        assert principal.workspace_id is not None

        async def note(connection: Connection, _before: Catalog, _after: Catalog) -> None:
            await record(connection, action=action, principal=principal, details=details(), address=context.address)

        return await self.evolving.change(principal.workspace_id, edit, companion=note)


def _flat(given: Mapping[str, object], inner: str) -> Mapping[str, Json]:
    """The fields of an input, whether they are wrapped (`input: {object: {…}}`) or not (system-api.md §35.2)."""
    wrapped = part(given, inner)
    found = {name: value for name, value in given.items() if name != inner}
    for name, value in wrapped.items():
        if name in found and found[name] != value:
            raise BadUserInput(f'"{name}" is given twice', sub_code="ARGS_CONFLICT")
        found[name] = value
    return _storable(found)


def _storable(given: Mapping[str, object]) -> Mapping[str, Json]:
    """What is given, as the audit log can keep it: JSON that no rule of the model looks at is in there, too."""
    found = cast("Mapping[str, Json]", given)
    return {name: value if name in _TEXTS else storable_json(value, name) for name, value in found.items()}


def _update(given: Mapping[str, object]) -> tuple[UUID, Mapping[str, Json]]:
    changes = dict(_flat(given, "update"))
    return UUID(str(changes.pop("id"))), changes


def _id(arguments: Arguments) -> UUID:
    form = part(arguments, "input")
    return UUID(one_spelling({"id": text(arguments, "id"), "input.id": text(form, "id")}))


def _demand(given: Mapping[str, Json], *names: str, kind: str = "String!") -> None:
    for name in names:
        if given.get(name) is None:
            raise BadUserInput(f'Field "{name}" of required type "{kind}" was not provided.')


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None


def _principal(context: RequestContext) -> Principal:
    if context.principal is None or context.principal.workspace_id is None:
        raise Forbidden
    return context.principal
