"""Proves that the metadata of a workspace and its tables agree, and mends what can be mended without a loss."""

from rapport.metadata.doctor.difference import Difference
from rapport.metadata.doctor.mending import Mended, look, mend
from rapport.metadata.doctor.reference import Reference
from rapport.metadata.doctor.rows import row_mending

__all__ = ["Difference", "Mended", "Reference", "look", "mend", "row_mending"]
