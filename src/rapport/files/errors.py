"""What can be wrong with files."""

from rapport.base.errors import BadUserInput, Forbidden, NotFound, Timeout


class FileNotFound(NotFound):
    """File not found"""

    sub_code = "FILE_NOT_FOUND"


class FileTooLarge(BadUserInput):
    """The file is too large."""

    sub_code = "FILE_TOO_LARGE"
    status = 413

    def __init__(self, limit: int) -> None:
        message = f"The file is larger than {limit} bytes."
        super().__init__(message, user_message=message)


class UploadTooSlow(Timeout):
    """The upload took too long."""

    sub_code = "UPLOAD_TOO_SLOW"


class InvalidFileLink(Forbidden):
    """The link to the file is not valid."""

    sub_code = "INVALID_FILE_LINK"


class FileLinkExpired(InvalidFileLink):
    """The link to the file has expired."""

    sub_code = "FILE_LINK_EXPIRED"


class InvalidImage(BadUserInput):
    """The file is no picture that is known here: PNG, JPEG, GIF, WebP or SVG."""

    sub_code = "INVALID_IMAGE"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message)
        self.user_message = self.message
