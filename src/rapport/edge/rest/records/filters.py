"""The filter of a request, in whichever of the three forms it is given."""

import orjson

from rapport.edge.rest.errors import RepeatedParameter
from rapport.edge.rest.parameters import Parameters
from rapport.edge.rest.records.brackets import is_given, read_brackets
from rapport.edge.rest.records.grammar import InvalidFilter, Tree, read_filter_text


def read_filter(parameters: Parameters) -> tuple[Tree | None, bool]:
    """The filter as GraphQL has it, and whether its values are all texts. Raises InvalidFilter, RepeatedParameter.

    >>> read_filter(Parameters(b'filter={"city":{"eq":"Oslo"}}'))
    ({'city': {'eq': 'Oslo'}}, False)
    >>> read_filter(Parameters(b"filter[city][eq]=Oslo")) == read_filter(Parameters(b"filter=city[eq]:Oslo"))
    True
    """
    text = parameters.text("filter")
    if is_given(parameters):
        if text is not None:
            raise RepeatedParameter("filter")
        return read_brackets(parameters), True
    if text is None:
        return None, True
    if not text.lstrip().startswith("{"):
        return read_filter_text(text), True
    try:
        return orjson.loads(text), False
    except ValueError:
        raise InvalidFilter('\'filter\' is not valid JSON. eg: {"name":{"ilike":"%acme%"}}') from None
