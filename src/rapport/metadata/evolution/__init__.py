"""Changes of a data model: from one catalog to the next, and the SQL that leads there. Does no input or output."""
