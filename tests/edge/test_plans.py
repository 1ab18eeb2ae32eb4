"""Plans are kept as far as there is room for them: by their number, and by the memory that they take."""

import gc
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest

from rapport.base.ids import new_id
from rapport.edge.graphql.document import Document, read_document
from rapport.edge.graphql.model import Model
from rapport.edge.graphql.plans import Compiled, Entry
from rapport.edge.graphql.queries import compile_query
from rapport.edge.graphql.roots import Translation
from rapport.edge.limits import Limits
from rapport.edge.plans import PlanCache, Variants
from rapport.engine.inputs import Bakes, shape
from rapport.metadata.catalog import Catalog, WorkspaceId
from rapport.metadata.standard.model import standard_catalog

DOCUMENTS = (
    "query ($f: PersonFilterInput) { people(first: 20, filter: $f) { edges { node { id city company { id } } } } }",
    "{ people(first: 1) { edges { node { " + " ".join(f"a{each}: id" for each in range(1_000)) + " } } } }",
    "{ " + " ".join(f"a{each}: people(first: 1) {{ totalCount }}" for each in range(100)) + " }",
    "{ people(filter: { or: [" + '{ city: { eq: "x" } } ' * 1_000 + "] }) { totalCount } }",
    '{ people(filter: { city: { eq: "' + "x" * 30_000 + '" } }) { totalCount } }',
    "{ " + "__typename " * 4_000 + " }",
)


@dataclass
class Kept:
    weight: int


def model() -> Model:
    return Model(Catalog(workspace_id=WorkspaceId(UUID(int=1)), schema="s", version=1, objects=()))


def test_the_least_recently_used_go_when_there_are_too_many() -> None:
    plans, ours, theirs = PlanCache[Kept](4, 1_000), model(), model()
    for asked in ("a", "b"):
        plans.put(ours, asked, Kept(1))
        plans.put(theirs, asked, Kept(1))
    assert plans.get(ours, "a") is not None
    plans.put(None, "c", Kept(1))
    assert [plans.get(ours, asked) is not None for asked in "ab"] == [True, True]
    assert [plans.get(theirs, asked) is not None for asked in "ab"] == [False, True]


def test_no_workspace_fills_more_than_half_by_number_or_by_weight() -> None:
    plans, ours, theirs = PlanCache[Kept](4, 1_000), model(), model()
    plans.put(theirs, "a", Kept(1))
    for asked in "abc":
        plans.put(ours, asked, Kept(1))
    assert [plans.get(ours, asked) is not None for asked in "abc"] == [False, True, True]
    assert plans.get(theirs, "a") is not None

    plans = PlanCache[Kept](100, 1_000)
    plans.put(theirs, "a", Kept(100))
    for number in range(6):
        plans.put(ours, number, Kept(100))
    assert [plans.get(ours, number) is not None for number in range(6)] == [False, True, True, True, True, True]
    assert plans.get(theirs, "a") is not None


def test_what_is_kept_never_weighs_more_than_it_may() -> None:
    plans, models = PlanCache[Kept](1_000, 1_000), [model() for _ in range(3)]
    for number in range(60):
        plans.put(models[number % 3], number, Kept(100))
    kept = [number for number in range(60) if plans.get(models[number % 3], number) is not None]
    assert kept == list(range(50, 60))


def test_what_is_too_heavy_is_not_kept_from_the_beginning_or_from_the_moment_when_it_is() -> None:
    plans, ours = PlanCache[Kept](10, 800), model()
    plans.put(ours, "heavy", Kept(101))
    assert plans.get(ours, "heavy") is None

    entry, other = Kept(50), Kept(100)
    plans.put(ours, "growing", entry)
    plans.put(ours, "other", other)
    entry.weight = 101
    plans.put(ours, "growing", entry)
    assert plans.get(ours, "growing") is None
    assert plans.get(ours, "other") is other
    for number in range(3):
        plans.put(ours, number, Kept(100))  # there is room for what has gone
    assert plans.get(ours, "other") is other


def test_a_model_takes_its_plans_with_it() -> None:
    plans, ours, theirs = PlanCache[Kept](10, 800), model(), model()
    for number in range(4):
        plans.put(ours, number, Kept(100))
        plans.put(theirs, number, Kept(100))
    plans.forget(ours)
    assert all(plans.get(ours, number) is None for number in range(4))
    for number in range(4):
        plans.put(None, number, Kept(100))
    assert all(plans.get(theirs, number) is not None for number in range(4))


def test_each_plan_of_a_request_adds_to_its_weight_as_long_as_it_is_kept() -> None:
    variants = Variants[str]()
    weights = []
    for number in range(200):
        values = {f"f{number:03}": {"city": {"eq": "x"}}}
        variants.remember(shape(values), values, Bakes(), "plan", weight=1_000)
        weights.append(variants.weight)
    assert weights[0] > 1_000
    assert weights == [weights[0] * min(number, 64) for number in range(1, 201)]

    large = {"f000": {"or": [{"city": {"eq": "x"}}] * 100}}
    variants.remember(shape(large), large, Bakes(), "plan", weight=1_000)
    assert variants.weight - weights[-1] > 100 * 100  # the shape is kept with it


@pytest.mark.parametrize("text", DOCUMENTS, ids=lambda text: text[:30])
def test_documents_and_plans_take_no_more_memory_than_they_say(text: str) -> None:
    compiled_for, values = Model(standard_catalog(WorkspaceId(new_id()), "s")), {"f": {"city": {"eq": "x"}}}
    limits = Limits()

    def entry() -> Entry:
        found = Entry.of(read_document(text, None))
        translation = Translation.begin(found.document, compiled_for, values, limits)
        roots = translation.roots(())
        compiled = Compiled(
            roots=roots, query=compile_query(translation, roots, "s"), fields=translation.selector.count
        )
        assert not translation.problems.items
        found.remember(values, translation.bakes, compiled)
        return found

    entry()  # what is found out once is known now
    taken, one = memory_of(entry)
    assert taken < one.weight * 1.5 + 20_000, f"{taken} bytes, and it says {one.weight}"


def memory_of(make: Callable[[], Entry]) -> tuple[int, Entry]:
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        made = make()
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return after - before, made


def test_a_document_keeps_no_tokens() -> None:
    """They hang together, and are more than the tree."""
    document: Document = read_document("{ a " + "# a comment\n" * 3_000 + "}", None)
    assert document.node.loc is not None
    assert not hasattr(document.node.loc, "start_token")
    assert (document.node.loc.start, document.node.loc.source.body[:3]) == (0, "{ a")
