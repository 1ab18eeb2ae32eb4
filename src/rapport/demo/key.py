"""The demo's API key: kept in a file, because every start of the server shows it."""

import os
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from rapport.base.errors import ConfigurationError, RapportError
from rapport.keys.credential import KeyCredential
from rapport.keys.service import create_key
from rapport.store.database import Database

NAME = "Demo"


async def ensure_key(database: Database, *, workspace_id: UUID, data_dir: Path) -> str:
    """The key in the file; a new one if there is none, or none that opens the workspace any more.

    Raises ConfigurationError when the file cannot be read or written.
    """
    path = data_dir / "demo-api-key"
    try:
        kept = path.read_text(encoding="utf-8").strip() if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The API key in {path} cannot be read: {error}.") from error
    if kept and await _opens(database, kept, workspace_id):
        return kept
    async with database.transaction() as connection:
        key = await create_key(connection, workspace_id=workspace_id, name=NAME)
        _keep(path, key.token)  # inside: a key that cannot be kept is not made
    return key.token


async def _opens(database: Database, token: str, workspace_id: UUID) -> bool:
    credential = KeyCredential(database)
    if not credential.recognises(token):
        return False
    try:
        return (await credential.principal(token)).workspace_id == workspace_id
    except RapportError as error:
        if error.status in (401, 403):  # unknown here, expired or revoked
            return False
        raise


def _keep(path: Path, token: str) -> None:
    """Readers see the whole file or the one before."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with suppress(FileNotFoundError):
            unfinished.unlink()
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{token}\n")
        unfinished.rename(path)
    except OSError as error:
        raise ConfigurationError(f"The API key of the demo cannot be kept in {path}: {error.strerror}.") from error
