"""Approved domains, over HTTP."""

import asyncio
from urllib.parse import urlsplit

import pytest

from rapport.base.ids import new_id
from rapport.invitations.service import approved_workspaces
from tests.invitations.people import error_of, person
from tests.invitations.test_sending import DENIED
from tests.mail.reading import mails_of, only_mail
from tests.serving import Client, make_tenant

CREATE = """mutation ($domain: String!, $email: String!) {
  createApprovedAccessDomain(input: {domain: $domain, email: $email}) { id domain isValidated createdAt }
}"""
VALIDATE = """mutation ($id: UUID!, $token: String!) {
  validateApprovedAccessDomain(input: {approvedAccessDomainId: $id, validationToken: $token}) {
    id domain isValidated createdAt
  }
}"""
DELETE = "mutation ($id: UUID!) { deleteApprovedAccessDomain(input: {id: $id}) }"
ALL = "{ getApprovedAccessDomains { id domain isValidated createdAt } }"
EMAIL = "it@acme.example"


@pytest.fixture
async def ada(client: Client) -> Client:
    """An admin."""
    return await person(client, admin=True)


async def create(client: Client, domain: str = "acme.example", email: str = EMAIL) -> dict:  # type: ignore[type-arg]
    made: dict = (await client.data(CREATE, {"domain": domain, "email": email}))["createApprovedAccessDomain"]  # type: ignore[type-arg]
    return made


async def token_for(client: Client, email: str = EMAIL) -> str:
    return (await only_mail(client.database, to=email, template="approved-domain")).parameter("validationToken")


async def admitted(client: Client, email: str) -> bool:
    async with client.database.transaction() as connection:
        return client.tenant.workspace_id in await approved_workspaces(connection, email)


async def test_a_domain_counts_once_the_mail_to_it_was_answered(ada: Client) -> None:
    made = await create(ada, " Acme.EXAMPLE", "IT@Acme.example")
    assert (made["domain"], made["isValidated"]) == ("acme.example", False)
    assert (await ada.data(ALL))["getApprovedAccessDomains"] == [made]
    assert not await admitted(ada, "bob@acme.example")

    mail = await only_mail(ada.database, to=EMAIL, template="approved-domain")
    assert mail.subject == "Confirm acme.example for Tests"
    link = urlsplit(mail.link)
    assert f"{link.scheme}://{link.netloc}{link.path}" == f"{ada.url}/settings/domains"
    assert mail.parameter("approvedAccessDomainId") == made["id"]
    answer = await ada.data(VALIDATE, {"id": made["id"], "token": mail.parameter("validationToken")})

    assert answer["validateApprovedAccessDomain"] == {**made, "isValidated": True}
    assert (await ada.data(ALL))["getApprovedAccessDomains"] == [{**made, "isValidated": True}]
    assert await admitted(ada, "bob@acme.example")


async def test_a_domain_is_validated_once(ada: Client) -> None:
    made = await create(ada)
    token = await token_for(ada)
    await ada.data(VALIDATE, {"id": made["id"], "token": token})
    code, sub_code, _ = error_of(await ada.ask(VALIDATE, {"id": made["id"], "token": token}))
    assert (code, sub_code) == ("BAD_USER_INPUT", "APPROVED_ACCESS_DOMAIN_ALREADY_VALIDATED")


async def test_other_tokens_validate_nothing(ada: Client) -> None:
    made = await create(ada)
    right = await token_for(ada)
    await create(ada, "other.example", "it@other.example")
    for token in ("", right[:-1], right + "0", right.upper(), await token_for(ada, "it@other.example"), "é", "\x00"):
        code, sub_code, _ = error_of(await ada.ask(VALIDATE, {"id": made["id"], "token": token}))
        assert (code, sub_code) == ("FORBIDDEN", "APPROVED_ACCESS_DOMAIN_VALIDATION_TOKEN_INVALID")
    assert not await admitted(ada, "bob@acme.example")


async def test_a_token_ends_after_a_week_and_with_its_row(ada: Client) -> None:
    made = await create(ada)
    token = await token_for(ada)
    await ada.database.execute("""update core."approvedAccessDomain" set "createdAt" = now() - interval '7 days'""")
    code, sub_code, _ = error_of(await ada.ask(VALIDATE, {"id": made["id"], "token": token}))
    assert (code, sub_code) == ("FORBIDDEN", "APPROVED_ACCESS_DOMAIN_VALIDATION_TOKEN_INVALID")
    assert await ada.data(DELETE, {"id": made["id"]}) == {"deleteApprovedAccessDomain": True}
    again = await create(ada)
    assert error_of(await ada.ask(VALIDATE, {"id": made["id"], "token": token}))[0] == "NOT_FOUND"
    assert error_of(await ada.ask(VALIDATE, {"id": again["id"], "token": token}))[0] == "FORBIDDEN"


@pytest.mark.parametrize(
    ("domain", "email", "sub_code"),
    [
        ("gmail.com", "ada@gmail.com", "APPROVED_ACCESS_DOMAIN_MUST_BE_A_COMPANY_DOMAIN"),
        ("@GMail.com", "ada@gmail.com", "APPROVED_ACCESS_DOMAIN_MUST_BE_A_COMPANY_DOMAIN"),
        ("acme.example", "ada@other.example", "APPROVED_ACCESS_DOMAIN_DOES_NOT_MATCH_DOMAIN_EMAIL"),
        ("acme.example", "ada@sub.acme.example", "APPROVED_ACCESS_DOMAIN_DOES_NOT_MATCH_DOMAIN_EMAIL"),
        ("acme.example", "ada@acme.example@evil.example", "INVALID_ARGS_DATA"),
        ("acme.example", "ada@acme.example\r\nBcc: eve@evil.example", "INVALID_ARGS_DATA"),
        ("example", "ada@example", "INVALID_ARGS_DATA"),
        ("", EMAIL, "INVALID_ARGS_DATA"),
        ("acme.example\x00", EMAIL, "INVALID_ARGS_DATA"),
        ("acme.example/../..", EMAIL, "INVALID_ARGS_DATA"),
        ("x" * 100_000, EMAIL, "INVALID_ARGS_DATA"),
    ],
)
async def test_what_cannot_be_approved_is_refused(ada: Client, domain: str, email: str, sub_code: str) -> None:
    found = error_of(await ada.ask(CREATE, {"domain": domain, "email": email}))
    assert found[:2] == ("BAD_USER_INPUT", sub_code)
    assert (await ada.data(ALL))["getApprovedAccessDomains"] == []
    assert await mails_of(ada.database) == []


async def test_a_workspace_registers_a_domain_once_even_at_once(ada: Client) -> None:
    answers = await asyncio.gather(*(ada.ask(CREATE, {"domain": "acme.example", "email": EMAIL}) for _ in range(3)))
    failed = [error_of(answer)[:2] for answer in answers if "errors" in answer]
    assert failed == [("BAD_USER_INPUT", "APPROVED_ACCESS_DOMAIN_ALREADY_REGISTERED")] * 2
    assert len(await mails_of(ada.database)) == 1


async def test_removing_a_domain_closes_the_door(ada: Client) -> None:
    made = await create(ada)
    await ada.data(VALIDATE, {"id": made["id"], "token": await token_for(ada)})
    assert await ada.data(DELETE, {"id": made["id"]}) == {"deleteApprovedAccessDomain": True}
    assert not await admitted(ada, "bob@acme.example")
    assert error_of(await ada.ask(DELETE, {"id": made["id"]})) == (
        "NOT_FOUND", "APPROVED_ACCESS_DOMAIN_NOT_FOUND", "Approved access domain not found"
    )  # fmt: skip


async def test_another_tenant_sees_and_changes_nothing(ada: Client) -> None:
    made = await create(ada)
    token = await token_for(ada)
    other = ada.as_tenant(await make_tenant(ada.database, "Other"))
    assert (await other.data(ALL))["getApprovedAccessDomains"] == []
    assert error_of(await other.ask(VALIDATE, {"id": made["id"], "token": token}))[0] == "NOT_FOUND"
    assert error_of(await other.ask(DELETE, {"id": made["id"]}))[0] == "NOT_FOUND"
    assert (await ada.data(ALL))["getApprovedAccessDomains"] == [made]
    await create(other)  # the same domain may be approved by several


async def test_ids_that_are_none_are_refused(ada: Client) -> None:
    assert "errors" in await ada.ask(DELETE, {"id": "no id"})
    assert error_of(await ada.ask(DELETE, {"id": str(new_id())}))[0] == "NOT_FOUND"


async def test_only_who_may_manage_members_approves(client: Client, ada: Client) -> None:
    made = await create(ada)
    plain = await person(client, email="paul@acme.example", admin=False)
    for query, variables in (
        (CREATE, {"domain": "x.example", "email": "a@x.example"}), (ALL, {}), (DELETE, {"id": made["id"]}),
        (VALIDATE, {"id": made["id"], "token": await token_for(ada)}),
    ):  # fmt: skip
        assert error_of(await plain.ask(query, variables)) == DENIED
    assert (await client.data(ALL))["getApprovedAccessDomains"] == [made]  # an API key with the permission may


async def test_a_workspace_has_so_many_proofs_mailed_in_an_hour_and_no_more(ada: Client) -> None:
    for number in range(20):
        await create(ada, f"d{number}.example", f"it@d{number}.example")
    code, sub_code, _ = error_of(await ada.ask(CREATE, {"domain": "acme.example", "email": EMAIL}))
    assert (code, sub_code) == ("FORBIDDEN", "TOO_MANY_ATTEMPTS")


async def test_approving_is_in_the_audit_log(ada: Client) -> None:
    made = await create(ada)
    await ada.data(VALIDATE, {"id": made["id"], "token": await token_for(ada)})
    await ada.data(DELETE, {"id": made["id"]})
    rows = await ada.database.rows(
        """select jsonb_object_keys(details) as key from core."auditEntry" where action = 'securitySettingsChanged'
           order by id"""
    )
    assert {row["key"] for row in rows} == {
        "approvedDomainAdded", "email", "approvedDomainValidated", "approvedDomainRemoved"
    }  # fmt: skip
