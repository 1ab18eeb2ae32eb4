"""Why a request with an `Idempotency-Key` gets no answer of its own."""

from rapport.base.errors import Busy, RapportError
from rapport.edge.misuse import BadRequest

MOST_CHARACTERS = 255


class InvalidKey(BadRequest):
    """The key is not one."""

    sub_code = "INVALID_IDEMPOTENCY_KEY"

    def __init__(self) -> None:
        super().__init__(f"'Idempotency-Key' is invalid. Should be 1 to {MOST_CHARACTERS} printable ASCII characters")


class KeyReused(BadRequest):
    """This Idempotency-Key was sent with another request before. Each request needs a key of its own."""

    sub_code = "IDEMPOTENCY_KEY_REUSED"
    status = 422


class StillRunning(Busy):
    """The request with this Idempotency-Key is still being carried out. Please try again."""

    code = "CONFLICT"
    sub_code = "IDEMPOTENT_REQUEST_RUNNING"
    status = 409

    def __init__(self) -> None:
        super().__init__(retry_after=1)


class OutcomeUnknown(RapportError):
    """The request with this Idempotency-Key was interrupted, and it is not known whether it was carried out."""

    code = "CONFLICT"
    sub_code = "IDEMPOTENT_OUTCOME_UNKNOWN"
    status = 409


class AnswerWithheld(RapportError):
    """The request with this Idempotency-Key was carried out, but its answer cannot be shown again."""

    code = "CONFLICT"
    sub_code = "IDEMPOTENT_ANSWER_WITHHELD"
    status = 409

    def __init__(self, answered: int) -> None:
        """``answered``: the status of the answer."""
        super().__init__(extensions={"answeredStatus": answered})
