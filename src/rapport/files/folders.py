"""The folders of files (system-api.md §25)."""

from enum import Enum


class Folder(Enum):
    """What files are for. The name is that of the contract's FileFolder, the value stands in paths."""

    AgentChat = "agent-chat"
    Attachment = "attachment"
    File = "file"
    PersonPicture = "person-picture"
    ProfilePicture = "profile-picture"
    ServerlessFunction = "serverless-function"
    ServerlessFunctionToDelete = "serverless-function-to-delete"
    WorkspaceLogo = "workspace-logo"
    BuiltFrontComponent = "built-front-component"
    BuiltLogicFunction = "built-logic-function"
    FilesField = "files-field"
    PublicAsset = "public-asset"
    Source = "source"

    @property
    def is_lasting(self) -> bool:
        """Whether links to its files stay good: pictures are kept by pages that are open for long."""
        return self in (Folder.ProfilePicture, Folder.WorkspaceLogo)


FOLDERS = {folder.value: folder for folder in Folder}  # by what stands in paths
