"""Which workspace an address means, and under which addresses a workspace is found."""

import pytest

from rapport.base.ids import new_id
from rapport.store.database import Database
from rapport.workspaces.create import create_workspace
from rapport.workspaces.domains import Domains
from tests.workspaces.hostile import HOSTILE_TEXTS

HOSTED = Domains(server_url="https://crm.example.com:8443/")
LOCAL = Domains(server_url="http://127.0.0.1:3000")
SINGLE = Domains(server_url="https://crm.example.com", multiworkspace=False)


async def add(database: Database, subdomain: str) -> None:
    async with database.transaction() as connection:
        await create_workspace(connection, name=subdomain.title(), subdomain=subdomain)


async def found(database: Database, domains: Domains, origin: str | None) -> object:
    row = await domains.workspace_of_origin(database, origin)
    return None if row is None else row["subdomain"]


async def test_a_subdomain_of_the_server_means_its_workspace(database: Database) -> None:
    await add(database, "acme")
    await add(database, "globex")
    for origin in ("https://acme.crm.example.com:8443", "https://ACME.crm.example.com", "acme.crm.example.com."):
        assert await found(database, HOSTED, origin) == "acme"
    for origin in ("https://nobody.crm.example.com", "https://a.acme.crm.example.com", "https://.crm.example.com"):
        assert await found(database, HOSTED, origin) is None
    for unsaid in ("https://crm.example.com", "https://acme.example.com", "https://acmecrm.example.com", None, ""):
        assert await found(database, HOSTED, unsaid) is None  # which of the two is not said


async def test_an_address_that_names_none_means_the_only_one(database: Database) -> None:
    assert await found(database, HOSTED, "https://crm.example.com") is None
    await add(database, "acme")
    for origin in ("https://crm.example.com", "https://proxy.example.net", None, "nonsense"):
        assert await found(database, HOSTED, origin) == "acme"
    assert await found(database, HOSTED, "https://other.crm.example.com") is None
    for origin in ("http://127.0.0.1:3000", "http://localhost:3000", None):
        assert await found(database, LOCAL, origin) == "acme"


async def test_on_ones_own_machine_names_under_localhost_are_subdomains(database: Database) -> None:
    await add(database, "acme")
    await add(database, "globex")
    assert await found(database, LOCAL, "http://globex.localhost:3000") == "globex"
    assert await found(database, LOCAL, "http://127.0.0.1:3000") is None


async def test_with_one_workspace_only_every_address_means_it(database: Database) -> None:
    await add(database, "acme")
    await add(database, "globex")  # from before the setting was changed
    for origin in ("https://globex.crm.example.com", "https://crm.example.com", None):
        assert await found(database, SINGLE, origin) == "acme"


async def test_a_domain_of_its_own_counts_once_it_is_proven(database: Database) -> None:
    await add(database, "acme")
    await add(database, "globex")
    await database.execute("""update core.workspace set "customDomain" = 'crm.acme.org' where subdomain = 'acme'""")
    assert await found(database, HOSTED, "https://crm.acme.org") is None
    await database.execute('update core.workspace set "isCustomDomainEnabled" = true where "customDomain" is not null')
    assert await found(database, HOSTED, "https://crm.acme.org") == "acme"


async def test_one_enters_at_the_workspaces_own_address_or_at_none_in_particular(database: Database) -> None:
    await add(database, "acme")
    await add(database, "globex")
    acme = await HOSTED.workspace_of_origin(database, "https://acme.crm.example.com")
    assert acme is not None
    admitted = {
        "https://acme.crm.example.com": True,
        "https://crm.example.com": True,
        "https://globex.crm.example.com": False,
        "https://nobody.crm.example.com": False,
    }
    for origin, expected in admitted.items():
        assert await HOSTED.admits(database, origin, acme["id"]) is expected
    assert await LOCAL.admits(database, "http://127.0.0.1:3000", acme["id"])
    assert not await LOCAL.admits(database, "http://globex.localhost:3000", acme["id"])
    assert not await HOSTED.admits(database, "https://acme.crm.example.com", new_id())


@pytest.mark.parametrize("origin", HOSTILE_TEXTS)
async def test_hostile_addresses_name_nothing(database: Database, origin: str) -> None:
    await add(database, "acme")
    await add(database, "globex")
    for domains in (HOSTED, LOCAL):
        assert await domains.workspace_of_origin(database, origin) is None


def test_a_workspace_is_found_under_its_subdomain_unless_there_can_be_none() -> None:
    row = {"subdomain": "acme", "customDomain": None, "isCustomDomainEnabled": False}
    assert HOSTED.urls(row) == {"subdomainUrl": "https://acme.crm.example.com:8443", "customUrl": None}
    assert LOCAL.urls(row) == {"subdomainUrl": "http://127.0.0.1:3000", "customUrl": None}
    assert SINGLE.urls(row) == {"subdomainUrl": "https://crm.example.com", "customUrl": None}
    unproven = {**row, "customDomain": "crm.acme.org"}
    assert HOSTED.urls(unproven)["customUrl"] is None
    assert HOSTED.url(unproven) == "https://acme.crm.example.com:8443"
    proven = {**unproven, "isCustomDomainEnabled": True}
    assert HOSTED.urls(proven)["customUrl"] == "https://crm.acme.org"
    assert HOSTED.url(proven) == "https://crm.acme.org"
    ipv6 = Domains(server_url="http://[::1]:3000")
    assert ipv6.urls(row)["subdomainUrl"] == "http://[::1]:3000"
