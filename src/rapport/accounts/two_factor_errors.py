"""What can go wrong with a second factor (system-api.md §1, §7)."""

from rapport.base.errors import BadUserInput, Forbidden, NotFound


class SecondFactorNeeded(Forbidden):
    """Two-factor authentication is required"""

    status = 401


class VerificationRequired(SecondFactorNeeded):
    """Two-factor authentication verification is required"""

    sub_code = "TWO_FACTOR_AUTHENTICATION_VERIFICATION_REQUIRED"


class ProvisionRequired(SecondFactorNeeded):
    """Two-factor authentication setup is required"""

    sub_code = "TWO_FACTOR_AUTHENTICATION_PROVISION_REQUIRED"


class WrongCode(Forbidden):
    """The code is not valid, or was used before."""

    sub_code = "INVALID_OTP"


class NotProvisioned(BadUserInput):
    """No second factor is being set up."""

    sub_code = "TWO_FACTOR_AUTHENTICATION_METHOD_NOT_FOUND"


class AlreadyVerified(BadUserInput):
    """This member has a second factor. It has to be removed before another one is set up."""

    sub_code = "TWO_FACTOR_AUTHENTICATION_METHOD_ALREADY_VERIFIED"


class MethodNotFound(NotFound):
    """Two-factor authentication method not found"""

    sub_code = "TWO_FACTOR_AUTHENTICATION_METHOD_NOT_FOUND"


class UnreadableFactor(Forbidden):
    """This second factor cannot be checked any more: the server's app secret is not the one it was sealed with."""

    sub_code = "TWO_FACTOR_AUTHENTICATION_METHOD_UNREADABLE"
