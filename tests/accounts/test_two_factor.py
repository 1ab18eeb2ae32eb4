"""Codes of authenticator apps: when they are taken, and when not."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

import pyotp
import pytest

from rapport.accounts.two_factor import PENDING_FOR, TRIES, WINDOW, TwoFactor, demand, demand_at_renewal, methods
from rapport.accounts.two_factor_errors import (
    AlreadyVerified,
    MethodNotFound,
    NotProvisioned,
    ProvisionRequired,
    UnreadableFactor,
    VerificationRequired,
    WrongCode,
)
from rapport.audit.reading import entries
from rapport.base.errors import Unauthenticated
from rapport.base.ids import new_id
from rapport.jobs.queue import Jobs
from rapport.mail.outbox import Outbox
from rapport.store.database import Database
from rapport.system.attempts import Attempts
from rapport.system.errors import TooManyAttempts
from tests.mail.reading import mails_of

SECRET = "a secret of the tests only"
START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)  # the beginning of a step
STEP = timedelta(seconds=30)

Joining = Callable[..., Awaitable[UUID]]


@dataclass(kw_only=True)
class Clock:
    """Shows the time that it is told to show."""

    time: datetime = field(default=START)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def two_factor(database: Database, clock: Clock) -> TwoFactor:
    return TwoFactor(database, SECRET, Attempts(database), Outbox(Jobs()), clock=clock)


@pytest.fixture
def join(database: Database) -> Joining:
    async def join(email: str = "ines@example.com", *, enforced: bool = False) -> UUID:
        """The membership of a new user in a new workspace."""
        workspace_id = new_id()
        await database.execute(
            """insert into core.workspace (id, "schema", "displayName", "isTwoFactorAuthenticationEnforced")
            values ($1, $1::uuid::text, 'Müller & Söhne', $2)""",
            workspace_id,
            enforced,
        )
        user_id, membership_id = new_id(), new_id()
        await database.execute('insert into core."user" (id, email) values ($1, $2)', user_id, email)
        await database.execute(
            'insert into core."userWorkspace" (id, "userId", "workspaceId") values ($1, $2, $3)',
            membership_id,
            user_id,
            workspace_id,
        )
        return membership_id

    return join


@pytest.fixture
async def member(join: Joining) -> UUID:
    return await join()


def secret_of(uri: str) -> str:
    return parse_qs(urlsplit(uri).query)["secret"][0]


def code_at(uri: str, moment: datetime) -> str:
    return pyotp.TOTP(secret_of(uri)).at(moment)


async def test_the_address_is_what_authenticator_apps_read(two_factor: TwoFactor, member: UUID) -> None:
    uri = urlsplit(await two_factor.provision(member))
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert unquote(uri.path) == "/Rapport - Müller & Söhne:ines@example.com"
    options = parse_qs(uri.query)
    assert options["issuer"] == ["Rapport - Müller & Söhne"]
    assert len(options["secret"][0]) == 32  # 160 bits
    # What is left out is what the format assumes: SHA1, 6 digits, 30 seconds.
    assert set(options) == {"issuer", "secret"}


async def test_a_first_code_completes_the_enrolment(database: Database, two_factor: TwoFactor, member: UUID) -> None:
    uri = await two_factor.provision(member)
    [pending] = await methods(database, member)
    assert (pending["status"], pending["strategy"]) == ("PENDING", "TOTP")
    await two_factor.verify(member, code_at(uri, START), address="192.0.2.7")
    assert await methods(database, member) == [{**pending, "status": "VERIFIED"}]
    [entry] = await entries(database)
    assert (entry.action, entry.email, entry.address) == ("twoFactorAdded", "ines@example.com", "192.0.2.7")


@pytest.mark.parametrize("steps", range(-WINDOW - 1, WINDOW + 2))
@pytest.mark.parametrize("offset", [timedelta(0), timedelta(seconds=29.999)])
async def test_a_code_is_taken_from_three_steps_before_to_three_after(
    two_factor: TwoFactor, member: UUID, clock: Clock, steps: int, offset: timedelta
) -> None:
    uri = await two_factor.provision(member)
    clock.time = START + offset
    code = code_at(uri, START + steps * STEP)
    if abs(steps) <= WINDOW:
        await two_factor.verify(member, code)
    else:
        with pytest.raises(WrongCode):
            await two_factor.verify(member, code)


async def test_a_code_is_good_once(database: Database, two_factor: TwoFactor, member: UUID) -> None:
    uri = await two_factor.provision(member)
    await two_factor.verify(member, code_at(uri, START))
    with pytest.raises(WrongCode):
        await two_factor.verify(member, code_at(uri, START))
    with pytest.raises(WrongCode):
        await two_factor.verify(member, "no code")
    failures = [entry.details["reason"] for entry in await entries(database, actions=["twoFactorFailed"])]
    assert failures == ["used before", "wrong"]


async def test_a_code_from_before_the_last_one_used_is_not_taken(two_factor: TwoFactor, member: UUID) -> None:
    uri = await two_factor.provision(member)
    await two_factor.verify(member, code_at(uri, START))
    with pytest.raises(WrongCode):
        await two_factor.verify(member, code_at(uri, START - STEP))
    await two_factor.verify(member, code_at(uri, START + STEP))


async def test_one_code_sent_many_times_at_once_is_taken_once(two_factor: TwoFactor, member: UUID) -> None:
    code = code_at(await two_factor.provision(member), START)
    answers = await asyncio.gather(*(two_factor.verify(member, code) for _ in range(TRIES)), return_exceptions=True)
    assert [answer for answer in answers if not isinstance(answer, WrongCode)] == [None]


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345", "1_2345", "0x1234", "\0" * 6, "1" * 1_000_000]
)
async def test_what_is_no_code_is_a_wrong_code(two_factor: TwoFactor, member: UUID, code: str) -> None:
    await two_factor.provision(member)
    with pytest.raises(WrongCode):
        await two_factor.verify(member, code)


async def test_spaces_around_a_code_do_not_matter(two_factor: TwoFactor, member: UUID) -> None:
    await two_factor.verify(member, f" {code_at(await two_factor.provision(member), START)}\n")


async def test_guessing_ends_after_a_few_tries_even_for_the_right_code(
    database: Database, two_factor: TwoFactor, member: UUID
) -> None:
    uri = await two_factor.provision(member)
    wrong = f"{(int(code_at(uri, START)) + 1) % 1_000_000:06}"
    codes = {code_at(uri, START + steps * STEP) for steps in range(-WINDOW, WINDOW + 1)}
    assert wrong not in codes
    for _ in range(TRIES):
        with pytest.raises(WrongCode):
            await two_factor.verify(member, wrong)
    with pytest.raises(TooManyAttempts):
        await two_factor.verify(member, code_at(uri, START))
    assert [entry.action for entry in await entries(database)] == ["twoFactorFailed"] * TRIES


async def test_right_codes_are_not_counted_against_anybody(two_factor: TwoFactor, member: UUID, clock: Clock) -> None:
    uri = await two_factor.provision(member)
    for _ in range(TRIES * 2):
        clock.time += STEP
        await two_factor.verify(member, code_at(uri, clock.time))


async def test_without_a_method_there_is_nothing_to_verify(two_factor: TwoFactor, member: UUID) -> None:
    with pytest.raises(NotProvisioned):
        await two_factor.verify(member, "123456")


async def test_a_secret_that_was_made_of_late_is_given_again_until_an_hour_has_passed(
    two_factor: TwoFactor, member: UUID, clock: Clock
) -> None:
    first = await two_factor.provision(member)
    clock.time = START + PENDING_FOR - timedelta(seconds=1)
    assert await two_factor.provision(member) == first
    clock.time = START + PENDING_FOR
    with pytest.raises(NotProvisioned):
        await two_factor.verify(member, code_at(first, clock.time))
    second = await two_factor.provision(member)
    assert secret_of(second) != secret_of(first)
    with pytest.raises(WrongCode):
        await two_factor.verify(member, code_at(first, clock.time))
    await two_factor.verify(member, code_at(second, clock.time))


async def test_a_verified_method_does_not_grow_old_and_cannot_be_replaced(
    two_factor: TwoFactor, member: UUID, clock: Clock
) -> None:
    uri = await two_factor.provision(member)
    await two_factor.verify(member, code_at(uri, START))
    clock.time = START + timedelta(days=400)
    with pytest.raises(AlreadyVerified):
        await two_factor.provision(member)
    await two_factor.verify(member, code_at(uri, clock.time))


async def test_many_who_enrol_at_once_are_given_one_secret(two_factor: TwoFactor, member: UUID) -> None:
    assert len(set(await asyncio.gather(*(two_factor.provision(member) for _ in range(10))))) == 1


async def test_only_the_owner_removes_a_method(
    database: Database, two_factor: TwoFactor, member: UUID, join: Joining
) -> None:
    await two_factor.provision(member)
    method_id = (await methods(database, member))[0]["twoFactorAuthenticationMethodId"]
    assert isinstance(method_id, UUID)
    stranger = await join("otto@example.com")
    for owner, wanted in ((stranger, method_id), (member, new_id())):
        with pytest.raises(MethodNotFound):
            await two_factor.remove(owner, wanted)
    await two_factor.remove(member, method_id)
    assert await methods(database, member) == []
    assert [entry.action for entry in await entries(database)] == ["twoFactorRemoved"]


async def test_the_member_is_told_by_mail(database: Database, two_factor: TwoFactor, member: UUID) -> None:
    uri = await two_factor.provision(member)
    assert await mails_of(database) == []
    for step in range(2):
        await two_factor.verify(member, code_at(uri, START + step * STEP))
    method_id = (await methods(database, member))[0]["twoFactorAuthenticationMethodId"]
    assert isinstance(method_id, UUID)
    await two_factor.remove(member, method_id)
    added, removed = await mails_of(database)
    assert (added.template, removed.template) == ("two-factor-added", "two-factor-removed")
    for mail in (added, removed):
        assert mail.to == "ines@example.com"
        assert "Müller & Söhne" in mail.text
        assert "Müller &amp; Söhne" in mail.html
        assert secret_of(uri) not in mail.text


async def test_the_secret_is_not_in_the_database(database: Database, two_factor: TwoFactor, member: UUID) -> None:
    secret = secret_of(await two_factor.provision(member))
    row = await database.row('select * from core."twoFactorAuthenticationMethod"')
    assert row is not None
    assert secret.encode() not in row["secret"]
    await two_factor.verify(member, code_at(f"x://x?secret={secret}", START))
    assert secret not in str([entry.details for entry in await entries(database)])


async def test_the_secret_of_another_row_does_not_open(
    database: Database, two_factor: TwoFactor, member: UUID, join: Joining
) -> None:
    # Whoever can write to the table still cannot make their own secret somebody else's.
    mine = await join("otto@example.com")
    uri = await two_factor.provision(mine)
    await two_factor.provision(member)
    await database.execute(
        """update core."twoFactorAuthenticationMethod" t set secret = o.secret
        from core."twoFactorAuthenticationMethod" o where t."userWorkspaceId" = $1 and o."userWorkspaceId" = $2""",
        member,
        mine,
    )
    with pytest.raises(UnreadableFactor):
        await two_factor.verify(member, code_at(uri, START))


async def test_without_method_and_enforcement_nothing_is_demanded(
    database: Database, two_factor: TwoFactor, member: UUID
) -> None:
    await demand(database, user_workspace_id=member)
    await two_factor.provision(member)  # begun is not done
    await demand(database, user_workspace_id=member)


async def test_a_method_is_demanded_of_its_owner_and_of_nobody_else(
    database: Database, two_factor: TwoFactor, member: UUID, join: Joining
) -> None:
    await two_factor.verify(member, code_at(await two_factor.provision(member), START))
    with pytest.raises(VerificationRequired):
        await demand(database, user_workspace_id=member)
    await demand(database, user_workspace_id=await join("otto@example.com"))


async def test_where_it_is_enforced_who_has_none_has_to_set_one_up(
    database: Database, two_factor: TwoFactor, join: Joining
) -> None:
    member = await join(enforced=True)
    with pytest.raises(ProvisionRequired):
        await demand(database, user_workspace_id=member)
    uri = await two_factor.provision(member)
    with pytest.raises(ProvisionRequired):
        await demand(database, user_workspace_id=member)
    await two_factor.verify(member, code_at(uri, START))
    with pytest.raises(VerificationRequired):
        await demand(database, user_workspace_id=member)


async def test_a_renewal_passes_unless_a_factor_is_enforced_that_is_not_there(
    database: Database, two_factor: TwoFactor, join: Joining
) -> None:
    free, enforced = await join(), await join("otto@example.com", enforced=True)
    await demand_at_renewal(database, user_workspace_id=free)
    with pytest.raises(ProvisionRequired):
        await demand_at_renewal(database, user_workspace_id=enforced)
    for member in (free, enforced):
        await two_factor.verify(member, code_at(await two_factor.provision(member), START))
        await demand_at_renewal(database, user_workspace_id=member)


async def test_a_membership_that_there_is_not_is_let_in_nowhere(database: Database, two_factor: TwoFactor) -> None:
    for work in (
        demand(database, user_workspace_id=new_id()),
        demand_at_renewal(database, user_workspace_id=new_id()),
        two_factor.provision(new_id()),
    ):
        with pytest.raises(Unauthenticated):
            await work
