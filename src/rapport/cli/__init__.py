"""The command line `rapport`."""

from rapport.cli.main import main

__all__ = ["main"]
