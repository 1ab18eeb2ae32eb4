"""Notes and what they are about."""

from rapport.metadata.standard.spec import CREATED_BY, POSITION, UPDATED_BY, ObjectSpec, field, morph, to_many, to_one

NOTE = ObjectSpec(
    name="note",
    plural="notes",
    label="Note",
    label_plural="Notes",
    icon="IconNotes",
    shortcut="N",
    is_searchable=True,
    label_field="title",
    search=("title", "bodyV2"),
    fields=(
        POSITION,
        field("title", "TEXT", "Title", "IconNotes"),
        field("bodyV2", "RICH_TEXT_V2", "Body", "IconFilePencil"),
        CREATED_BY,
        UPDATED_BY,
        to_many("noteTargets", "noteTarget.note", "Relations", "IconArrowUpRight", system=True, read_only=True),
        to_many("attachments", "attachment.targetNote", "Attachments", "IconFileImport", system=True),
        to_many(
            "timelineActivities", "timelineActivity.targetNote", "Timeline Activities", "IconTimelineEvent", system=True
        ),
        to_many("favorites", "favorite.note", "Favorites", "IconHeart", nullable=False, system=True),
    ),
)

NOTE_TARGET = ObjectSpec(
    name="noteTarget",
    plural="noteTargets",
    label="Note Target",
    label_plural="Note Targets",
    icon="IconCheckbox",
    is_system=True,
    fields=(
        to_one("note", "note.noteTargets", "Note", "IconNotes", on_delete="CASCADE", read_only=True),
        morph("targetPerson", "person.noteTargets", "Person", "IconUser", on_delete="CASCADE", read_only=True),
        morph(
            "targetCompany",
            "company.noteTargets",
            "Company",
            "IconBuildingSkyscraper",
            on_delete="CASCADE",
            read_only=True,
        ),
        morph(
            "targetOpportunity",
            "opportunity.noteTargets",
            "Opportunity",
            "IconTargetArrow",
            on_delete="CASCADE",
            read_only=True,
        ),
    ),
)
