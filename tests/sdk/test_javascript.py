"""The client for JavaScript is built, installed under both of its names, and used by programs in Node.js."""

import asyncio
import json
import os
import re
import shlex
import shutil
from pathlib import Path

import pytest

from rapport.base.ids import new_id
from rapport.webhooks.signing import signed_headers
from tests.client.flaky import HANG_UP, Told, flaky
from tests.client.test_webhooks import CONTRACT, STANDARD
from tests.serving import Client

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
_END = "-- end of a program --"
_BLOCKS = re.MULTILINE | re.DOTALL
NOW = 1_800_000_000_000  # milliseconds since 1970
NOBODY = "99999999-9999-4999-8999-999999999999"
PROGRAM = {
    "compilerOptions": {
        "target": "ES2022",
        "lib": ["ES2023", "DOM", "DOM.AsyncIterable"],
        "module": "NodeNext",
        "strict": True,
        "skipLibCheck": True,
        "noUncheckedIndexedAccess": True,
        "types": ["node"],
        "typeRoots": [str(ROOT / "ui" / "node_modules" / "@types")],
    },
    "include": ["*.ts"],
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that depends on the client, also by the name that a package of the contract has."""
    folder = tmp_path_factory.mktemp("project")
    installed = folder / "node_modules" / "rapport-sdk"
    installed.mkdir(parents=True)
    shutil.copy(ROOT / "sdk" / "js" / "package.json", installed)
    (folder / "node_modules" / "twenty-sdk").symlink_to(installed)  # as `npm install twenty-sdk@npm:rapport-sdk` does
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "tsconfig.json").write_text(json.dumps(PROGRAM))
    return folder


async def run(project: Path, programs: dict[str, str], **environment: str) -> dict[str, str]:
    """Compiles the client and the programs as strictly as can be, and runs these; what each of them printed."""
    for name, text in programs.items():
        (project / f"{name}.ts").write_text(text, encoding="utf-8")
    one_by_one = "".join(f"await import('./{name}.js'); console.log('{_END}');\n" for name in programs)
    (project / "all.mjs").write_text(one_by_one)
    dist = project / "node_modules" / "rapport-sdk" / "dist"
    steps = [
        f"tsc --project ../sdk/js --outDir {shlex.quote(str(dist))}",
        f"tsc --project {shlex.quote(str(project))}",
        f"node {shlex.quote(str(project / 'all.mjs'))} > {shlex.quote(str(project / 'printed'))}",
    ]
    process = await asyncio.create_subprocess_exec(
        str(ROOT / "ui" / "npm"),
        *("exec", "--no", "-c", " && ".join(steps)),
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0, printed.decode()
    texts = (project / "printed").read_text(encoding="utf-8").split(f"{_END}\n")
    return dict(zip(programs, texts, strict=False))


async def test_the_calls_of_the_contract_and_of_the_guide_run_as_written(client: Client, project: Path) -> None:
    made = await client.data('mutation { createPerson(data: {city: "Rome"}) { id } }')
    which = made["createPerson"]["id"]
    seed = (HERE / "seed.ts").read_text(encoding="utf-8")
    for written, real in (
        ("https://api.twenty.com", client.url),
        ("sk_live_abc123...", client.tenant.key),
        ("person-id", which),
    ):
        assert written in seed
        seed = seed.replace(written, real)
    guides = [ROOT / "docs" / "sdks.md", ROOT / "sdk" / "js" / "README.md"]
    blocks = [each for guide in guides for each in re.findall(r"^```ts\n(.*?)^```$", guide.read_text("utf-8"), _BLOCKS)]
    assert len(blocks) == 6
    shown: dict[str, str] = {}
    for at, each in enumerate(blocks):
        real = each.replace("http://127.0.0.1:3000", client.url).replace("sk_live_…", client.tenant.key)
        shown[f"guide{at}"] = real.replace("john@", f"john{at}@")
    session = (HERE / "session.ts").read_text(encoding="utf-8")
    person = Told(status=201, body={"data": {"createPerson": {"id": NOBODY}}})
    missing = Told(status=404, body={"error": {"code": "NOT_FOUND", "message": "Record not found"}})
    too_many = Told(status=429, headers={"Retry-After": "61"})
    script = (Told(status=503), HANG_UP, person, HANG_UP, missing, HANG_UP, too_many, Told(body="hello"))

    async with flaky(*script, Told(status=503)) as server:
        printed = await run(
            project,
            {"seed": seed, **shown, "session": session},
            SERVER=client.url,
            KEY=client.tenant.key,
            FLAKY=server.url,
        )

    answer = json.loads(printed["seed"])
    assert answer["person"]["emails"]["primaryEmail"] == "john@example.com"
    assert [each["id"] for each in answer["people"]] == [answer["person"]["id"]]
    assert answer["total"] == 1
    left = await client.data("query ($id: UUID!) { people(filter: {id: {eq: $id}}) { totalCount } }", {"id": which})
    assert left == {"people": {"totalCount": 0}}
    john = answer["person"]["id"]
    still = await client.data("query ($id: UUID!) { person(filter: {id: {eq: $id}}) { id updatedAt } }", {"id": john})
    assert still["person"] == {"id": john, "updatedAt": answer["person"]["updatedAt"]}  # whatever the guides did

    assert printed["guide1"].splitlines()[0] == "2 2 john1@example.com false"
    assert "404 NOT_FOUND Record not found" in printed["guide1"]
    assert [line.split()[0] for line in printed["guide4"].splitlines()] == ["Oslo", "created"]
    assert printed["session"] == "done\n"
    first = server.sent_keys()[0]
    assert first is not None
    assert server.sent_keys() == [first] * 3 + [None] * 9


async def test_a_program_is_told_of_what_happens(client: Client, project: Path) -> None:
    live = (HERE / "live.ts").read_text(encoding="utf-8")
    deliveries = [
        {"body": body, "secret": secret, "now": NOW, "headers": {name: headers[name] for name in form}}
        for secret in ("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "a secret, ü", "whsec_not base64")
        for body in ('{"record":{"name":"Zoë"}}',)
        for headers in (signed_headers(new_id(), body.encode(), [secret], NOW),)
        for form in (STANDARD, CONTRACT)
    ]
    environment = {"SERVER": client.url, "KEY": client.tenant.key, "DELIVERIES": json.dumps(deliveries)}
    assert await run(project, {"live": live}, **environment) == {"live": "done\n"}
