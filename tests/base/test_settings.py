"""Settings from the environment."""

from datetime import timedelta
from pathlib import Path

import pytest

from rapport.base.errors import ConfigurationError
from rapport.base.settings import Settings


def test_without_any_variable_the_defaults_hold() -> None:
    settings = Settings.from_environment({})
    assert settings == Settings()
    assert (settings.port, settings.host, settings.data_dir) == (3000, "127.0.0.1", Path(".rapport"))
    assert settings.max_body_bytes == 10_000_000
    assert settings.access_token_expires_in == timedelta(minutes=30)
    assert settings.refresh_token_expires_in == timedelta(days=60)
    assert (settings.database_url, settings.app_secret, settings.server_url) == (None, None, None)


def test_variables_win_over_defaults() -> None:
    settings = Settings.from_environment(
        {
            "PORT": "8080",
            "RAPPORT_MAX_BODY_BYTES": "5_000_000",
            "RAPPORT_ACCESS_TOKEN_EXPIRES_IN": "1h",
            "RAPPORT_LOG_LEVEL": "DEBUG",
            "RAPPORT_SERVER_URL": "https://crm.example.com/",
            "RAPPORT_MIGRATE_ON_START": "no",
            "DATABASE_URL": "postgres://u:p@db/crm?sslmode=require",
        }
    )
    assert settings.port == 8080
    assert settings.max_body_bytes == 5_000_000
    assert settings.access_token_expires_in == timedelta(hours=1)
    assert settings.log_level == "debug"
    assert settings.server_url == "https://crm.example.com"
    assert settings.migrate_on_start is False
    assert settings.database_url == "postgres://u:p@db/crm?sslmode=require"


@pytest.mark.parametrize("value", ["", "   "])
def test_an_empty_variable_counts_as_not_set(value: str) -> None:
    assert Settings.from_environment({"PORT": value, "DATABASE_URL": value}) == Settings()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORT", "http"),
        ("PORT", "-1"),
        ("PORT", "65536"),
        ("PORT", "9" * 5000),
        ("PORT", "٣٠"),
        ("RAPPORT_POOL_SIZE", "0"),
        ("RAPPORT_POOL_SIZE", "1.5"),
        ("RAPPORT_ACCESS_TOKEN_EXPIRES_IN", "soon"),
        ("RAPPORT_ACCESS_TOKEN_EXPIRES_IN", "0m"),
        ("RAPPORT_CONNECTION_MAX_AGE", "5"),
        ("RAPPORT_LOG_LEVEL", "loud"),
        ("RAPPORT_SERVER_URL", "crm.example.com"),
        ("RAPPORT_MIGRATE_ON_START", "maybe"),
        ("RAPPORT_APP_SECRET", "short"),
        ("DATABASE_URL", "mysql://u:p@db/crm"),
    ],
)
def test_a_wrong_value_is_an_error_that_names_the_variable(variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environment({variable: value})
    assert caught.value.message.startswith(f"{variable} must ")
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 250


@pytest.mark.parametrize(("variable", "value"), [("RAPPORT_APP_SECRET", "hunter22"), ("DATABASE_URL", "x://hunter22")])
def test_a_wrong_secret_is_not_repeated(variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environment({variable: value})
    assert "hunter22" not in caught.value.message


def test_secrets_are_not_shown() -> None:
    settings = Settings.from_environment(
        {"RAPPORT_APP_SECRET": "hunter22" * 4, "DATABASE_URL": "postgresql://u:hunter22@db/crm"}
    )
    assert "hunter22" not in repr(settings)


def test_every_setting_has_a_variable_of_its_own_and_a_description() -> None:
    declared = list(Settings.declared().values())
    assert len({setting.variable for setting in declared}) == len(declared)
    for setting in declared:
        assert setting.variable.startswith("RAPPORT_") or setting.variable in ("DATABASE_URL", "PORT")
        assert setting.description.endswith(".")


def test_every_default_means_what_the_variable_would_mean() -> None:
    written = {setting.variable: setting.default for setting in Settings.declared().values()}
    assert Settings.from_environment(written) == Settings()


def test_slips_of_the_pen_are_found() -> None:
    environment = {"RAPPORT_POOLSIZE": "5", "RAPPORT_POOL_SIZE": "5", "PATH": "/bin"}
    assert Settings.unknown_variables(environment) == ("RAPPORT_POOLSIZE",)
