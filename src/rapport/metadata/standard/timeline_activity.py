"""What happened to a record."""

from rapport.metadata.standard.spec import ObjectSpec, field, morph, to_one

TIMELINE_ACTIVITY = ObjectSpec(
    name="timelineActivity",
    plural="timelineActivities",
    label="Timeline Activity",
    label_plural="Timeline Activities",
    icon="IconTimelineEvent",
    is_system=True,
    is_audit_logged=False,
    label_field="linkedRecordCachedName",
    fields=(
        field("happensAt", "DATE_TIME", "Creation date", "IconCalendar", nullable=False, read_only=True, default="now"),
        field("name", "TEXT", "Event name", "IconAbc", read_only=True),
        field("properties", "RAW_JSON", "Event details", "IconListDetails", read_only=True),
        field("linkedRecordCachedName", "TEXT", "Linked Record cached name", "IconAbc", system=True, read_only=True),
        field("linkedRecordId", "UUID", "Linked Record id", "IconAbc", system=True, read_only=True),
        field("linkedObjectMetadataId", "UUID", "Linked Object Metadata Id", "IconAbc", system=True, read_only=True),
        to_one(
            "workspaceMember",
            "workspaceMember.timelineActivities",
            "Workspace Member",
            "IconCircleUser",
            on_delete="CASCADE",
            read_only=True,
        ),
        morph(
            "targetPerson",
            "person.timelineActivities",
            "Person",
            "IconTimelineEvent",
            on_delete="CASCADE",
            read_only=True,
        ),
        morph(
            "targetCompany",
            "company.timelineActivities",
            "Company",
            "IconTimelineEvent",
            on_delete="CASCADE",
            read_only=True,
        ),
        morph(
            "targetOpportunity", "opportunity.timelineActivities", "Opportunity", "IconTimelineEvent", read_only=True
        ),
        morph("targetNote", "note.timelineActivities", "Note", "IconTimelineEvent", read_only=True),
        morph("targetTask", "task.timelineActivities", "Task", "IconTimelineEvent", read_only=True),
        morph(
            "targetWorkflow",
            "workflow.timelineActivities",
            "Workflow",
            "IconTimelineEvent",
            on_delete="CASCADE",
            read_only=True,
        ),
        morph(
            "targetWorkflowVersion",
            "workflowVersion.timelineActivities",
            "WorkflowVersion",
            "IconTimelineEvent",
            on_delete="CASCADE",
            read_only=True,
        ),
        morph(
            "targetWorkflowRun",
            "workflowRun.timelineActivities",
            "WorkflowRun",
            "IconTimelineEvent",
            on_delete="CASCADE",
            read_only=True,
        ),
        morph("targetDashboard", "dashboard.timelineActivities", "Dashboard", "IconTimelineEvent", read_only=True),
    ),
)
