"""The standard model as catalog objects: what a new workspace starts with."""

from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType

from rapport.base.ids import new_id
from rapport.metadata.catalog import Catalog, Field, Object, Option, Relation, WorkspaceId
from rapport.metadata.fieldtypes.registry import FIELD_TYPES
from rapport.metadata.names import schema_name
from rapport.metadata.search import search_expression
from rapport.metadata.standard.attachment import ATTACHMENT
from rapport.metadata.standard.calendar import (
    CALENDAR_CHANNEL,
    CALENDAR_CHANNEL_EVENT_ASSOCIATION,
    CALENDAR_EVENT,
    CALENDAR_EVENT_PARTICIPANT,
)
from rapport.metadata.standard.company import COMPANY
from rapport.metadata.standard.connected_account import CONNECTED_ACCOUNT
from rapport.metadata.standard.dashboard import DASHBOARD
from rapport.metadata.standard.favorite import FAVORITE, FAVORITE_FOLDER
from rapport.metadata.standard.message import (
    MESSAGE,
    MESSAGE_CHANNEL,
    MESSAGE_CHANNEL_MESSAGE_ASSOCIATION,
    MESSAGE_FOLDER,
    MESSAGE_PARTICIPANT,
    MESSAGE_THREAD,
)
from rapport.metadata.standard.note import NOTE, NOTE_TARGET
from rapport.metadata.standard.opportunity import OPPORTUNITY
from rapport.metadata.standard.person import PERSON
from rapport.metadata.standard.spec import BASE_FIELDS, SEARCH_VECTOR, FieldSpec, ObjectSpec
from rapport.metadata.standard.task import TASK, TASK_TARGET
from rapport.metadata.standard.timeline_activity import TIMELINE_ACTIVITY
from rapport.metadata.standard.workflow import WORKFLOW, WORKFLOW_AUTOMATED_TRIGGER, WORKFLOW_RUN, WORKFLOW_VERSION
from rapport.metadata.standard.workspace_member import BLOCKLIST, WORKSPACE_MEMBER

STANDARD: tuple[ObjectSpec, ...] = (
    COMPANY, PERSON, OPPORTUNITY, NOTE, NOTE_TARGET, TASK, TASK_TARGET, ATTACHMENT, FAVORITE, FAVORITE_FOLDER,
    TIMELINE_ACTIVITY, WORKSPACE_MEMBER, DASHBOARD, WORKFLOW, WORKFLOW_VERSION, WORKFLOW_RUN,
    WORKFLOW_AUTOMATED_TRIGGER, CONNECTED_ACCOUNT, BLOCKLIST, MESSAGE_CHANNEL, MESSAGE_FOLDER, MESSAGE_THREAD, MESSAGE,
    MESSAGE_PARTICIPANT, MESSAGE_CHANNEL_MESSAGE_ASSOCIATION, CALENDAR_CHANNEL, CALENDAR_EVENT,
    CALENDAR_EVENT_PARTICIPANT, CALENDAR_CHANNEL_EVENT_ASSOCIATION,
)  # fmt: skip


def standard_objects() -> tuple[Object, ...]:
    """The standard objects, with fresh ids."""
    return tuple(object_of_spec(spec) for spec in STANDARD)


def standard_catalog(workspace_id: WorkspaceId, schema: str | None = None) -> Catalog:
    """The catalog of a workspace that has the standard model and nothing else."""
    return Catalog(
        workspace_id=workspace_id,
        schema=schema or schema_name(workspace_id),
        version=1,
        objects=standard_objects(),
    )


def object_of_spec(spec: ObjectSpec) -> Object:
    """The object with fresh ids."""
    fields = [field_of_spec(item, spec) for item in (*BASE_FIELDS, *spec.fields)]
    if spec.search:
        fields.append(_search_vector(spec, fields))
    return Object(
        id=new_id(),
        name=spec.name,
        plural=spec.plural,
        label=spec.label,
        label_plural=spec.label_plural,
        description=f"Standard object: {spec.label.lower()}",
        icon=spec.icon,
        shortcut=spec.shortcut,
        is_system=spec.is_system,
        is_searchable=spec.is_searchable,
        is_audit_logged=spec.is_audit_logged,
        label_field=spec.label_field,
        image_field=spec.image_field,
        duplicate_criteria=spec.duplicate_criteria,
        unique_constraints=spec.unique_constraints,
        table=spec.name,
        fields=tuple(fields),
    )


def field_of_spec(spec: FieldSpec, of: ObjectSpec) -> Field:
    """A field of the object, with a fresh id."""
    link = "attached to" if spec.relation and spec.relation.kind == "ONE_TO_MANY" else "of"
    relation = _relation(spec)
    settings = dict(spec.settings)
    if relation:
        settings["relationType"] = relation.kind
        if relation.kind == "MANY_TO_ONE":
            settings |= {"onDelete": relation.on_delete, "joinColumnName": relation.join_column}
    return Field(
        id=new_id(),
        name=spec.name,
        type=FIELD_TYPES[spec.type],
        label=spec.label,
        description=spec.description or f"{spec.label} {link} the {of.label.lower()}",
        icon=spec.icon,
        is_nullable=spec.nullable,
        is_system=spec.system,
        is_unique=spec.unique,
        is_read_only=spec.read_only,
        default=spec.default,
        options=tuple(
            Option(id=new_id(), value=value, label=label, color=color, position=position)
            for position, (value, label, color) in enumerate(spec.options)
        ),
        settings=MappingProxyType(settings),
        relation=relation,
    )


def _relation(spec: FieldSpec) -> Relation | None:
    if spec.relation is None:
        return None
    target_object, target_field = spec.relation.other.split(".")
    owner = spec.name if spec.relation.kind == "MANY_TO_ONE" else target_field
    return Relation(
        kind=spec.relation.kind,
        target_object=target_object,
        target_field=target_field,
        join_column=f"{owner}Id",
        on_delete=spec.relation.on_delete,
        morph_group=spec.relation.morph_group,
    )


def _search_vector(spec: ObjectSpec, fields: Iterable[Field]) -> Field:
    by_name = {field.name: field for field in fields}
    expression = search_expression(by_name[name] for name in spec.search)
    return replace(
        field_of_spec(SEARCH_VECTOR, spec),
        settings=MappingProxyType({"generatedType": "STORED", "asExpression": expression}),
    )
