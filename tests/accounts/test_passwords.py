"""Password hashes."""

from collections.abc import Iterator

import pytest

from rapport.accounts.passwords import Passwords


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    passwords = Passwords(memory_kib=64, passes=1)
    yield passwords
    passwords.close()


@pytest.mark.parametrize("password", ["correct horse", "", "pässwörd ☃", "\ud800 alone", "with\x00nul", "x" * 100_000])
async def test_a_password_matches_its_own_hash_only(passwords: Passwords, password: str) -> None:
    stored = await passwords.hash(password)

    assert stored.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert await passwords.matches(password, stored)
    assert not await passwords.matches(password + "!", stored)


async def test_without_a_hash_nothing_matches(passwords: Passwords) -> None:
    assert not await passwords.matches("anything", None)


async def test_a_damaged_hash_matches_nothing(passwords: Passwords) -> None:
    assert not await passwords.matches("anything", "$2b$10$not-of-this-kind")


async def test_the_decoy_is_a_hash_that_costs_as_much_as_a_real_one() -> None:
    passwords = Passwords()
    real = await passwords.hash("a password")
    decoy = passwords._decoy

    assert decoy.rsplit("$", 2)[0] == real.rsplit("$", 2)[0] == "$argon2id$v=19$m=19456,t=2,p=1"
    assert [len(part) for part in decoy.split("$")] == [len(part) for part in real.split("$")]
    passwords.close()
