"""The examples of the API documentation, as written, against the demo workspace of a real server.

Only ids, credentials and cursors are replaced by real ones. Each answer must have the keys of its document, in its
order, with lists where the documentation shows lists and plain values where it shows plain values.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from graphql import FieldNode, OperationDefinitionNode, SelectionSetNode, parse

from tests.cli.program import serving

EXAMPLES = Path(__file__).parent / "seed_000"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
OPTIONAL_TEXT = frozenset(
    {"email", "phone", "city", "body", "name", "title", "domainName", "address", "currencyCode", "firstName",
     "lastName", "description", "startCursor", "endCursor", "cursor", "label", "icon"}
)  # fmt: skip
TIMES = frozenset({"createdAt", "updatedAt", "closeDate", "dueAt"})
TEXTS = frozenset({"nameSingular", "namePlural", "labelSingular", "labelPlural"})
WORDS = frozenset({"stage", "status", "type"})
NUMBERS = frozenset({"employees", "probability", "amountMicros", "totalCount"})
TRUTHS = frozenset({"idealCustomerProfile", "hasNextPage", "hasPreviousPage", "isCustom", "isActive", "isNullable"})


@dataclass(frozen=True, kw_only=True)
class Demo:
    """A running server with the demo workspace."""

    url: str
    ready: Mapping[str, object]

    def ask(
        self, query: str, variables: Mapping[str, object] | None = None, *, token: str | None = ""
    ) -> dict[str, object]:
        """The whole answer; with the API key unless another token, or None, is given."""
        bearer = self.ready["apiKey"] if token == "" else token
        headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
        body = {"query": query, "variables": dict(variables or {})}
        found: dict[str, object] = httpx.post(f"{self.url}/graphql", json=body, headers=headers, timeout=60).json()
        return found

    def data(self, query: str, variables: Mapping[str, object] | None = None, *, token: str | None = "") -> dict:  # type: ignore[type-arg]
        answer = self.ask(query, variables, token=token)
        assert "errors" not in answer, answer["errors"]
        found = answer["data"]
        assert isinstance(found, dict)
        return found

    def some_id(self, objects: str, order: str = "{ createdAt: AscNullsFirst }") -> str:
        edges = self.data(f"{{ {objects}(first: 1, orderBy: {order}) {{ edges {{ node {{ id }} }} }} }}")[objects][
            "edges"
        ]
        return str(edges[0]["node"]["id"])


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    with serving(folder, "--demo", "--data-dir", str(folder / "data")) as server:
        yield Demo(url=server.url, ready=server.ready)


def example(number: str) -> str:
    (path,) = EXAMPLES.glob(f"{number}-*.graphql")
    return path.read_text(encoding="utf-8")


def check(document: str, data: object) -> None:
    """The data have the shape of the document."""
    (operation,) = (each for each in parse(document).definitions if isinstance(each, OperationDefinitionNode))
    _check_object(operation.selection_set, data, "data")


def _check_object(selection: SelectionSetNode, found: object, place: str) -> None:
    assert isinstance(found, dict), place
    fields = [each for each in selection.selections if isinstance(each, FieldNode)]
    assert list(found) == [field.name.value for field in fields], place
    for field in fields:
        name = field.name.value
        value = found[name]
        inside = f"{place}.{name}"
        if field.selection_set is None:
            _check_leaf(name, value, inside)
        elif isinstance(value, list):
            assert name == "edges" or place == "data" or name == "types", inside
            for item in value:
                _check_object(field.selection_set, item, inside)
        else:
            assert name != "edges", inside
            if value is not None:  # a person without a company
                _check_object(field.selection_set, value, inside)


def _check_leaf(name: str, value: object, place: str) -> None:
    if name == "id":
        assert str(UUID(str(value))) == value, place
    elif name in TIMES:
        assert value is None or (isinstance(value, str) and TIME.fullmatch(value)), (place, value)
    elif name in NUMBERS:
        assert value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)), (place, value)
    elif name in TRUTHS:
        assert isinstance(value, bool), (place, value)
    elif name in WORDS:
        assert isinstance(value, str), (place, value)
        assert value.isupper(), (place, value)
    elif name in TEXTS:
        assert isinstance(value, str), (place, value)
        assert value, place
    elif name == "defaultValue":
        assert value is None or isinstance(value, (str, bool, int, dict, list)), (place, value)
    elif name in ("accessToken", "refreshToken"):
        assert isinstance(value, str), (place, value)
        assert value.count(".") == 2, (place, value)
    elif name == "statuses":
        assert isinstance(value, list), (place, value)
    elif name in ("trigger", "steps"):
        assert value is None or isinstance(value, (dict, list)), (place, value)
    else:
        assert name in OPTIONAL_TEXT, f"{place}: what is it?"
        assert value is None or isinstance(value, str), (place, value)


def test_signing_in_and_renewing_the_tokens(demo: Demo) -> None:
    signing_in = (
        example("00")
        .replace("user@example.com", str(demo.ready["email"]))
        .replace("password123", str(demo.ready["password"]))
    )
    signed_in = demo.data(signing_in, token=None)
    check(signing_in, signed_in)
    tokens = signed_in["signIn"]["tokens"]
    renewing = re.sub(r'refreshToken: "[^"]*"', f'refreshToken: "{tokens["refreshToken"]}"', example("01"))
    renewed = demo.data(renewing, token=None)
    check(renewing, renewed)
    for token in (tokens["accessToken"], renewed["refreshToken"]["tokens"]["accessToken"]):
        assert demo.data("{ people { totalCount } }", token=token)["people"]["totalCount"] > 0

    assert signed_in["signIn"]["user"]["email"] == demo.ready["email"]
    assert demo.ready["email"] is not None


def test_the_schema_names_its_types(demo: Demo) -> None:
    found = demo.data(example("02"))
    check(example("02"), found)

    assert {"Person", "Company", "Opportunity", "Task", "Query", "Mutation"} <= {
        each["name"] for each in found["__schema"]["types"]
    }


def test_listing_people(demo: Demo) -> None:
    found = demo.data(example("03"))
    check(example("03"), found)
    people = found["people"]
    nodes = [edge["node"] for edge in people["edges"]]

    assert len(nodes) == 10
    assert people["totalCount"] > 10
    assert all(node["email"].endswith("@example.com") for node in nodes)
    assert [node["createdAt"] for node in nodes] == sorted((node["createdAt"] for node in nodes), reverse=True)
    assert people["pageInfo"]["startCursor"] == people["edges"][0]["cursor"]
    assert people["pageInfo"]["endCursor"] == people["edges"][-1]["cursor"]
    assert people["pageInfo"]["hasNextPage"] is True
    assert people["pageInfo"]["hasPreviousPage"] is False
    assert any(node["company"] for node in nodes)
    assert any(node["phone"] for node in nodes)


def test_creating_updating_finding_and_deleting_a_person(demo: Demo) -> None:
    company = demo.some_id("companies")
    creating = example("04").replace("30303030-1234-5678-9abc-def012345678", company)
    created = demo.data(creating)
    check(creating, created)
    person = created["createPerson"]
    assert person["name"] == {"firstName": "Jane", "lastName": "Smith"}
    assert person["email"] == "jane.smith@example.com"

    updating = example("05").replace("20202020-0c28-43d9-b8f7-2b12e84b4d5e", person["id"])
    updated = demo.data(updating)
    check(updating, updated)
    assert updated["updatePerson"]["phone"] == "+1555555555"
    assert updated["updatePerson"]["city"] == "Los Angeles"
    assert updated["updatePerson"]["updatedAt"] >= person["createdAt"]

    found = demo.data(example("29"), {"id": person["id"]})
    check(example("29"), found)
    assert found["person"]["name"] == person["name"]

    deleting = example("06").replace("20202020-0c28-43d9-b8f7-2b12e84b4d5e", person["id"])
    assert demo.data(deleting) == {"deletePerson": {"id": person["id"]}}
    gone = demo.ask(example("29"), {"id": person["id"]})
    assert gone["data"] == {"person": None}
    assert gone["errors"][0]["message"] == "Record not found"  # type: ignore[index]


def test_a_record_that_is_not_there_is_an_error_as_documented(demo: Demo) -> None:
    answer = demo.ask('query GetPerson {\n  person(id: "99999999-9999-4999-8999-999999999999") { id }\n}')
    assert isinstance(answer["errors"], list)
    (error,) = answer["errors"]

    assert error["message"] == "Record not found"
    assert error["path"] == ["person"]
    assert error["locations"] == [{"line": 2, "column": 3}]
    assert (error["extensions"]["code"], error["extensions"]["statusCode"]) == ("NOT_FOUND", 404)


def test_listing_companies(demo: Demo) -> None:
    found = demo.data(example("07"))
    check(example("07"), found)
    nodes = [edge["node"] for edge in found["companies"]["edges"]]

    assert nodes
    assert all("tech" in node["name"].lower() for node in nodes)
    assert any(node["domainName"] for node in nodes)
    assert any(node["address"] for node in nodes)
    assert any(node["people"]["edges"] for node in nodes)


def test_creating_a_company(demo: Demo) -> None:
    found = demo.data(example("08"))
    check(example("08"), found)
    company = found["createCompany"]
    stored = demo.data(
        """query($id: UUID!) { company(id: $id) {
            address domainName employees idealCustomerProfile
            full: domainName { primaryLinkUrl } place: address { addressStreet1 }
        } }""",
        {"id": company["id"]},
    )["company"]

    assert (company["name"], company["domainName"]) == ("Tech Innovations Inc.", "techinnovations.com")
    assert stored == {
        "address": "123 Tech Street, SF",
        "domainName": "techinnovations.com",
        "employees": 50,
        "idealCustomerProfile": True,
        "full": {"primaryLinkUrl": "techinnovations.com"},
        "place": {"addressStreet1": "123 Tech Street, SF"},
    }


def test_listing_opportunities(demo: Demo) -> None:
    found = demo.data(example("09"))
    check(example("09"), found)
    nodes = [edge["node"] for edge in found["opportunities"]["edges"]]
    dates = [node["closeDate"] for node in nodes if node["closeDate"]]

    assert nodes
    assert {node["stage"] for node in nodes} <= {"PROPOSAL", "NEGOTIATION"}
    assert all(node["amount"]["amountMicros"] >= 10_000 * 1_000_000 for node in nodes)
    assert dates == sorted(dates)
    assert any(node["pointOfContact"] for node in nodes)
    assert any(node["company"] for node in nodes)


def test_creating_an_opportunity_and_moving_it_on(demo: Demo) -> None:
    creating = (
        example("10")
        .replace("30303030-1234-5678-9abc-def012345678", demo.some_id("companies"))
        .replace("20202020-0c28-43d9-b8f7-2b12e84b4d5e", demo.some_id("people"))
    )
    created = demo.data(creating)
    check(creating, created)
    opportunity = created["createOpportunity"]
    moving = example("11").replace("40404040-abcd-efgh-ijkl-mnopqrstuvwx", opportunity["id"])
    moved = demo.data(moving)
    check(moving, moved)

    assert opportunity["amount"] == {"amountMicros": 50_000_000_000, "currencyCode": "USD"}
    assert opportunity["stage"] == "PROSPECTING"
    assert opportunity["closeDate"].startswith("2026-06-30")
    assert moved["updateOpportunity"]["stage"] == "PROPOSAL"
    assert moved["updateOpportunity"]["probability"] == 40


def test_listing_tasks(demo: Demo) -> None:
    found = demo.data(example("12"))
    check(example("12"), found)
    nodes = [edge["node"] for edge in found["tasks"]["edges"]]

    assert nodes
    assert {node["status"] for node in nodes} == {"TODO"}
    assert all(node["dueAt"] <= "2026-02-10T00:00:00.000Z" for node in nodes)
    assert any(node["body"] for node in nodes)
    assert any(node["assignee"] and node["assignee"]["firstName"] for node in nodes)


def test_creating_and_completing_a_task(demo: Demo) -> None:
    creating = example("13").replace("50505050-user-uuid-here", demo.some_id("workspaceMembers"))
    created = demo.data(creating)
    check(creating, created)
    completing = example("14").replace("60606060-task-uuid-here", created["createTask"]["id"])
    completed = demo.data(completing)
    check(completing, completed)

    assert created["createTask"]["dueAt"] == "2026-02-15T14:00:00.000Z"
    assert completed["updateTask"]["status"] == "DONE"


def test_filtering_people(demo: Demo) -> None:
    demo.data('mutation { createPerson(input: { email: "found@company.com", city: "San Francisco" }) { id } }')
    demo.data('mutation { createPerson(input: { email: "lost@company.com", city: "Oslo" }) { id } }')
    found = demo.data(example("15"))
    check(example("15"), found)

    assert [edge["node"]["email"] for edge in found["people"]["edges"]] == ["found@company.com"]


@pytest.mark.parametrize("number", ["16", "27"])
def test_walking_all_pages(demo: Demo, number: str) -> None:
    walked: list[str] = []
    cursor = None
    while True:
        found = demo.data(example(number), {"cursor": cursor})
        check(example(number), found)
        walked += [edge["node"]["id"] for edge in found["people"]["edges"]]
        if not found["people"]["pageInfo"]["hasNextPage"]:
            break
        cursor = found["people"]["pageInfo"]["endCursor"]

    assert len(walked) == len(set(walked)) == demo.data("{ people { totalCount } }")["people"]["totalCount"]


def test_sorting_companies(demo: Demo) -> None:
    found = demo.data(example("17"))
    check(example("17"), found)
    times = [edge["node"]["createdAt"] for edge in found["companies"]["edges"]]

    assert times == sorted(times, reverse=True)


def test_nesting_relations(demo: Demo) -> None:
    document = example("18").replace("30303030-1234-5678-9abc-def012345678", demo.some_id("companies"))
    found = demo.data(document)
    check(document, found)

    assert found["company"]["id"] in document


def test_listing_workflows(demo: Demo) -> None:
    found = demo.data(example("19"))
    check(example("19"), found)

    assert found["workflows"]["edges"]


def test_reading_the_data_model(demo: Demo) -> None:
    found = demo.data(example("20"))
    check(example("20"), found)
    nodes = [edge["node"] for edge in found["objects"]["edges"]]
    fields = {each["nameSingular"]: [edge["node"]["name"] for edge in each["fields"]["edges"]] for each in nodes}

    assert len(nodes) == 10
    assert {"company", "person", "opportunity"} <= fields.keys()
    assert fields["company"][:2] == ["id", "createdAt"]


def test_selecting_fields(demo: Demo) -> None:
    found = demo.data(example("26"))
    check(example("26"), found)

    assert len(found["people"]["edges"]) == 10


def test_creating_people_in_a_batch(demo: Demo) -> None:
    people = [
        {"name": {"firstName": "Batch", "lastName": str(index)}, "email": f"b{index}@example.com"} for index in range(3)
    ]
    found = demo.data(example("28"), {"people": people})
    check(example("28"), found)

    assert [each["name"]["lastName"] for each in found["createManyPeople"]] == ["0", "1", "2"]


def test_every_example_is_tested_here() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    for path in sorted(EXAMPLES.glob("*.graphql")):
        number = path.name.partition("-")[0]
        assert f'"{number}"' in text, path.name


def test_a_custom_object_and_a_custom_field_are_made_and_used(demo: Demo) -> None:
    made = demo.data(example("21"))
    check(example("21"), made)
    creating = example("22").replace("object-uuid-here", made["createOneObject"]["id"])
    field = demo.data(creating)
    check(creating, field)
    assert (field["createOneField"]["label"], field["createOneField"]["type"]) == ("Project Status", "SELECT")

    record = demo.data('mutation { createProject(input: {name: "Moon"}) { name projectStatus } }')
    assert record["createProject"] == {"name": "Moon", "projectStatus": "PLANNING"}
    found = demo.data(
        """{
            projects(filter: {projectStatus: {eq: "PLANNING"}}) { totalCount edges { node { name } } }
            projectsGroupBy(groupBy: [{projectStatus: true}]) { groupByDimensionValues totalCount }
        }"""
    )
    assert found == {
        "projects": {"totalCount": 1, "edges": [{"node": {"name": "Moon"}}]},
        "projectsGroupBy": [{"groupByDimensionValues": ["PLANNING"], "totalCount": 1}],
    }
