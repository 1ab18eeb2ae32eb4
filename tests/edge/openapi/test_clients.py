"""A client that openapi-python-client generates from our document works, as its user would use it."""

import asyncio
import json
import re
import sys
from pathlib import Path
from typing import Any

from tests.edge.openapi.models import make_rockets
from tests.edge.rest.asking import send
from tests.serving import Client

ROCKETS = ("/rockets", "/rockets/{id}", "/batch/rockets", "/rockets/export", "/rockets/import")
USE = """
import sys
from io import BytesIO
from uuid import UUID
from crm import AuthenticatedClient
from crm.api.files import delete_file, download_file, upload_file
from crm.api.imports import get_import
from crm.api.people import (
    create_one_person, delete_one_person, find_many_people, find_one_person, group_by_people, update_one_person,
)
from crm.api.rockets import (
    create_many_rockets, create_one_rocket, delete_one_rocket, export_rockets, find_many_rockets, find_one_rocket,
    import_rockets, update_one_rocket,
)
from crm.models import (
    Error, ExportRocketsFormat, Person, PersonForUpdate, PersonName, Rocket, RocketForUpdate,
    RocketForUpdateSomeCurrencyType0, RocketSomeCurrency, RocketSomeSelect, UploadFileBody,
)
from crm.types import File

with AuthenticatedClient(base_url=sys.argv[1], token=sys.argv[2], raise_on_unexpected_status=True) as client:
    made = create_one_person.sync(client=client, body=Person(name=PersonName(first_name="Ada"), city="Oslo"))
    person = made.data.create_person
    assert isinstance(person.id, UUID)
    assert (person.name.first_name, person.city, person.company_id) == ("Ada", "Oslo", None)
    page = find_many_people.sync(client=client, filter_='city[eq]:"Oslo"', limit=5, order_by="createdAt")
    assert ([each.id for each in page.data.people], page.total_count) == ([person.id], 1)
    assert page.page_info.has_next_page is False
    changed = update_one_person.sync(person.id, client=client, body=PersonForUpdate(city=None, job_title="Cook"))
    assert (changed.data.update_person.city, changed.data.update_person.job_title) == (None, "Cook")
    assert find_one_person.sync(person.id, client=client).data.person.job_title == "Cook"
    (group,) = group_by_people.sync(client=client, group_by="jobTitle")
    assert (group.group_by_dimension_values, group["totalCount"]) == (["Cook"], "1")
    assert delete_one_person.sync(person.id, client=client).data.delete_person.id == person.id
    missing = find_one_person.sync_detailed(person.id, client=client)
    assert missing.status_code == 404
    assert isinstance(missing.parsed, Error)
    assert missing.parsed.error.code == "NOT_FOUND"

    body = Rocket(
        name="One", some_select=RocketSomeSelect.A, some_array=["x"],
        some_currency=RocketSomeCurrency(amount_micros=1500000, currency_code="EUR"),
    )
    rocket = create_one_rocket.sync(client=client, body=body).data.create_rocket
    assert (rocket.some_select.value, rocket.some_array, rocket.some_boolean) == ("A", ["x"], None)
    assert rocket.some_currency.amount_micros == "1500000"
    many = create_many_rockets.sync(client=client, body=[Rocket(name="Two"), Rocket(name="Three")])
    assert [each.name for each in many.data.create_rockets] == ["Two", "Three"]
    assert find_many_rockets.sync(client=client, limit=2).page_info.has_next_page is True
    body = RocketForUpdate(some_select=None, some_currency=RocketForUpdateSomeCurrencyType0(amount_micros=2))
    updated = update_one_rocket.sync(rocket.id, client=client, body=body).data.update_rocket
    assert (updated.some_select, updated.some_currency.amount_micros) == (None, "2")
    assert find_one_rocket.sync(rocket.id, client=client).data.rocket.some_currency.currency_code == "EUR"
    assert delete_one_rocket.sync(rocket.id, client=client).data.delete_rocket.id == rocket.id
    assert find_many_rockets.sync(client=client).total_count == 2

    note = UploadFileBody(file=File(payload=BytesIO(b"0123456789"), file_name="note.txt"))
    file = upload_file.sync(client=client, body=note)
    assert (file.filename, file.size) == ("note.txt", 10)
    assert download_file.sync(file.id, client=client).payload.read() == b"0123456789"
    assert delete_file.sync(file.id, client=client).id == file.id
    exported = export_rockets.sync(client=client, format_=ExportRocketsFormat.CSV, fields="name")
    assert exported.payload.read() == b'name\\r\\n"Two"\\r\\n"Three"\\r\\n'
    rows = File(payload=BytesIO(b"name\\r\\nFour\\r\\n"))
    begun = import_rockets.sync(client=client, body=rows, dry_run=True).data.import_
    assert (begun.object_, begun.dry_run) == ("rockets", True)
    assert get_import.sync(begun.id, client=client).data.import_.id == begun.id
print("done")
"""

USE_OF_MODEL = """
import sys
from model import AuthenticatedClient
from model.api.fields import create_one_field, delete_one_field, find_one_field, update_one_field
from model.api.objects import create_one_object, delete_one_object, find_many_objects, update_one_object
from model.models import Error, Field, FieldForUpdate, FieldType, Object, ObjectForUpdate

with AuthenticatedClient(base_url=sys.argv[1], token=sys.argv[2], raise_on_unexpected_status=True) as client:
    body = Object(name_singular="comet", name_plural="comets", label_singular="Comet", label_plural="Comets")
    comet = create_one_object.sync(client=client, body=body).data.create_one_object
    assert (comet.name_singular, comet.is_custom) == ("comet", True)
    found = find_many_objects.sync(client=client, filter_='{"isCustom": {"is": true}}').data.objects
    assert [each.id for each in found] == [comet.id]
    body = Field(object_metadata_id=comet.id, type_=FieldType.TEXT, name="tail", label="Tail")
    tail = create_one_field.sync(client=client, body=body).data.create_one_field
    update_one_field.sync(tail.id, client=client, body=FieldForUpdate(label="Long tail"))
    assert find_one_field.sync(tail.id, client=client).data.field.label == "Long tail"
    update_one_field.sync(tail.id, client=client, body=FieldForUpdate(is_active=False))
    assert delete_one_field.sync(tail.id, client=client).data.delete_one_field.id == tail.id
    off = update_one_object.sync(comet.id, client=client, body=ObjectForUpdate(is_active=False))
    assert off.data.update_one_object.is_active is False
    assert delete_one_object.sync(comet.id, client=client).data.delete_one_object.id == comet.id
    refused = create_one_object.sync(client=client, body=Object("x", "x", "X", "X"))
    assert isinstance(refused, Error)
print("done")
"""


async def run(*command: str, folder: Path) -> str:
    """What the command writes; it must not fail."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    written, _ = await process.communicate()
    assert process.returncode == 0, written.decode()
    return written.decode()


def block(language: str) -> str:
    """The example in our guide."""
    guide = (Path(__file__).parents[3] / "docs" / "openapi.md").read_text()
    (found,) = re.findall(rf"```{language}\n(.*?)```", guide, re.DOTALL)
    return str(found)


async def generate(folder: Path, document: object, package: str) -> None:
    (folder / "document.json").write_text(json.dumps(document))
    (folder / "settings.yaml").write_text(block("yaml"))
    generator = str(Path(sys.executable).with_name("openapi-python-client"))
    command = ("generate", "--path", "document.json", "--output-path", package, "--meta", "none")
    written = await run(generator, *command, "--config", "settings.yaml", folder=folder)
    assert "warning" not in written.lower(), written


async def test_a_client_for_records_works(client: Client, tmp_path: Path) -> None:
    """All schemas become code, but of the paths only some: for all of them the generator takes half a minute."""
    await make_rockets(client)
    document: dict[str, Any] = (await send(client, "GET", "/open-api/core")).json()
    wanted = {"people", "files", "imports"}
    document["paths"] = {
        path: found for path, found in document["paths"].items() if wanted & set(path.split("/")) or path in ROCKETS
    }
    await generate(tmp_path, document, "crm")
    url, key = f"{client.url}/rest", client.tenant.key

    (tmp_path / "guide.py").write_text(
        block("python").replace("http://127.0.0.1:3000/rest", url).replace("sk_live_…", key)
    )
    assert await run(sys.executable, "guide.py", folder=tmp_path) == "Ada Cook None\n"
    (tmp_path / "use.py").write_text(USE)
    assert await run(sys.executable, "use.py", url, key, folder=tmp_path) == "done\n"


async def test_a_client_for_the_data_model_works(client: Client, tmp_path: Path) -> None:
    await generate(tmp_path, (await send(client, "GET", "/open-api/metadata")).json(), "model")

    (tmp_path / "use.py").write_text(USE_OF_MODEL)
    written = await run(sys.executable, "use.py", f"{client.url}/rest", client.tenant.key, folder=tmp_path)
    assert written == "done\n"
