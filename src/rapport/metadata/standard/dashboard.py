"""Dashboards."""

from rapport.metadata.standard.spec import CREATED_BY, POSITION, UPDATED_BY, ObjectSpec, field, to_many

DASHBOARD = ObjectSpec(
    name="dashboard",
    plural="dashboards",
    label="Dashboard",
    label_plural="Dashboards",
    icon="IconLayoutDashboard",
    shortcut="D",
    is_searchable=True,
    label_field="title",
    search=("title",),
    fields=(
        field("title", "TEXT", "Title", "IconNotes"),
        POSITION,
        field("pageLayoutId", "UUID", "Page Layout ID", "IconLayout", read_only=True),
        CREATED_BY,
        UPDATED_BY,
        to_many(
            "timelineActivities",
            "timelineActivity.targetDashboard",
            "Timeline Activities",
            "IconTimelineEvent",
            system=True,
        ),
        to_many("favorites", "favorite.dashboard", "Favorites", "IconHeart", nullable=False, system=True),
        to_many("attachments", "attachment.targetDashboard", "Attachments", "IconFileImport", system=True),
    ),
)
