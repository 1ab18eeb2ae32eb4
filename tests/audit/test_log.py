"""What is written to the audit log, and what never is."""

import json
from datetime import timedelta

import pytest

from rapport.access.principal import Principal
from rapport.audit.log import HIDDEN, LONGEST_TEXT, record
from rapport.audit.reading import entries
from rapport.audit.retention import drop_old
from rapport.base.ids import new_id
from rapport.store.database import Database

WORKSPACE, USER, KEY, IMPERSONATOR = new_id(), new_id(), new_id(), new_id()


async def details_of(database: Database, details: dict[str, object]) -> object:
    await record(database, action="signInFailed", details=details)
    return (await entries(database))[-1].details


async def test_an_entry_says_who_did_what_where_and_from_where(database: Database) -> None:
    principal = Principal(
        workspace_id=WORKSPACE, schema="workspace_a", user_id=USER, impersonator_user_workspace_id=IMPERSONATOR
    )
    await record(database, action="roleCreated", principal=principal, details={"roleId": KEY}, address="192.0.2.7")
    [entry] = await entries(database)
    assert (entry.action, entry.workspace_id, entry.user_id, entry.api_key_id) == (
        "roleCreated",
        WORKSPACE,
        USER,
        None,
    )
    assert (entry.impersonator_user_workspace_id, entry.address) == (IMPERSONATOR, "192.0.2.7")
    assert entry.details == {"roleId": str(KEY)}


async def test_what_an_api_key_does_is_told_of_the_key(database: Database) -> None:
    principal = Principal(workspace_id=WORKSPACE, schema="workspace_a", api_key_id=KEY)
    await record(database, action="roleDeleted", principal=principal)
    [entry] = await entries(database)
    assert (entry.user_id, entry.api_key_id, entry.who) == (None, KEY, f"key {KEY}")


async def test_an_entry_goes_with_the_transaction_that_it_is_part_of(database: Database) -> None:
    async def fail() -> None:
        async with database.transaction() as connection:
            await record(connection, action="workspaceDeleted", workspace_id=WORKSPACE)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await entries(database) == []


@pytest.mark.parametrize(
    ("details", "kept"),
    [
        ({"password": "correct horse"}, {"password": HIDDEN}),
        ({"newPasswordHash": "x"}, {"newPasswordHash": HIDDEN}),
        ({"otp": "123456"}, {"otp": HIDDEN}),
        ({"clientSecret": "x"}, {"clientSecret": HIDDEN}),
        ({"loginToken": "x"}, {"loginToken": HIDDEN}),
        ({"input": {"refreshToken": "x", "list": [{"secret": 1}]}}, None),
        ({"note": "sk_live_abc"}, {"note": HIDDEN}),
        ({"note": "eyJhbGciOiJIUzI1NiJ9.e30.x"}, {"note": HIDDEN}),
        ({"email": "correct horse"}, {"email": HIDDEN}),
        ({"email": "ines@example.com"}, {"email": "ines@example.com"}),
        ({"notPermitted": "x"}, {"notPermitted": "x"}),
        ({"tokenId": "0197"}, {"tokenId": "0197"}),
        ({"hasPassword": True}, {"hasPassword": True}),
    ],
)
async def test_a_secret_is_not_written(database: Database, details: dict[str, object], kept: object) -> None:
    if kept is None:
        kept = {"input": {"refreshToken": HIDDEN, "list": [{"secret": HIDDEN}]}}
    assert await details_of(database, details) == kept


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "x" * 100_000, '\'; drop table core."user"; --', "🜍" * 1000])
async def test_hostile_texts_are_written_as_far_as_they_can_be(database: Database, text: str) -> None:
    await record(database, action="signInFailed", address=text, details={"said": text})
    [entry] = await entries(database)
    assert entry.details["said"] == entry.address
    assert len(entry.address or "") <= LONGEST_TEXT
    json.dumps(entry.details).encode()


async def test_old_entries_are_dropped_and_no_others(database: Database) -> None:
    for days in (0, 364, 366, 4_000):
        await record(database, action="signedIn", details={"days": days})
        await database.execute(
            """update core."auditEntry" set "createdAt" = now() - make_interval(days => $1::int)
            where details ->> 'days' = $1::int::text""",
            days,
        )
    assert await drop_old(database, timedelta(days=365)) == 2
    assert [entry.details["days"] for entry in await entries(database)] == [364, 0]
    assert await drop_old(database, timedelta(days=365)) == 0
