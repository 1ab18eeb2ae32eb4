"""Two workflows of the demo. Neither is active: a demo does nothing by itself."""

from collections.abc import Iterator

from rapport.demo.members import MEMBERS
from rapport.demo.record import Calendar, Record, demo_id, written
from rapport.metadata.fieldtypes.base import Json

_ERRORS: Json = {"retryOnFailure": {"value": False}, "continueOnFailure": {"value": False}}
_STEP = "82000000-0000-4000-8000-000000000001"
_SECOND_STEP = "82000000-0000-4000-8000-000000000002"


def workflows(calendar: Calendar) -> Iterator[Record]:
    """Each workflow, followed by its version."""
    yield from _workflow(
        calendar,
        number=1,
        name="Greet new contacts",
        status="DRAFT",
        trigger=_on_event("When a person is created", "person.created"),
        step=_create_task(_STEP, "Create a task", "Say hello to {{trigger.object.name.firstName}}"),
    )
    yield from _workflow(
        calendar,
        number=2,
        name="Plan the onboarding",
        status="DEACTIVATED",
        trigger=_on_event("When a deal changes", "opportunity.updated", "stage"),
        step=_create_task(_SECOND_STEP, "Create a task", "Onboarding: {{trigger.object.name}}"),
    )


def _workflow(
    calendar: Calendar, *, number: int, name: str, status: str, trigger: Json, step: Json
) -> Iterator[Record]:
    author = MEMBERS[number - 1].author
    moment = written(calendar.moment(-40 * number))
    workflow_id, version_id = str(demo_id("workflow", number)), str(demo_id("workflowVersion", number))
    base: dict[str, Json] = {"position": number, "createdAt": moment, "updatedAt": moment}
    workflow: dict[str, Json] = {**base, "id": workflow_id, "name": name, "statuses": [status]}
    if status != "DRAFT":
        workflow["lastPublishedVersionId"] = version_id
    version: dict[str, Json] = {
        **base,
        "id": version_id,
        "name": "v1",
        "status": status,
        "trigger": trigger,
        "steps": [step],
        "workflowId": workflow_id,
    }
    yield Record(object="workflow", author=author, data=workflow)
    yield Record(object="workflowVersion", author=author, data=version)


def _on_event(name: str, event: str, *fields: str) -> dict[str, Json]:
    settings: dict[str, Json] = {"eventName": event, "outputSchema": {}}
    if fields:
        settings["fields"] = list(fields)
    step = _STEP if not fields else _SECOND_STEP
    return {"name": name, "type": "DATABASE_EVENT", "settings": settings, "nextStepIds": [step]}


def _create_task(step_id: str, name: str, title: str) -> Json:
    given: Json = {"objectName": "task", "objectRecord": {"title": title, "status": "TODO"}}
    return {
        "id": step_id,
        "name": name,
        "type": "CREATE_RECORD",
        "valid": True,
        "settings": {"input": given, "outputSchema": {}, "errorHandlingOptions": _ERRORS},
        "nextStepIds": [],
    }
