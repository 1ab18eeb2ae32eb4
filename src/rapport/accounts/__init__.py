"""Accounts: people who sign in, their passwords and their tokens."""

from importlib.resources import files


def schema() -> str:
    """The SDL of the area's system operations."""
    return files(__name__).joinpath("schema.graphql").read_text(encoding="utf-8")
