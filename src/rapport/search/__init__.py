"""Search: one question over the records of all objects that can be searched."""

from importlib.resources import files


def schema() -> str:
    """The SDL of the area's system operations."""
    return files(__name__).joinpath("schema.graphql").read_text(encoding="utf-8")
