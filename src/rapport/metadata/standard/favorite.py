"""Favorites and their folders."""

from rapport.metadata.standard.spec import ObjectSpec, field, to_many, to_one

FAVORITE = ObjectSpec(
    name="favorite",
    plural="favorites",
    label="Favorite",
    label_plural="Favorites",
    icon="IconHeart",
    is_system=True,
    is_audit_logged=False,
    fields=(
        field(
            "position",
            "NUMBER",
            "Position",
            "IconList",
            description="Rank of the record in manual ordering",
            nullable=False,
            system=True,
            default=0,
            settings={"dataType": "int"},
        ),
        field("viewId", "UUID", "ViewId", "IconView"),
        to_one(
            "forWorkspaceMember", "workspaceMember.favorites", "Workspace Member", "IconCircleUser", on_delete="CASCADE"
        ),
        to_one("person", "person.favorites", "Person", "IconUser", on_delete="CASCADE"),
        to_one("company", "company.favorites", "Company", "IconBuildingSkyscraper", on_delete="CASCADE"),
        to_one("opportunity", "opportunity.favorites", "Opportunity", "IconTargetArrow", on_delete="CASCADE"),
        to_one("workflow", "workflow.favorites", "Workflow", "IconSettingsAutomation", on_delete="CASCADE"),
        to_one(
            "workflowVersion", "workflowVersion.favorites", "Workflow", "IconSettingsAutomation", on_delete="CASCADE"
        ),
        to_one("workflowRun", "workflowRun.favorites", "Workflow", "IconSettingsAutomation", on_delete="CASCADE"),
        to_one("task", "task.favorites", "Task", "IconCheckbox", on_delete="CASCADE"),
        to_one("note", "note.favorites", "Note", "IconNotes", on_delete="CASCADE"),
        to_one("dashboard", "dashboard.favorites", "Dashboard", "IconLayoutDashboard", on_delete="CASCADE"),
        to_one("favoriteFolder", "favoriteFolder.favorites", "Favorite Folder", "IconFolder"),
    ),
)

FAVORITE_FOLDER = ObjectSpec(
    name="favoriteFolder",
    plural="favoriteFolders",
    label="Favorite Folder",
    label_plural="Favorite Folders",
    icon="IconFolder",
    is_system=True,
    is_audit_logged=False,
    fields=(
        field(
            "position",
            "NUMBER",
            "Position",
            "IconList",
            description="Rank of the record in manual ordering",
            nullable=False,
            default=0,
            settings={"dataType": "int"},
        ),
        field("name", "TEXT", "Name", "IconText"),
        to_many("favorites", "favorite.favoriteFolder", "Favorites", "IconHeart", nullable=False),
    ),
)
