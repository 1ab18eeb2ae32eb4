"""Keeping pictures: the original, `<folder>/original/<id>.<ext>`, and the same in smaller sizes beside it."""

from collections.abc import Mapping

from rapport.access.principal import Principal
from rapport.files.errors import FileTooLarge
from rapport.files.folders import Folder
from rapport.files.images import AS_IT_IS, LOGO, MOST_BYTES, ORIGINAL, PORTRAIT, Images, Rendition, Size
from rapport.files.names import harmless
from rapport.files.service import File, FileService, one_part
from rapport.files.uploads import Upload

_SIZES: Mapping[Folder, tuple[Size, ...]] = {
    Folder.ProfilePicture: PORTRAIT,
    Folder.PersonPicture: PORTRAIT,
    Folder.WorkspaceLogo: LOGO,
}
_SMALLER = sorted({size.name for sizes in (AS_IT_IS, *_SIZES.values()) for size in sizes} - {ORIGINAL})

PICTURE_FOLDERS = frozenset(_SIZES)  # nothing but pictures belongs there


class Pictures:
    """Pictures among the files."""

    def __init__(self, files: FileService, images: Images) -> None:
        self._files = files
        self._images = images

    async def keep(self, upload: Upload, *, folder: Folder, principal: Principal) -> File:
        """The original as it is kept. Raises InvalidImage, FileTooLarge."""
        if upload.size > MOST_BYTES:
            raise FileTooLarge(MOST_BYTES)
        found = await self._images.renditions(upload.read, _SIZES.get(folder, AS_IT_IS))
        original = await self._store(found[0], upload, folder=folder, principal=principal)
        try:
            for rendition in found[1:]:
                await self._store(rendition, upload, folder=folder, principal=principal, original=original)
        except BaseException:
            await self._files.delete(original.id, principal)
            raise
        return original

    async def _store(
        self,
        rendition: Rendition,
        upload: Upload,
        *,
        folder: Folder,
        principal: Principal,
        original: File | None = None,
    ) -> File:
        return await self._files.store(
            one_part(rendition.data),
            filename=_stem(upload.filename) + rendition.suffix,
            folder=folder,
            principal=principal,
            within=rendition.size,
            stem=original.id if original is not None else None,
        )


def with_sizes(path: str) -> list[str]:
    """The path of a file, and of a picture those of its other sizes.

    >>> with_sizes("file/1.pdf"), with_sizes("workspace-logo/original/2.png")
    (['file/1.pdf'], ['workspace-logo/original/2.png', 'workspace-logo/512/2.png', 'workspace-logo/96/2.png'])
    """
    folder, _, name = path.partition(f"/{ORIGINAL}/")
    return [path, *(f"{folder}/{size}/{name}" for size in _SMALLER)] if name else [path]


def _stem(name: str) -> str:
    """`me` of `C:\\pictures\\me.jpeg`: what was sent may be of another format than its name says."""
    name = harmless(name)
    return name.rpartition(".")[0] or name
