"""Which objects a search covers, and in which order their records stand when they are equally good."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from rapport.base.errors import PermissionDenied
from rapport.engine.searching import Source, Standing
from rapport.metadata.catalog import Catalog, Object
from rapport.metadata.fieldtypes.base import Column
from rapport.search.appearance import label_columns, picture_column

_PRIORITY: Mapping[str, int] = MappingProxyType({"person": 5, "company": 4, "opportunity": 3, "note": 2, "task": 1})
_COMMON_FIELDS = ("id", "createdAt", "updatedAt", "deletedAt")


@dataclass(frozen=True, kw_only=True)
class Scope:
    """``included`` empty: all objects that can be searched."""

    included: frozenset[str] = field(default_factory=frozenset)
    excluded: frozenset[str] = field(default_factory=frozenset)

    def sources(self, catalog: Catalog, *, cursor_object: str | None = None) -> tuple[Source, ...]:
        """The objects in order; ``cursor_object`` is the one that the last record of the page before is of."""
        found: list[Source] = []
        for item in sorted(catalog.by_name.values(), key=lambda item: _order(item.name)):
            vector = next((each for each in item.fields if each.name == "searchVector" and each.is_active), None)
            if not item.is_searchable or vector is None or vector.type.name != "TS_VECTOR" or not self._covers(item):
                continue
            if not item.rights.read:
                if self.included:
                    raise PermissionDenied
                continue
            found.append(
                Source(
                    object=item,
                    vector=vector.column,
                    texts=label_columns(item),
                    picture=picture_column(item),
                    hidden=_hidden(item) if vector.name in item.denied else (),
                    standing="after" if cursor_object is None else _standing(item.name, cursor_object),
                )
            )
        return tuple(found)

    def _covers(self, item: Object) -> bool:
        return item.name not in self.excluded and (not self.included or item.name in self.included)


def _hidden(item: Object) -> tuple[Column, ...]:
    """The columns whose words must not be found."""
    return tuple(column for field in item.fields if field.name in item.denied for column in field.columns)


def any_record(item: Object) -> Object:
    """What the records of all objects have, as an object of its own: that is what a filter of a search asks about."""
    fields = tuple(item.field[name] for name in _COMMON_FIELDS)
    return replace(item, name="objectRecord", plural="objectRecords", fields=fields)


def _order(name: str) -> tuple[int, str]:
    return -_PRIORITY.get(name, 0), name


def _standing(name: str, cursor_object: str) -> Standing:
    if name == cursor_object:
        return "around"
    return "before" if _order(name) < _order(cursor_object) else "after"
