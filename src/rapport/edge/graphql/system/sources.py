"""Reads the areas' SDL: which operations there are, who may call them, and which types have a shorthand."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Literal, cast, get_args

from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    DirectiveNode,
    DocumentNode,
    EnumValueNode,
    FieldDefinitionNode,
    GraphQLSchema,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    StringValueNode,
    build_ast_schema,
    parse,
    print_ast,
)

from rapport.access.flags import FLAGS, Flag
from rapport.edge.graphql.system.scalars import install_scalars

Who = Literal["PUBLIC", "USER", "MEMBER", "PERSON"]
Root = Literal["Query", "Mutation", "Subscription"]


@dataclass(frozen=True, kw_only=True)
class Access:
    """Who may call an operation, and the permission flag that they need for it."""

    who: Who
    flag: Flag | None = None


@dataclass(frozen=True, kw_only=True)
class Sources:
    """The merged SDL, and what its directives said."""

    sdl: str
    access: Mapping[Root, Mapping[str, Access]]
    shorthands: Mapping[str, str]
    of_model: frozenset[str]  # the queries whose answers follow from the data model

    @cached_property
    def schema(self) -> GraphQLSchema:
        """Without resolvers. Valid by test; the roots may be empty, which the standard does not allow."""
        found = build_ast_schema(parse(self.sdl, no_location=True), assume_valid=True, assume_valid_sdl=True)
        install_scalars(found)
        return found

    def without(self, names: Collection[str]) -> str:
        """The SDL less some types, its roots as extensions: to be put beside definitions of somebody else."""
        kept: list[DefinitionNode] = []
        for item in parse(self.sdl, no_location=True).definitions:
            name = getattr(getattr(item, "name", None), "value", None)
            if name not in names and not (name in get_args(Root) and isinstance(item, ObjectTypeDefinitionNode)):
                kept.append(item)
        return print_ast(DocumentNode(definitions=tuple(kept)))


def read_sources(texts: Sequence[str]) -> Sources:
    """Merges the SDL of the areas with the prelude; raises ValueError for an operation that lacks its @access."""
    return _read_sources(tuple(texts))


@lru_cache(maxsize=4)  # of one process mostly one; tests compose servers by the thousand
def _read_sources(texts: tuple[str, ...]) -> Sources:
    prelude = files(__package__).joinpath("prelude.graphql").read_text(encoding="utf-8")
    access: dict[Root, dict[str, Access]] = {root: {} for root in get_args(Root)}
    shorthands: dict[str, str] = {}
    of_model: set[str] = set()
    kept: list[DefinitionNode] = []
    for item in _definitions([prelude, *texts]):
        if isinstance(item, DirectiveDefinitionNode):
            continue
        if isinstance(item, ObjectTypeDefinitionNode | ObjectTypeExtensionNode):
            field = _argument(item.directives, "shorthand", "field")
            if field is not None:
                shorthands[item.name.value] = field
            item = replace(item, directives=())
            for root, rules in access.items():
                if item.name.value == root:
                    rules.update((operation.name.value, _access(operation)) for operation in item.fields or ())
                    of_model.update(operation.name.value for operation in item.fields or () if _is_of_model(operation))
                    item = replace(
                        item, fields=tuple(replace(operation, directives=()) for operation in item.fields or ())
                    )
        kept.append(item)
    return Sources(
        sdl=print_ast(DocumentNode(definitions=tuple(kept))),
        access=access,
        shorthands=shorthands,
        of_model=frozenset(of_model),
    )


def _definitions(texts: Sequence[str]) -> Iterator[DefinitionNode]:
    for text in texts:
        yield from parse(text, no_location=True).definitions


def _access(operation: FieldDefinitionNode) -> Access:
    named, flag = _argument(operation.directives, "access", "who"), _argument(operation.directives, "access", "flag")
    if flag is not None and flag not in FLAGS:
        raise ValueError(f"{operation.name.value} demands {flag}, which is no permission flag")
    for who in get_args(Who):
        if named == who:
            return Access(who=who, flag=cast(Flag | None, flag))
    raise ValueError(f"{operation.name.value} must say who may call it: @access(who: {' | '.join(get_args(Who))})")


def _is_of_model(operation: FieldDefinitionNode) -> bool:
    if not any(node.name.value == "ofModel" for node in operation.directives or ()):
        return False
    if _access(operation) != Access(who="MEMBER"):
        raise ValueError(f"{operation.name.value} is kept for all members, so all of them must be allowed to call it")
    return True


def _argument(directives: Sequence[DirectiveNode] | None, directive: str, argument: str) -> str | None:
    for node in directives or ():
        if node.name.value == directive:
            for item in node.arguments or ():
                if item.name.value == argument and isinstance(item.value, StringValueNode | EnumValueNode):
                    return item.value.value
    return None
