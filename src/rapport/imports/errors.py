"""What can be wrong with an import as a whole. What is wrong with single rows is kept with the import."""

from collections.abc import Sequence

from rapport.base.errors import BadUserInput, Forbidden, NotFound, RapportError

_SHOWN = 80  # characters of what a file has
_MOST_SHOWN = 20  # of many


class ImportNotFound(NotFound):
    """Import not found"""

    sub_code = "IMPORT_NOT_FOUND"


class NotImportable(Forbidden):
    """Records of this object cannot be imported."""

    sub_code = "OBJECT_NOT_IMPORTABLE"


class InvalidOption(BadUserInput):
    """An option of the import is not valid."""

    sub_code = "INVALID_IMPORT_OPTION"


class InvalidFile(BadUserInput):
    """The file cannot be read."""

    sub_code = "INVALID_IMPORT_FILE"


class FileTooLarge(BadUserInput):
    """The file is too large."""

    sub_code = "IMPORT_TOO_LARGE"
    status = 413

    def __init__(self, limit: int) -> None:
        super().__init__(f"The file is larger than {limit} bytes.")


class UnknownColumns(BadUserInput):
    """The file has columns that its object does not have."""

    sub_code = "UNKNOWN_IMPORT_COLUMNS"

    def __init__(self, names: Sequence[str], known: Sequence[str]) -> None:
        shown = ", ".join(f"'{name[:_SHOWN]}'" for name in names[:_MOST_SHOWN])
        more = f" and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else ""
        super().__init__(
            f"Unknown columns: {shown}{more}. Known are {', '.join(known)}, and fields of linked records,"
            " eg: company.name. With ignore_unknown=true they are passed over."
        )


class ForbiddenColumn(Forbidden):
    """A column cannot be written by this role."""

    sub_code = "PERMISSION_DENIED"

    def __init__(self, name: str) -> None:
        super().__init__(f"Column '{name[:_SHOWN]}' cannot be written by this role.")


class TooManyImports(RapportError):
    """Too many imports of this workspace are under way. Please wait until one of them is done."""

    code = "CONFLICT"
    sub_code = "TOO_MANY_IMPORTS"
    status = 409


class WrongState(RapportError):
    """The import is not in a state for this."""

    code = "CONFLICT"
    sub_code = "WRONG_IMPORT_STATE"
    status = 409


class StarterGone(Forbidden):
    """Whoever started the import may not go on with it: the key, the membership or the permission is gone."""

    sub_code = "PERMISSION_DENIED"
