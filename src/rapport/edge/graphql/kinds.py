"""The kinds of plain arguments, checked while planning."""

from rapport.engine.inputs import Input
from rapport.engine.problems import Problems
from rapport.engine.scalars import unreadable


def fits(problems: Problems, given: Input, scalar: str, *, several: bool = False, nullable: bool = False) -> bool:
    """Whether the value, or each of a list if there may be ``several``, is of that kind; if not, it is a problem.

    What is learnt of a variable's value becomes part of the plan's key: the plan never meets one of another kind.
    """

    def wrong(value: object) -> str | None:
        if value is None and nullable:
            return None
        if value is None and given.path is None:
            return f'Expected value of type "{scalar}!", found null.'
        if value is None:
            return f'Expected non-nullable type "{scalar}!" not to be null.'
        return unreadable(scalar, value)

    def first_wrong(value: object) -> object:
        items = value if several and isinstance(value, list) else [value]
        return next((message for message in map(wrong, items) if message is not None), None)

    if several and given.elements is not None:
        unfit = [each for each in given.elements if not fits(problems, each, scalar, nullable=nullable)]
        return not unfit
    message = first_wrong(given.plain()) if given.path is None else given.bake(first_wrong)
    if message is not None:
        problems.add(str(message), given)
    return message is None
