import asyncio
import os
import sys
from urllib.parse import urlsplit

import pytest

from bench.asking import Asker, WrongAnswer
from bench.big_model import enlarged, kind_of, selection
from bench.workspaces import Memory, Workspace, creation, make, own_mb
from rapport.base.ids import new_id
from rapport.metadata.catalog import WorkspaceId
from rapport.metadata.evolving import Evolving
from rapport.metadata.standard.model import standard_catalog
from rapport.metadata.store import load_catalog
from tests.metadata.yardstick import differences
from tests.serving import Client


def workspace(seconds: float) -> Workspace:
    return Workspace(id=new_id(), schema="w", key="k", seconds=seconds)


def test_what_making_workspaces_took_is_shown_for_the_first_and_for_later_ones() -> None:
    made = [workspace(0.5), *(workspace(number / 1000) for number in range(2, 151))]
    shown = "making a workspace, the first and the median of ten up to each: 1: 500 ms, 100: 96 ms, 150: 146 ms"
    assert creation(made) == shown
    assert creation(made[:1]).endswith("each: 1: 500 ms")


def test_memory_is_told_for_each_connection() -> None:
    assert str(Memory(server=99.6, connections=[4, 5])) == "server 100 MB, 2 connections 4.5 MB each"
    assert str(Memory(server=99.6, connections=[])) == "server 100 MB, 0 connections "


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_the_memory_of_a_process_is_its_own() -> None:
    before = own_mb(os.getpid())
    held = bytearray(os.urandom(30_000_000))
    assert own_mb(os.getpid()) - before == pytest.approx(len(held) / 2**20, abs=5)


def test_the_large_model_has_what_was_asked_for() -> None:
    catalog = enlarged(standard_catalog(WorkspaceId(new_id())), objects=3, fields=9)
    things = [item for item in catalog.objects if item.name.startswith("thing")]
    assert [item.name for item in things] == ["thing0", "thing1", "thing2"]
    for number, item in enumerate(things):
        assert {f"field{place}": kind_of(place) for place in range(8)}.items() <= {
            name: field.type.name for name, field in item.field.items()
        }.items()
        relation = item.field["later"].relation
        assert relation is not None
        assert relation.target_object == f"thing{(number + 1) % 3}"
    assert selection(3) == "field0 field1"


async def test_a_workspace_with_a_large_model_can_be_asked(client: Client) -> None:
    made = await make(client.database, "Large")
    await Evolving(client.database, forget=lambda _id: None).change(
        made.id, lambda catalog: enlarged(catalog, objects=2, fields=9)
    )
    catalog = await load_catalog(client.database, made.id)
    assert [str(each) for each in await differences(client.database, catalog)] == []
    address = urlsplit(client.url)
    asker = Asker(str(address.hostname), int(address.port or 0), made.key)
    try:
        question = f"{{ things0 {{ edges {{ node {{ id {selection(9)} }} }} }} }}"
        data, milliseconds, size = await asyncio.to_thread(asker.ask, question)
        assert (data, size) == ({"things0": {"edges": []}}, len('{"data":{"things0":{"edges":[]}}}'))
        timed = await asyncio.to_thread(lambda: asker.timed(question, times=3))
        assert milliseconds > 0
        assert timed.first > 0
        assert timed.repeated > 0
        with pytest.raises(WrongAnswer, match="things7"):
            await asyncio.to_thread(asker.ask, "{ things7 { totalCount } }")
    finally:
        asker.close()
