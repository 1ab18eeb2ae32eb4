"""Which sides of relations the API can show: not those that need an object or a field that is not active."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from rapport.metadata.catalog import Field, Object


def reaching(objects: Sequence[Object]) -> tuple[Object, ...]:
    """The objects with `is_reachable` as it follows from what of them is active."""
    hidden = _Hidden(
        objects={item.name for item in objects if not item.is_active},
        fields={(item.name, field.name) for item in objects for field in item.fields if not field.is_active},
    )
    return tuple(hidden.applied(item) for item in objects)


@dataclass(frozen=True, kw_only=True)
class _Hidden:
    """What is not active: objects by name, and fields of them."""

    objects: Collection[str]
    fields: Collection[tuple[str, str]]

    def applied(self, item: Object) -> Object:
        if all(field.relation is None or field.is_reachable == self._reaches(field) for field in item.fields):
            return item
        fields = tuple(replace(field, is_reachable=self._reaches(field)) for field in item.fields)
        return replace(item, fields=fields)

    def _reaches(self, field: Field) -> bool:
        """A list has its records by the link on the other side."""
        relation = field.relation
        if relation is None:
            return True
        link = (relation.target_object, relation.target_field)
        is_cut = relation.kind == "ONE_TO_MANY" and link in self.fields
        return relation.target_object not in self.objects and not is_cut
