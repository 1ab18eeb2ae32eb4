"""Descriptions of the REST API (OpenAPI 3.1), made from the data model as the caller's role sees it."""
