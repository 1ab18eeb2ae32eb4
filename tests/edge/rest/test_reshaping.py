"""Connections of GraphQL become the lists of REST."""

import orjson

from rapport.edge.rest.metadata import unfold


def test_a_connection_becomes_a_list_with_its_page_beside_it() -> None:
    connection = {
        "edges": [{"node": {"id": "1", "fields": []}}, {"node": {"id": "2", "fields": [{"id": "3"}]}}],
        "pageInfo": {"hasNextPage": True, "startCursor": "a", "endCursor": "b"},
    }

    found = unfold("objects", orjson.dumps({"data": {"objects": connection}}))

    assert found == (
        b'{"data":{"objects":[{"id":"1","fields":[]},{"id":"2","fields":[{"id":"3"}]}]},'
        b'"pageInfo":{"hasNextPage":true,"startCursor":"a","endCursor":"b"}}'
    )
