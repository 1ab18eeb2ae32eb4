"""The cases: what is asked, what the answer must look like, and the mark set for it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from bench.data import COMPANIES, PEOPLE, company_id, person_id
from bench.templates import RANDOM, SERIAL

PAGE = 20
BATCH = 60
REST_PAGE = 60

Json = dict[str, object]


class WrongAnswer(Exception):
    """The server's answer to a case is not what the case is about."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One request, with marks where numbers go. ``check`` gets the data of its answer.

    It is the document ``query`` with its variables, or one of REST with the body ``data``.
    """

    name: str
    title: str
    query: str = ""
    method: str = "POST"
    path: str = "/graphql"
    data: object = None
    check: Callable[[Json], bool]
    mark: float  # least share of what pgbench reaches
    variables: Mapping[str, object] = field(default_factory=dict)
    random_most: int = PEOPLE
    writes: bool = False
    creates: bool = False
    limited: bool = False  # asked with the key of a role that keeps something back

    @property
    def body(self) -> str:
        if self.query:
            return json.dumps({"query": self.query, "variables": self.variables}, ensure_ascii=False)
        return "" if self.data is None else json.dumps(self.data, ensure_ascii=False)


def by_name() -> Mapping[str, Case]:
    """All cases in their order: those that write come last."""
    limited = replace(_flat(), name="role", title="20 people flat, by a limited role", limited=True)
    reads = (_flat(), limited, _nested(), _companies(), _filtered(), _one(), _search(), _grouped(), _related())
    rest_reads, rest_writes = rest_cases()
    return {case.name: case for case in (*reads, *rest_reads, *_writes(), *rest_writes)}


def _nodes(data: Json, name: str) -> list[Json]:
    connection = data[name]
    assert isinstance(connection, dict)
    return [edge["node"] for edge in connection["edges"]]


def _record(data: Json, name: str) -> Json:
    found = data[name]
    assert isinstance(found, dict)
    return found


def _flat() -> Case:
    return Case(
        name="a",
        title="20 people flat",
        query="""query People {
  people(first: 20, orderBy: { createdAt: DescNullsFirst }) {
    edges {
      node {
        id createdAt jobTitle city
        name { firstName lastName }
        emails { primaryEmail additionalEmails }
        phones { primaryPhoneNumber primaryPhoneCallingCode }
        linkedinLink { primaryLinkUrl }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}""",
        check=lambda data: len(_nodes(data, "people")) == PAGE,
        mark=0.65,
    )


def _nested() -> Case:
    def check(data: Json) -> bool:
        nodes = _nodes(data, "people")
        opportunities = sum(len(_nodes(node, "pointOfContactForOpportunities")) for node in nodes)
        return len(nodes) == PAGE and any(node["company"] for node in nodes) and opportunities > 0

    return Case(
        name="b",
        title="20 people with company and opportunities",
        query="""query PeopleAndSales {
  people(first: 20, orderBy: { createdAt: DescNullsFirst }) {
    edges {
      node {
        id createdAt jobTitle city
        name { firstName lastName }
        company { id name employees domainName { primaryLinkUrl } }
        pointOfContactForOpportunities {
          edges { node { id name stage amount { amountMicros currencyCode } } }
        }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}""",
        check=check,
        mark=0.65,
    )


def _companies() -> Case:
    def check(data: Json) -> bool:
        nodes = _nodes(data, "companies")
        return len(nodes) == PAGE and sum(len(_nodes(node, "people")) for node in nodes) > PAGE

    return Case(
        name="c",
        title="20 companies each with people",
        query="""query Companies {
  companies(first: 20) {
    edges {
      node {
        id name employees createdAt
        domainName { primaryLinkUrl }
        people { edges { node { id jobTitle name { firstName lastName } emails { primaryEmail } } } }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}""",
        check=check,
        mark=0.65,
    )


def _filtered() -> Case:
    def check(data: Json) -> bool:
        total = _record(data, "people")["totalCount"]
        return len(_nodes(data, "people")) == PAGE and isinstance(total, int) and total > PAGE

    return Case(
        name="d",
        title="filter + sort + totalCount",
        query="""query Contacts($companies: [UUID!]!, $titles: [String!]!, $first: Int) {
  people(
    first: $first
    filter: { companyId: { in: $companies }, jobTitle: { in: $titles } }
    orderBy: { createdAt: DescNullsFirst }
  ) {
    edges {
      node {
        id createdAt jobTitle city
        name { firstName lastName }
        emails { primaryEmail additionalEmails }
      }
    }
    totalCount
    pageInfo { hasNextPage endCursor }
  }
}""",
        variables={
            "companies": [company_id(number) for number in range(1, COMPANIES, COMPANIES // 40)],
            "titles": ["Engineer", "Buyer", "Director", "Founder"],
            "first": PAGE,
        },
        check=check,
        mark=0.55,
    )


def _one() -> Case:
    return Case(
        name="e",
        title="by id",
        query="""query Person($id: UUID!) {
  person(filter: { id: { eq: $id } }) {
    id createdAt jobTitle city
    name { firstName lastName }
    emails { primaryEmail additionalEmails }
    company { id name }
  }
}""",
        variables={"id": person_id(RANDOM)},
        check=lambda data: str(_record(data, "person")["id"]).startswith(person_id("")[:24]),
        mark=0.25,
    )


def _search() -> Case:
    def check(data: Json) -> bool:
        nodes = _nodes(data, "search")
        return len(nodes) == PAGE and all(node["label"] == "Grace Dvořák" for node in nodes)

    return Case(
        name="search",
        title="search for a full name",
        query="""query Search($searchInput: String!) {
  search(searchInput: $searchInput, limit: 20) {
    edges { cursor node { recordId objectNameSingular label imageUrl tsRankCD tsRank } }
    pageInfo { hasNextPage endCursor }
  }
}""",
        variables={"searchInput": "grace dvorak"},
        check=check,
        mark=0.65,
    )


def _grouped() -> Case:
    def check(data: Json) -> bool:
        groups = data["opportunitiesGroupBy"]
        assert isinstance(groups, list)
        return len(groups) > 1 and all(group["totalCount"] > 0 for group in groups)

    return Case(
        name="group",
        title="opportunities by stage",
        query="""query Pipeline {
  opportunitiesGroupBy(groupBy: [{ stage: true }]) {
    groupByDimensionValues totalCount sumAmountAmountMicros
  }
}""",
        check=check,
        mark=0.65,
    )


def _related() -> Case:
    return Case(
        name="related",
        title="20 people of companies with big deals",
        query="""query Related($amount: BigFloat!, $employees: Int!) {
  people(
    first: 20
    filter: {
      company: { employees: { gte: $employees } }
      pointOfContactForOpportunities: { some: { amount: { amountMicros: { gte: $amount } } } }
    }
    orderBy: { createdAt: DescNullsFirst }
  ) {
    edges { node { id name { firstName lastName } company { id name } } }
  }
}""",
        variables={"amount": 1_000_000, "employees": 10},
        check=lambda data: len(_nodes(data, "people")) == PAGE,
        mark=0.65,
    )


def _writes() -> tuple[Case, ...]:
    created = "id createdAt jobTitle name { firstName lastName } emails { primaryEmail } company { id name }"
    create = Case(
        name="f",
        title="create with nested selection",
        query=f"mutation Create($data: PersonCreateInput!) {{ createPerson(data: $data) {{ {created} }} }}",
        variables={"data": _new_person("")},
        random_most=COMPANIES,
        check=lambda data: bool(_record(data, "createPerson")["company"]),
        mark=0.75,
        writes=True,
        creates=True,
    )
    update = Case(
        name="g",
        title="update",
        query="""mutation Update($id: UUID!, $data: PersonUpdateInput!) {
  updatePerson(id: $id, data: $data) { id jobTitle updatedAt name { firstName lastName } }
}""",
        variables={"id": person_id(RANDOM), "data": {"jobTitle": f"Planner {SERIAL}"}},
        check=lambda data: str(_record(data, "updatePerson")["jobTitle"]).startswith("Planner "),
        mark=0.75,
        writes=True,
    )
    batch = Case(
        name="h",
        title="createMany of 60",
        query=f"mutation CreateMany($data: [PersonCreateInput!]!) {{ createPeople(data: $data) {{ {created} }} }}",
        variables={"data": [_new_person(f"-{number}") for number in range(BATCH)]},
        random_most=COMPANIES,
        check=lambda data: isinstance(found := data["createPeople"], list) and len(found) == BATCH,
        mark=0.90,
        writes=True,
        creates=True,
    )
    upsert = Case(
        name="upsert",
        title="upsert of 60",
        query=f"""mutation Upsert($data: [PersonCreateInput!]!) {{
  createPeople(data: $data, upsert: true) {{ {created} }}
}}""",
        variables={"data": [_new_person(f"-u{number}") for number in range(BATCH)]},
        random_most=COMPANIES,
        check=lambda data: isinstance(found := data["createPeople"], list) and len(found) == BATCH,
        mark=0.65,
        writes=True,
        creates=True,
    )
    return create, update, batch, upsert


def _new_person(suffix: str) -> Json:
    """The fields of the statements that the marks were set by, and an address that no two records may share."""
    return {
        "name": {"firstName": "Tomoko", "lastName": "Óbidos"},
        "emails": {"primaryEmail": f"load-{SERIAL}{suffix}@bench.example.com"},
        "jobTitle": "Engineer",
        "city": "Porto",
        "companyId": company_id(RANDOM),
    }


def rest_cases() -> tuple[tuple[Case, ...], tuple[Case, ...]]:
    """The cases of REST, those that read and those that write; and what the list is in GraphQL."""

    def listed(data: Json) -> bool:
        people = data["people"]
        return isinstance(people, list) and len(people) == REST_PAGE

    shown = """id createdAt updatedAt deletedAt name { firstName lastName } emails { primaryEmail additionalEmails }
        linkedinLink { primaryLinkLabel primaryLinkUrl secondaryLinks }
        xLink { primaryLinkLabel primaryLinkUrl secondaryLinks } jobTitle
        phones { primaryPhoneNumber primaryPhoneCountryCode primaryPhoneCallingCode additionalPhones }
        city avatarUrl avatarFile position createdBy { source workspaceMemberId name context }
        updatedBy { source workspaceMemberId name context } companyId"""
    reads = (
        Case(
            name="rest-list",
            title="REST: 60 people, depth 0",
            method="GET",
            path=f"/rest/people?limit={REST_PAGE}&depth=0",
            check=listed,
            mark=0.65,
        ),
        Case(
            name="rest-twin",
            title="the same in GraphQL",
            query=f"""query Twin {{
  people(first: {REST_PAGE}) {{
    edges {{ node {{ {shown} }} }}
    totalCount
    pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
  }}
}}""",
            check=lambda data: len(_nodes(data, "people")) == REST_PAGE,
            mark=0.65,
        ),
        Case(
            name="rest-deep",
            title="REST: 60 people, depth 1",
            method="GET",
            path=f"/rest/people?limit={REST_PAGE}&depth=1",
            check=lambda data: listed(data) and "company" in json.dumps(data),
            mark=0.65,
        ),
        Case(
            name="rest-one",
            title="REST: by id, depth 0",
            method="GET",
            path=f"/rest/people/{person_id(RANDOM)}?depth=0",
            check=lambda data: str(_record(data, "person")["id"]).startswith(person_id("")[:24]),
            mark=0.25,
        ),
    )
    writes = (
        Case(
            name="rest-create",
            title="REST: create",
            path="/rest/people",
            data=_new_person("-r"),
            random_most=COMPANIES,
            check=lambda data: bool(_record(data, "createPerson")["companyId"]),
            mark=0.75,
            writes=True,
            creates=True,
        ),
        Case(
            name="rest-batch",
            title="REST: create 60",
            path="/rest/batch/people",
            data=[_new_person(f"-b{number}") for number in range(BATCH)],
            random_most=COMPANIES,
            check=lambda data: isinstance(found := data["createPeople"], list) and len(found) == BATCH,
            mark=0.90,
            writes=True,
            creates=True,
        ),
    )
    return reads, writes
