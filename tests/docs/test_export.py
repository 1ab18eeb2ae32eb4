"""The examples of the guide to exports are what the server takes and answers."""

import re
import shlex

from tests.docs.markdown import ROOT
from tests.edge.rest.asking import send
from tests.edge.rest.records import fill
from tests.serving import Client

TEXT = (ROOT / "docs" / "export-import.md").read_text(encoding="utf-8").partition("\n## Import")[0]


async def test_the_exports_that_are_shown_are_answered(client: Client) -> None:
    await fill(client)
    commands = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    assert len(commands) == 2
    counts = []
    for each in commands:
        (url,) = [word for word in shlex.split(each.replace("\\\n", " ")) if word.startswith("http")]
        answer = await send(client, "GET", url.partition("/rest")[2])
        assert answer.status_code == 200
        counts.append(answer.text.count("\n"))
    assert counts == [4, 2]


async def test_the_headings_that_are_shown_are_those_of_a_file(client: Client) -> None:
    (shown,) = re.findall(r"^```csv\n(.*)\n```$", TEXT, re.MULTILINE)
    answer = await send(client, "GET", "/people/export?format=csv&fields=id,name,emails,companyId")
    assert answer.text.splitlines() == [shown]
