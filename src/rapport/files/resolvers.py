"""The system operations about files."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from rapport.access.principal import Principal
from rapport.access.request import RequestContext, Resolver
from rapport.base.errors import Forbidden
from rapport.base.spellings import one_spelling, part, text
from rapport.files.folders import Folder
from rapport.files.images import Images
from rapport.files.keeping import Keeping
from rapport.files.links import FileLinks, SignedFile
from rapport.files.pictures import Pictures
from rapport.files.service import File, FileService
from rapport.files.uploads import Upload
from rapport.records.restricted import Revision
from rapport.store.database import Database
from rapport.system.area import Area, read_sdl

Arguments = Mapping[str, object]


def area(db: Database, files: FileService, links: FileLinks, *, check_member: Revision) -> Area:
    """``check_member``: what follows from a change of a member's record."""
    keeping = Keeping(db=db, files=files, pictures=Pictures(files, Images()), check_member=check_member)
    return Area(sdl=read_sdl("rapport.files"), resolvers=_Operations(keeping, links).resolvers)


@dataclass(frozen=True)
class _Operations:
    keeping: Keeping
    links: FileLinks

    @property
    def resolvers(self) -> Mapping[str, Resolver]:
        """By the names of `schema.graphql`."""
        return {
            "uploadFile": self.upload_file,
            "uploadImage": self.upload_image,
            "uploadProfilePicture": self.upload_profile_picture,
            "uploadWorkspaceLogo": self.upload_workspace_logo,
            "createFile": self.create_file,
            "deleteFile": self.delete_file,
        }

    async def upload_file(self, context: RequestContext, arguments: Arguments) -> object:
        folder = _folder(arguments, Folder.Attachment)
        return self._signed(await self.keeping.file(_upload(arguments), folder, _principal(context)))

    async def upload_image(self, context: RequestContext, arguments: Arguments) -> object:
        folder = _folder(arguments, Folder.File)
        return self._signed(await self.keeping.picture(_upload(arguments), folder, _principal(context)))

    async def upload_profile_picture(self, context: RequestContext, arguments: Arguments) -> object:
        return self._signed(await self.keeping.profile_picture(_upload(arguments), _principal(context)))

    async def upload_workspace_logo(self, context: RequestContext, arguments: Arguments) -> object:
        return self._signed(await self.keeping.logo(_upload(arguments), _principal(context)))

    async def create_file(self, context: RequestContext, arguments: Arguments) -> object:
        form, principal = part(arguments, "input"), _principal(context)
        given, path = arguments.get("file") or form.get("file"), text(form, "fullPath")
        if given is None and path is not None:
            return self._shown(await self.keeping.known(self.links.stored(path), principal))
        upload = one_spelling({"file": arguments.get("file"), "input.file": form.get("file")})
        assert isinstance(upload, Upload)
        folder = _folder(form, Folder.File)
        return self._shown(await self.keeping.file(upload, folder, principal, name=text(form, "name")))

    async def delete_file(self, context: RequestContext, arguments: Arguments) -> object:
        file_id = one_spelling({"fileId": text(arguments, "fileId"), "id": text(arguments, "id")})
        return self._shown(await self.keeping.delete(UUID(file_id), _principal(context)))

    def _signed(self, file: File) -> SignedFile:
        return self.links.sign(file.workspace_id, file.path)

    def _shown(self, file: File) -> Mapping[str, object]:
        return {
            "id": file.id,
            "name": file.name,
            "path": file.path,
            "fullPath": self.links.url(file.workspace_id, file.path),
            "size": file.size,
            "type": file.mime_type,
            "createdAt": file.created_at,
        }


def _folder(arguments: Arguments, default: Folder) -> Folder:
    name = arguments.get("fileFolder")
    return Folder[name] if isinstance(name, str) else default


def _upload(arguments: Arguments) -> Upload:
    upload = arguments["file"]
    assert isinstance(upload, Upload)
    return upload


def _principal(context: RequestContext) -> Principal:
    if context.principal is None or context.principal.workspace_id is None:
        raise Forbidden
    return context.principal
