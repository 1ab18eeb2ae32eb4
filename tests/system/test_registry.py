"""Descriptions of tables that do not fit together are found when the server starts."""

import pytest

from rapport.system.registry import Registry
from rapport.system.tables import ID, Addition, Table, column, made, to_many, to_one

ROLE = Table(type="Role", name="role", fields=(ID, column("label")))


def test_areas_name_types_of_others_in_any_order() -> None:
    key = Table(type="ApiKey", name="apiKey", fields=(ID, to_one("role", "Role")))
    registry = Registry([key, ROLE])

    assert registry.target(registry["ApiKey"].object.field["role"]).object.type_name == "Role"
    assert list(registry) == ["ApiKey", "Role"]


@pytest.mark.parametrize(
    ("descriptions", "problem"),
    [
        ([ROLE, ROLE], "Role is described twice"),
        ([Table(type="Role", name="role", fields=(column("label"),))], "Role lacks an id or describes a field twice"),
        ([Table(type="Role", name="role", fields=(ID, ID))], "Role lacks an id or describes a field twice"),
        (
            [Table(type="ApiKey", name="apiKey", fields=(ID, to_one("role", "Role")))],
            "ApiKey.role is Role, which no area describes",
        ),
        (
            [ROLE, Table(type="ApiKey", name="apiKey", fields=(ID, to_many("roles", "Role", by="keyId")))],
            "ApiKey.roles goes by keyId, which Role does not describe",
        ),
        (
            [ROLE, Table(type="ApiKey", name="apiKey", fields=(ID, to_many("roles", "Role", by="id", of="roleId")))],
            "ApiKey.roles goes by roleId, which ApiKey does not describe",
        ),
        (
            [Table(type="Role", name="role", fields=(ID, made("title", "label", by=lambda row: row["label"])))],
            "Role.title needs label, which Role does not describe",
        ),
        ([Addition(type="Role", fields=(ID,))], "fields are added to Role, which no area describes"),
    ],
    ids=["twice", "no id", "two ids", "no target", "no join column", "no link column", "no need", "no such type"],
)
def test_what_does_not_fit_together_is_named(descriptions: list[Table | Addition], problem: str) -> None:
    with pytest.raises(ValueError, match=f"^{problem}$"):
        Registry(descriptions)


def test_a_field_of_the_sdl_must_be_described() -> None:
    sdl = "type Role { id: UUID! label: String! } extend type Role { icon: String secret: String }"
    registry = Registry([ROLE, Addition(type="Role", fields=(column("icon"),))])
    with pytest.raises(ValueError, match=r"^Role is described without secret$"):
        registry.check_sdl([sdl])
    Registry([ROLE, Addition(type="Role", fields=(column("icon"),), elsewhere=("secret",))]).check_sdl([sdl])


def test_only_what_is_described_is_in_the_sql() -> None:
    user = Table(
        type="User",
        name="user",
        fields=(ID, column("hasPassword", "BOOLEAN", sql='this."passwordHash" is not null')),
        rows="this.id = @user",
    )
    view = Registry([user])["User"].object.view
    assert view.sql == (  # type: ignore[attr-defined]
        'select this."id" as "id", this."passwordHash" is not null as "hasPassword",'
        ' null::timestamptz as "deletedAt" from "core"."user" this  where this.id = @user'
    )
