"""Tasks and what they are about."""

from rapport.metadata.standard.spec import CREATED_BY, POSITION, UPDATED_BY, ObjectSpec, field, morph, to_many, to_one

TASK = ObjectSpec(
    name="task",
    plural="tasks",
    label="Task",
    label_plural="Tasks",
    icon="IconCheckbox",
    shortcut="T",
    is_searchable=True,
    label_field="title",
    search=("title", "bodyV2"),
    fields=(
        POSITION,
        field("title", "TEXT", "Title", "IconNotes"),
        field("bodyV2", "RICH_TEXT_V2", "Body", "IconFilePencil"),
        field("dueAt", "DATE_TIME", "Due Date", "IconCalendarEvent"),
        field(
            "status",
            "SELECT",
            "Status",
            "IconCheck",
            default="'TODO'",
            options=(
                ("TODO", "To do", "sky"),
                ("IN_PROGRESS", "In progress", "purple"),
                ("DONE", "Done", "green"),
            ),
        ),
        CREATED_BY,
        UPDATED_BY,
        to_many("taskTargets", "taskTarget.task", "Relations", "IconArrowUpRight", system=True),
        to_many("attachments", "attachment.targetTask", "Attachments", "IconFileImport", system=True),
        to_one("assignee", "workspaceMember.assignedTasks", "Assignee", "IconUserCircle"),
        to_many(
            "timelineActivities", "timelineActivity.targetTask", "Timeline Activities", "IconTimelineEvent", system=True
        ),
        to_many("favorites", "favorite.task", "Favorites", "IconHeart", nullable=False, system=True),
    ),
)

TASK_TARGET = ObjectSpec(
    name="taskTarget",
    plural="taskTargets",
    label="Task Target",
    label_plural="Task Targets",
    icon="IconCheckbox",
    is_system=True,
    fields=(
        to_one("task", "task.taskTargets", "Task", "IconCheckbox", on_delete="CASCADE", read_only=True),
        morph("targetPerson", "person.taskTargets", "Person", "IconUser", on_delete="CASCADE", read_only=True),
        morph(
            "targetCompany",
            "company.taskTargets",
            "Company",
            "IconBuildingSkyscraper",
            on_delete="CASCADE",
            read_only=True,
        ),
        morph(
            "targetOpportunity",
            "opportunity.taskTargets",
            "Opportunity",
            "IconTargetArrow",
            on_delete="CASCADE",
            read_only=True,
        ),
    ),
)
