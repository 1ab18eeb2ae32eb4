"""The parser of documents: stops at once where there is too much of one, and keeps no more than its tree."""

from graphql import DefinitionNode, DocumentNode, FieldNode, GraphQLError, Location, Source, Token
from graphql.language.parser import Parser

from rapport.edge.limits import TooManyFields


class TooManyTokens(Exception):
    """The document is longer than it may be. ``error`` says so."""

    def __init__(self, error: GraphQLError) -> None:
        super().__init__(error.message)
        self.error = error


def parse_document(text: str, *, most_tokens: int, most_fields: int | None = None) -> DocumentNode:
    """The document's tree; no definition of it may have more than ``most_fields``, fragments not expanded.

    Raises GraphQLError, TooManyTokens, TooManyFields, RecursionError.
    """
    parser = _Parser(text, max_tokens=most_tokens)
    parser.most_fields = most_fields
    try:
        return parser.parse_document()
    except GraphQLError as error:
        if parser.token_count > most_tokens:
            raise TooManyTokens(error) from None
        raise


class _Place(Location):
    """Where a node stands, without the tokens: all of a document hang together, and take more room than its tree."""

    __slots__ = ()

    def __init__(self, start_token: Token, end_token: Token, source: Source) -> None:
        self.start = start_token.start
        self.end = end_token.end
        self.source = source


class _Parser(Parser):
    most_fields: int | None = None
    _fields = 0

    def loc(self, start_token: Token) -> Location:
        return _Place(start_token, self._lexer.last_token, self._lexer.source)

    def parse_definition(self) -> DefinitionNode:
        self._fields = 0
        return super().parse_definition()

    def parse_field(self) -> FieldNode:
        self._fields += 1
        if self.most_fields is not None and self._fields > self.most_fields:
            raise TooManyFields(self.most_fields)
        return super().parse_field()
