"""Short ways of data into rows: they lead where the long way does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.base.errors import InvalidValue, RapportError
from rapport.base.ids import new_id
from rapport.metadata.catalog import WorkspaceId
from rapport.metadata.standard.model import standard_catalog
from rapport.records.rows import RowBuilder

CATALOG = standard_catalog(WorkspaceId(new_id()))
ID = "20202020-0000-4000-8000-00000000000a"


class LongText(str):
    """A text that no short way takes."""

    __slots__ = ()


class LongObject(dict[str, object]):
    """An object that no short way takes."""


texts = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["", "Ada", "Ömer", "a\0b", "\ud800", "ada@acme.example", " Ada@ACME.example ", "acme.example/x?y"]
    ),
    st.just("a@b." + "x" * 3_000),
)
values = st.one_of(
    texts,
    st.sampled_from([ID, ID.upper(), ID[:-1], None, 5, True, [], ["x"]]),
    st.dictionaries(
        st.sampled_from(
            ["firstName", "lastName", "primaryEmail", "additionalEmails", "primaryLinkUrl", "primaryLinkLabel", "x",
             "secondaryLinks", "primaryPhoneNumber", "primaryPhoneCountryCode", "addressStreet1", "addressLat"]
        ),
        st.one_of(texts, st.none(), st.just(5)),
        max_size=3,
    ),
)  # fmt: skip
data = st.dictionaries(
    st.sampled_from(
        ["name", "emails", "linkedinLink", "phones", "domainName", "address", "jobTitle", "city", "companyId",
         "idealCustomerProfile", "accountOwnerId", "email", "firstName", "linkedinUrl", "nope"]
    ),
    values,
    max_size=4,
)  # fmt: skip


def rows(name: str, record: object, *, is_update: bool) -> object:
    """The values and what decides the statement, or what is refused."""
    builder = RowBuilder(CATALOG, CATALOG.by_name[name])
    try:
        found = builder.update(record, ID) if is_update else builder.creation([record])
    except RapportError as error:
        return type(error), error.message
    return [{**row, "id": ID} for row in found.values], found.plan_key


def long(value: object) -> object:
    if isinstance(value, dict):
        return LongObject(value)
    return LongText(value) if isinstance(value, str) else value


@given(name=st.sampled_from(["person", "company"]), record=data, is_update=st.booleans())
@settings(deadline=None, max_examples=400)
def test_the_short_way_and_the_long_one_end_alike(name: str, record: dict[str, object], is_update: bool) -> None:
    detour = {key: long(value) for key, value in record.items()}
    assert rows(name, record, is_update=is_update) == rows(name, detour, is_update=is_update)


@pytest.mark.parametrize(
    ("record", "keys"),
    [
        ({"email": "ada@acme.example", "emails": {"primaryEmail": "ada@acme.example"}}, "email and emails"),
        ({"emails": {"primaryEmail": "ada@acme.example"}, "email": "ada@acme.example"}, "email and emails"),
        ({"firstName": "Ada", "name": {"firstName": "Ada"}}, "firstName and name"),
        ({"name": {"firstName": "Ada"}, "firstName": "Ada"}, "firstName and name"),
    ],
)
def test_no_way_writes_a_column_twice(record: dict[str, object], keys: str) -> None:
    builder = RowBuilder(CATALOG, CATALOG.by_name["person"])
    with pytest.raises(InvalidValue, match=rf"^{keys} cannot be both provided\.$"):
        builder.creation([record])


def test_rows_of_different_keys_say_which_of_them_give_a_column() -> None:
    builder = RowBuilder(CATALOG, CATALOG.by_name["company"])
    found = builder.creation([{"id": ID, "name": "Acme"}, {"idealCustomerProfile": True, "name": "Umbrella"}])
    first, second = found.values
    assert {column.name for column in found.columns} == {"id", "name", "idealCustomerProfile"}
    assert first == {
        "id": ID, "name": "Acme", "_index": 0, "_place": "first", "_has_idealCustomerProfile": False,
    }  # fmt: skip
    assert second == {
        "idealCustomerProfile": True, "name": "Umbrella", "_index": 1, "_place": "first",
        "_has_idealCustomerProfile": True, "id": second["id"],
    }  # fmt: skip
