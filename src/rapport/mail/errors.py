"""What can go wrong with a mail."""

from rapport.base.errors import BadUserInput


class InvalidAddress(BadUserInput):
    """This is not an e-mail address."""

    sub_code = "INVALID_EMAIL"


class TemplateError(Exception):
    """A template is missing or malformed, or it was given too few values: a mistake in the program."""
