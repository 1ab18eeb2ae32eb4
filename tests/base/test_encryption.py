"""Secrets at rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.base.encryption import CannotOpen, Vault
from rapport.base.ids import new_id

SECRET = "an app secret of the tests"
ROW = new_id()


@given(st.binary(max_size=200))
def test_what_was_sealed_opens_again(secret: bytes) -> None:
    vault = Vault(SECRET, purpose="tests")
    sealed = vault.seal(secret, table="things", row_id=ROW)
    assert Vault(SECRET, purpose="tests").open(sealed, table="things", row_id=ROW) == secret


def test_the_same_secret_is_sealed_differently_each_time() -> None:
    vault = Vault(SECRET, purpose="tests")
    assert len({vault.seal(b"same", table="things", row_id=ROW) for _ in range(100)}) == 100


def test_a_sealed_secret_does_not_show_the_secret() -> None:
    assert b"JBSWY3DPEHPK3PXP" not in Vault(SECRET, purpose="tests").seal(b"JBSWY3DPEHPK3PXP", table="t", row_id=ROW)


def test_any_altered_bit_is_noticed() -> None:
    vault = Vault(SECRET, purpose="tests")
    sealed = vault.seal(b"secret", table="things", row_id=ROW)
    for place in range(len(sealed) * 8):
        altered = bytearray(sealed)
        altered[place // 8] ^= 1 << place % 8
        with pytest.raises(CannotOpen):
            vault.open(bytes(altered), table="things", row_id=ROW)


def test_a_cut_one_is_noticed() -> None:
    vault = Vault(SECRET, purpose="tests")
    sealed = vault.seal(b"secret", table="things", row_id=ROW)
    for length in range(len(sealed)):
        with pytest.raises(CannotOpen):
            vault.open(sealed[:length], table="things", row_id=ROW)


@pytest.mark.parametrize(
    ("vault", "table", "row"),
    [
        (Vault("another app secret", purpose="tests"), "things", ROW),
        (Vault(SECRET, purpose="other"), "things", ROW),
        (Vault(SECRET, purpose="tests"), "others", ROW),
        (Vault(SECRET, purpose="tests"), "things", new_id()),
    ],
    ids=["key", "purpose", "table", "row"],
)
def test_it_opens_nowhere_else(vault: Vault, table: str, row: object) -> None:
    sealed = Vault(SECRET, purpose="tests").seal(b"secret", table="things", row_id=ROW)
    with pytest.raises(CannotOpen):
        vault.open(sealed, table=table, row_id=row)  # type: ignore[arg-type]
