"""What becomes of uploads: files, pictures, and the pictures that people and workspaces are shown by."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from rapport.access.principal import Principal
from rapport.base.errors import BadUserInput, Forbidden
from rapport.files.errors import FileNotFound
from rapport.files.folders import FOLDERS, Folder
from rapport.files.pictures import PICTURE_FOLDERS, Pictures, with_sizes
from rapport.files.service import File, FileService, one_part
from rapport.files.svg import LOOKED_AT, harmless_svg, looks_like_svg
from rapport.files.types import SNIFFED, sniff
from rapport.files.uploads import Upload
from rapport.metadata.names import quote
from rapport.metadata.store import load_catalog
from rapport.records.restricted import Revision
from rapport.records.update import update_record
from rapport.store.database import Connection, Database
from rapport.store.queries import load

# Where callers may put files. The other folders hold what functions are made of.
_OPEN = PICTURE_FOLDERS | {Folder.AgentChat, Folder.Attachment, Folder.File, Folder.FilesField}
_ATTACHED = _OPEN - PICTURE_FOLDERS
_SVG = "image/svg+xml"
_SQL = load("rapport.files")


class EmptyFile(BadUserInput):
    """The file is empty."""

    sub_code = "EMPTY_FILE"


class FolderNotOpen(BadUserInput):
    """Files cannot be uploaded into this folder."""

    sub_code = "FOLDER_NOT_OPEN"


@dataclass(frozen=True, kw_only=True)
class Keeping:
    """``check_member`` is what follows from a change of a member's record; it may refuse by raising."""

    db: Database
    files: FileService
    pictures: Pictures
    check_member: Revision

    async def file(self, upload: Upload, folder: Folder, principal: Principal, *, name: str | None = None) -> File:
        """Raises EmptyFile, FolderNotOpen, InvalidImage, and what FileService.store does.

        An SVG is kept without what could do harm, and folders of pictures take nothing else.
        """
        _check(upload, folder)
        if folder in PICTURE_FOLDERS:
            return await self.pictures.keep(upload, folder=folder, principal=principal)
        name = name or upload.filename
        beginning = await upload.beginning(LOOKED_AT)
        parts = upload.parts()
        if looks_like_svg(beginning) or sniff(beginning[:SNIFFED], name=name, declared=upload.declared_type) == _SVG:
            parts = one_part(await asyncio.to_thread(harmless_svg, await upload.read()))
        return await self.files.store(
            parts, filename=name, declared_type=upload.declared_type, folder=folder, principal=principal
        )

    async def picture(self, upload: Upload, folder: Folder, principal: Principal) -> File:
        """Raises as ``file`` does."""
        _check(upload, folder)
        return await self.pictures.keep(upload, folder=folder, principal=principal)

    async def profile_picture(self, upload: Upload, principal: Principal) -> File:
        """The caller's own picture in the workspace. Raises as ``file`` does, and what ``check_member`` raises."""
        member_id, workspace_id, schema = principal.workspace_member_id, principal.workspace_id, principal.schema
        if member_id is None or workspace_id is None or schema is None:
            raise Forbidden
        kept = await self.picture(upload, Folder.ProfilePicture, principal)
        try:
            async with self.db.transaction() as connection:
                before = await connection.value(_SQL["avatar_of_member"].replace("{schema}", quote(schema)), member_id)
                catalog = await load_catalog(connection, workspace_id)
                await update_record(
                    connection, catalog, "workspaceMember", member_id, {"avatarUrl": kept.path}, principal
                )
                await self.check_member(connection, [member_id], frozenset({"avatarUrl"}), principal)
                await self._drop(connection, await self._own(connection, before, principal), workspace_id)
        except BaseException:
            await self._take_back(kept)
            raise
        return kept

    async def logo(self, upload: Upload, principal: Principal) -> File:
        """The logo of the workspace. Raises as ``file`` does."""
        if principal.workspace_id is None:
            raise Forbidden
        kept = await self.picture(upload, Folder.WorkspaceLogo, principal)
        try:
            async with self.db.transaction() as connection:
                before = await connection.value(_SQL["replace_logo"], principal.workspace_id, kept.path)
                if isinstance(before, str) and before.startswith(f"{Folder.WorkspaceLogo.value}/"):
                    await self._drop(connection, with_sizes(before), principal.workspace_id)
        except BaseException:
            await self._take_back(kept)
            raise
        return kept

    async def known(self, path: str, principal: Principal) -> File:
        """The file at a path. Raises FileNotFound."""
        if principal.workspace_id is None:
            raise FileNotFound
        return (await self.files.open_path(principal.workspace_id, path)).file

    async def delete(self, file_id: UUID, principal: Principal) -> File:
        """Of a picture all sizes. Raises FileNotFound."""
        file = await self.files.delete(file_id, principal)
        await self._take_back(file)
        return file

    async def _own(self, connection: Connection, path: object, principal: Principal) -> Sequence[str]:
        """What is left of a picture that the caller has uploaded. Records may name the files of others."""
        if not isinstance(path, str) or not path.startswith(f"{Folder.ProfilePicture.value}/"):
            return []
        rows = await connection.rows(
            _SQL["paths_of_member"], principal.workspace_id, with_sizes(path), principal.user_workspace_id
        )
        return [row["path"] for row in rows]

    async def _take_back(self, file: File) -> None:
        async with self.db.transaction() as connection:
            await self._drop(connection, with_sizes(file.path), file.workspace_id)

    async def _drop(self, connection: Connection, paths: Sequence[str], workspace_id: UUID) -> None:
        if paths:
            await self.files.mark_deleted(connection, workspace_id, paths)


async def attachments_go(
    files: FileService, connection: Connection, paths: Sequence[str], principal: Principal
) -> None:
    """Deletes the files of attachments that are destroyed, in that transaction.

    What ``records`` calls (records/attachments, Loss). Anybody may have written any path: pictures of people and of the
    workspace stay.
    """
    own = [path for path in paths if FOLDERS.get(path.partition("/")[0]) in _ATTACHED]
    if own and principal.workspace_id is not None:
        every = [each for path in own for each in with_sizes(path)]
        await files.mark_deleted(connection, principal.workspace_id, every)


def _check(upload: Upload, folder: Folder) -> None:
    if not upload.size:
        raise EmptyFile
    if folder not in _OPEN:
        raise FolderNotOpen
