"""Plain results of system operations are answered as any others are."""

from collections.abc import Mapping

import pytest
from graphql import OperationDefinitionNode, parse

from rapport.access.request import Plain, RequestContext, Resolver
from rapport.edge.graphql.system import SystemOperations

SDL = """
extend type Query {
  shelf(size: Int): Shelf! @access(who: PUBLIC)
  none: Shelf @access(who: PUBLIC)
  words: [[String!]!]! @access(who: PUBLIC)
}
type Shelf { id: UUID! books: [Book!]! best: Book spare: [Book] number: Int data: JSON tag: Tag }
type Book { id: UUID! title: String authors: [String!] }
type Tag @shorthand(field: "text") { text: String! color: String }
"""
BOOKS = [{"id": f"b{number}", "title": f"Book {number}", "authors": ["Ann", "Bob"][:number]} for number in range(3)]
SHELF: Mapping[str, object] = {
    "id": "s1",
    "books": BOOKS,
    "best": None,
    "spare": [None, BOOKS[0]],
    "number": 7,
    "data": {"any": [{"thing": 1}]},
    "tag": {"text": "red", "color": "#f00"},
}


def always(value: object) -> Resolver:
    async def resolve(_context: RequestContext, _arguments: Mapping[str, object]) -> object:
        return value

    return resolve


def operations(*, plain: bool) -> SystemOperations:
    values = {"shelf": SHELF, "none": None, "words": [["a"], []]}
    return SystemOperations([SDL], {name: always(Plain(value) if plain else value) for name, value in values.items()})


@pytest.mark.parametrize(
    "text",
    [
        "{ shelf { id number data books { id title authors } best { id } spare { title } } none { id } words }",
        "{ a: shelf(size: 1) { x: id y: id __typename } b: shelf { books { kind: __typename t: title } } }",
        """{ shelf { books { id ...More ... on Book { authors } } ...Rest } }
        fragment More on Book { title } fragment Rest on Shelf { books { title } number }""",
        "query($yes: Boolean!) { shelf { id @skip(if: $yes) number @include(if: $yes) books @skip(if: $yes) { id } } }",
        "{ shelf { tag tags: tag { color } } }",
    ],
)
async def test_what_is_selected_is_cut_out_of_a_plain_result(text: str) -> None:
    found = []
    for plain in (True, False):
        system = operations(plain=plain)
        document = parse(text)
        operation = document.definitions[0]
        assert isinstance(operation, OperationDefinitionNode)
        prepared = system.prepare(document, operation)
        found.append(await system.run(prepared, {"yes": True}, RequestContext(principal=None)))
    assert found[0] == found[1]
    assert found[0].errors == ()
