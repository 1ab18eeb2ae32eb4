"""What is wrong with the request rather than with the model that would come of it."""

from rapport.base.errors import BadUserInput, Forbidden, NotFound


class ObjectNotFound(NotFound):
    """Object metadata not found"""

    sub_code = "OBJECT_METADATA_NOT_FOUND"


class FieldNotFound(NotFound):
    """Field metadata not found"""

    sub_code = "FIELD_METADATA_NOT_FOUND"


class IndexNotFound(NotFound):
    """Index metadata not found"""

    sub_code = "INDEX_METADATA_NOT_FOUND"


class StandardObjectFixed(BadUserInput):
    """Cannot edit standard object metadata properties"""

    sub_code = "INVALID_OBJECT_INPUT"


class StandardFieldFixed(Forbidden):
    """Cannot edit standard field metadata properties"""

    sub_code = "FIELD_MUTATION_NOT_ALLOWED"
