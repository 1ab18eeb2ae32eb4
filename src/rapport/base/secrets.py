"""The application secret, from the settings or else made once and kept in the data directory."""

import os
import secrets
from pathlib import Path

from rapport.base.errors import ConfigurationError
from rapport.base.settings import Settings


def app_secret(settings: Settings) -> str:
    """The secret that signs tokens. Raises ConfigurationError when it cannot be read or kept."""
    if settings.app_secret:
        return settings.app_secret
    path = settings.data_dir / "app-secret"
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _keep(path, secrets.token_urlsafe(48))
        secret = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigurationError(f"The secret in {path} cannot be kept or read: {error.strerror}.") from error
    if len(secret) < 16:
        raise ConfigurationError(f"The secret in {path} is too short; remove the file to have a new one made.")
    return secret


def _keep(path: Path, secret: str) -> None:
    """Writes the file complete or not at all; of two processes that do so at once, the first one's secret stands."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(secret + "\n")
            file.flush()
            os.fsync(descriptor)
        try:
            os.link(unfinished, path)
        except FileExistsError:
            return
    finally:
        unfinished.unlink(missing_ok=True)
