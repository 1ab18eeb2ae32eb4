"""A database that the tests of one file share: they differ in the settings of the server before it."""

from tests.edge.traffic.conftest import home

__all__ = ["home"]
