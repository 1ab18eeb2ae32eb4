"""The leaves: one class per kind of column."""
