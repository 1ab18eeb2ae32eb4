"""The application secret."""

from pathlib import Path

import pytest

from rapport.base.errors import ConfigurationError
from rapport.base.secrets import app_secret
from rapport.base.settings import Settings


def settings(data_dir: Path, **more: str) -> Settings:
    return Settings.from_environment({"RAPPORT_DATA_DIR": str(data_dir), **more})


def test_the_secret_of_the_settings_is_used_and_none_made(tmp_path: Path) -> None:
    assert app_secret(settings(tmp_path / "data", RAPPORT_APP_SECRET="x" * 32)) == "x" * 32
    assert not (tmp_path / "data").exists()


def test_without_one_it_is_made_once_and_kept_for_us_alone(tmp_path: Path) -> None:
    first = app_secret(settings(tmp_path / "data"))
    assert len(first) >= 32
    assert app_secret(settings(tmp_path / "data")) == first
    (file,) = (tmp_path / "data").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert app_secret(settings(tmp_path / "other")) != first


def test_a_damaged_secret_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "app-secret").write_text("\n")
    with pytest.raises(ConfigurationError, match=r"app-secret is too short"):
        app_secret(settings(tmp_path))


def test_a_place_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=r"cannot be kept or read: Not a directory"):
        app_secret(settings(tmp_path / "file" / "data"))
