"""Files attached to records."""

from rapport.metadata.standard.spec import CREATED_BY, UPDATED_BY, ObjectSpec, field, morph

ATTACHMENT = ObjectSpec(
    name="attachment",
    plural="attachments",
    label="Attachment",
    label_plural="Attachments",
    icon="IconFileImport",
    is_system=True,
    label_field="name",
    fields=(
        field("name", "TEXT", "Name", "IconFileUpload", read_only=True),
        field("file", "FILES", "File", "IconFileUpload", read_only=True, settings={"maxNumberOfValues": 1}),
        field("fullPath", "TEXT", "Full path", "IconLink", read_only=True),
        field(
            "fileCategory",
            "SELECT",
            "File category",
            "IconList",
            nullable=False,
            read_only=True,
            default="'OTHER'",
            options=(
                ("ARCHIVE", "Archive", "gray"),
                ("AUDIO", "Audio", "pink"),
                ("IMAGE", "Image", "yellow"),
                ("PRESENTATION", "Presentation", "orange"),
                ("SPREADSHEET", "Spreadsheet", "turquoise"),
                ("TEXT_DOCUMENT", "Text Document", "blue"),
                ("VIDEO", "Video", "purple"),
                ("OTHER", "Other", "gray"),
            ),
        ),
        CREATED_BY,
        UPDATED_BY,
        morph("targetTask", "task.attachments", "Task", "IconNotes", read_only=True),
        morph("targetNote", "note.attachments", "Note", "IconNotes", read_only=True),
        morph("targetPerson", "person.attachments", "Person", "IconUser", on_delete="CASCADE", read_only=True),
        morph(
            "targetCompany",
            "company.attachments",
            "Company",
            "IconBuildingSkyscraper",
            on_delete="CASCADE",
            read_only=True,
        ),
        morph(
            "targetOpportunity",
            "opportunity.attachments",
            "Opportunity",
            "IconBuildingSkyscraper",
            on_delete="CASCADE",
            read_only=True,
        ),
        morph(
            "targetDashboard", "dashboard.attachments", "Dashboard", "IconLayout", on_delete="CASCADE", read_only=True
        ),
        morph(
            "targetWorkflow",
            "workflow.attachments",
            "Workflow",
            "IconSettingsAutomation",
            on_delete="CASCADE",
            read_only=True,
        ),
    ),
)
