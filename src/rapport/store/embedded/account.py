"""The system account that the server process runs under: PostgreSQL refuses to run as root."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from rapport.base.errors import ConfigurationError

USUAL_ACCOUNTS = ("postgres", "nobody")


class ProcessOptions(TypedDict):
    """Arguments of ``subprocess.Popen`` that make a process run under an account."""

    user: int | None
    group: int | None
    extra_groups: list[int] | None


@dataclass(frozen=True, kw_only=True)
class Account:
    """An unprivileged account of this machine."""

    name: str
    user: int
    group: int

    def own(self, path: Path) -> None:
        os.chown(path, self.user, self.group, follow_symlinks=False)

    def own_all(self, tree: Path) -> None:
        self.own(tree)
        for folder, folders, names in os.walk(tree):
            for name in folders + names:
                self.own(Path(folder, name))


def process_options(account: Account | None) -> ProcessOptions:
    """For a process under this account; None: under our own."""
    if account is None:
        return {"user": None, "group": None, "extra_groups": None}
    return {"user": account.user, "group": account.group, "extra_groups": []}


def choose_account(cluster: Path, wanted: str | None) -> Account | None:
    """The account for the server of this data directory; None: our own, which is not root's.

    As root: the owner of an existing directory, or else the account that is wanted, or else a usual one.
    """
    chosen = _named(wanted) if wanted else None
    me = os.geteuid()
    owner = cluster.stat().st_uid if cluster.exists() else None
    if me != 0:
        if owner not in (None, me):
            raise ConfigurationError(
                f"{cluster} belongs to another account ({_name(owner)}); start as that or as root."
            )
        return None
    try:
        if owner:
            if chosen is not None and chosen.pw_uid != owner:
                raise ConfigurationError(
                    f"RAPPORT_POSTGRES_ACCOUNT is {wanted}, and {cluster} belongs to {_name(owner)}: leave the setting"
                    f" out, or give the folder to {wanted} (chown -R)."
                )
            return _account(pwd.getpwuid(owner))
        if chosen is not None:
            return _account(chosen)
        for name in USUAL_ACCOUNTS:
            try:
                return _account(pwd.getpwnam(name))
            except KeyError:
                continue
    except KeyError:
        raise ConfigurationError(f"{cluster} belongs to user id {owner}, which has no account here.") from None
    raise ConfigurationError(
        "PostgreSQL does not run as root, and this machine has no account `postgres` or `nobody`:"
        " name another in RAPPORT_POSTGRES_ACCOUNT, or start as a normal user."
    )


def _named(name: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        raise ConfigurationError(
            f"RAPPORT_POSTGRES_ACCOUNT: there is no account named {name} on this machine."
        ) from None


def _account(entry: pwd.struct_passwd) -> Account:
    if entry.pw_uid == 0:
        raise ConfigurationError("RAPPORT_POSTGRES_ACCOUNT must not be root: PostgreSQL refuses that.")
    return Account(name=entry.pw_name, user=entry.pw_uid, group=entry.pw_gid)


def _name(user: int | None) -> str:
    try:
        return pwd.getpwuid(user or 0).pw_name
    except KeyError:
        return f"user id {user}"
