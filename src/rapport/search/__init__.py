"""Search: one question over the records of all objects that can be searched."""
