"""A server that the tests of one file share."""

from tests.edge.conftest import shared

__all__ = ["shared"]
