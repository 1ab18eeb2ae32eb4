"""Columns with the paths of files, or with addresses on the web."""

import re

from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.leaves.text import TextLeaf

# A link as readers are shown it: behind the folders there is a token, which is no part of the path.
_LINK = re.compile(r"https?://[^/?#\s]+/files/((?:[a-z0-9-]+/)+)eyJ[\w-]+\.[\w-]+\.[\w-]+/([\w-]+(?:\.\w+)?)")


class PathLeaf(TextLeaf):
    """A path, `attachment/0190….pdf`, as it is stored. Given the link to a file, its path is meant."""

    is_path = True

    def coerce(self, value: Json, label: str) -> Json:
        link = _LINK.fullmatch(value) if isinstance(value, str) else None
        return super().coerce(f"{link[1]}{link[2]}" if link else value, label)


FILE_PATH = PathLeaf()
