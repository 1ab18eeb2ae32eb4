"""The guide to limits says what the settings and the server say."""

import json
import re

from rapport.base.settings import Settings
from tests.docs.markdown import ROOT
from tests.edge.rest.asking import send
from tests.serving import Client, serving

TEXT = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")


def test_every_row_with_a_setting_has_its_default() -> None:
    rows = re.findall(r"^\| .* \| (.*) \| `(RAPPORT_\w+)` \|$", TEXT, re.MULTILINE)
    defaults = {each.variable: each.default for each in Settings.declared().values()}

    assert len(rows) > 15
    for most, variable in rows:
        assert re.match(rf"{re.escape(defaults[variable])}\b", most), variable


async def test_refusals_look_as_shown(client: Client) -> None:
    rest, graphql = (json.loads(each) for each in re.findall(r"^```json\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))
    async with serving(client.database, client.tenant, rate_limit_api_key=1) as server:
        for _ in range(2):  # a minute may end meanwhile
            await send(server, "GET", "/people")
            refused = await send(server, "GET", "/people")
            refused_graphql = (await server.post("{ __typename }")).json()
            if refused.status_code == 429 and "errors" in refused_graphql:
                break

    wait = rest["error"]["retryAfter"] = rest["error"]["details"]["retryAfter"] = refused.json()["error"]["retryAfter"]
    assert refused.json() == rest
    assert 1 <= wait <= 60
    graphql["errors"][0]["extensions"]["retryAfter"] = refused_graphql["errors"][0]["extensions"]["retryAfter"]
    assert refused_graphql == graphql
