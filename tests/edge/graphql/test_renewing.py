"""Rights that change without anybody being told of it: they are asked for before anything is told."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

import pytest

from rapport.access.principal import NO_ROLE, Principal
from rapport.base.errors import Unauthenticated
from rapport.edge.graphql.live.renewing import Renewing
from rapport.edge.graphql.model import Model
from rapport.edge.graphql.models import CachedModels
from rapport.events.bell import Bell
from rapport.events.channels import Interest, Topic
from rapport.events.following import LiveLogs
from rapport.events.log import Event
from tests.conftest import Inhabited


async def nobody(_kind: str, _payload: Mapping[str, object]) -> None:
    """There are no other processes."""


@dataclass
class Caller:
    """Who the caller is at this moment; None: nobody any more."""

    now: Principal | None

    async def recheck(self) -> Principal:
        if self.now is None:
            raise Unauthenticated
        return self.now


def interest(model: Model, principal: Principal) -> Interest:
    """Tells which role it was made for."""

    async def tell(events: Sequence[Event]) -> Mapping[int, bytes]:
        return {event.seq: str(principal.role_id).encode() for event in events}

    return Interest(key="roles", topic=Topic(object="person"), tell=tell)


async def test_what_a_caller_is_told_was_made_with_their_rights_of_now(inhabited: Inhabited) -> None:
    database, tenant = inhabited.database, inhabited.tenant
    whole = Principal(workspace_id=tenant.workspace_id, schema=tenant.schema)
    caller = Caller(whole)
    bell = Bell(nobody)
    logs = LiveLogs(database, bell)
    renewing = Renewing(CachedModels(database), logs)

    async def write() -> None:
        await database.execute(
            f'insert into "{tenant.schema}".event (action, object, "recordId", after) '
            "values ('created', 'person', gen_random_uuid(), '{}')"
        )
        bell.ring(tenant.workspace_id)

    async with (
        asyncio.timeout(30),
        aclosing(renewing.follow(whole, caller.recheck, interest, after=None)) as portions,
    ):
        await anext(portions)
        await write()
        (news,) = (await anext(portions)).news
        assert news.told == b"None"
        caller.now = replace(whole, role_id=NO_ROLE)
        await write()
        (news,) = (await anext(portions)).news
        assert news.told == str(NO_ROLE).encode()
        caller.now = None
        await write()
        with pytest.raises(Unauthenticated):
            await anext(portions)
    await logs.close()
    await bell.close()
