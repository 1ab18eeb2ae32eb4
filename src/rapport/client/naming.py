"""Which object an attribute of a client names."""

import re

_STEP = re.compile(r"_([a-z0-9])")


def plural_of(attribute: str) -> str:
    """The plural name of the object. Names that begin with an underscore are never one.

    >>> plural_of("people"), plural_of("workflow_runs"), plural_of("workflowRuns")
    ('people', 'workflowRuns', 'workflowRuns')
    """
    if attribute.startswith("_"):
        raise AttributeError(attribute)
    return _STEP.sub(lambda found: found.group(1).upper(), attribute)
