"""Why a request got no answer. None of them says more than whoever gave the address may know."""


class NoAnswer(Exception):
    """There was no answer.

    A subclass's docstring is its message unless one is given. The family is closed: the client raises nothing else.
    """

    def __init__(self, message: str | None = None) -> None:
        self.message = message or (type(self).__doc__ or "").strip().splitlines()[0]
        super().__init__(self.message)


class InvalidAddress(NoAnswer):
    """The address is not one that can be asked."""


class AddressRefused(NoAnswer):
    """The address is in a private network."""


class NameNotFound(NoAnswer):
    """The name of the host was not found."""


class CannotConnect(NoAnswer):
    """The host cannot be reached."""


class NotTrusted(NoAnswer):
    """The connection cannot be encrypted."""


class Disconnected(NoAnswer):
    """The host closed the connection without an answer."""


class InvalidAnswer(NoAnswer):
    """What came back is not HTTP."""


class NoTurn(NoAnswer):
    """Too many others of the same owner ask at the same time."""


class TookTooLong(NoAnswer):
    """There was no answer in time."""
