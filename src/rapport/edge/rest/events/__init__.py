"""The change feed: what has happened to the records of a workspace, page by page or as it happens."""
