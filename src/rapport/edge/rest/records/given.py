"""What a request gives, while a plan is made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rapport.base.errors import BadUserInput
from rapport.edge.errors import graphql_error
from rapport.edge.limits import Limits, TooComplex
from rapport.edge.rest.errors import OperationFailed
from rapport.edge.rest.records.asked import Asked
from rapport.edge.rest.records.objects import object_named
from rapport.engine import plan
from rapport.engine.filters import FilterBuilder
from rapport.engine.inputs import Bakes, Input
from rapport.engine.problems import PlainProblems
from rapport.metadata.catalog import Catalog, Object


@dataclass(kw_only=True)
class Given:
    """The request and its values. The plan is for all values of their shape, but for what is learnt of them here."""

    catalog: Catalog
    asked: Asked
    values: Mapping[str, object]
    limits: Limits
    bakes: Bakes = field(default_factory=Bakes)
    problems: PlainProblems = field(default_factory=PlainProblems)

    @property
    def object(self) -> Object:
        """Raises UnknownObject, NoSuchPath."""
        return object_named(self.catalog, self.asked.plural)

    def get(self, name: str) -> Input | None:
        if name not in self.values:
            return None
        return Input(value=self.values[name], bakes=self.bakes, path=(name,))

    def all(self) -> dict[str, Input]:
        return {name: Input(value=value, bakes=self.bakes, path=(name,)) for name, value in self.values.items()}

    def condition(self, item: Object) -> tuple[plan.Predicate, bool]:
        """The condition of the filter, and whether it speaks of deletedAt."""
        filters = FilterBuilder(self.catalog, self.problems, of_texts=self.asked.of_texts)
        filter_ = self.get("filter")
        condition = plan.EVERYTHING if filter_ is None else filters.build(item, filter_)
        return condition, filters.mentions_deleted

    def refuse(self) -> None:
        """Raises OperationFailed when there are problems."""
        if self.problems.items:
            raise OperationFailed([graphql_error(BadUserInput(each.message)) for each in self.problems.items])

    def demand_cost(self, cost: int) -> None:
        """Raises TooComplex."""
        most = self.limits.max_cost
        if cost > most:
            raise TooComplex(f"Query complexity is too high. The request costs {cost}, the limit is {most}.")
