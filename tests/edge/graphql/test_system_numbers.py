"""Numbers of system operations are written as JavaScript writes them."""

import orjson

from rapport.edge.graphql.system.leniency import unfold


def test_whole_numbers_have_no_fraction() -> None:
    given = {"count": 1.0, "list": [2.0, 2.5, -0.0, 1e300, True, "3.0"]}
    assert orjson.dumps(unfold(given)) == b'{"count":1,"list":[2,2.5,0,1e+300,true,"3.0"]}'
