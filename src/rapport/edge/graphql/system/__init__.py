"""System operations at the GraphQL edge: SDL first, one resolver an operation."""

from rapport.edge.graphql.system.operations import InvalidRequest, PreparedOperations, SystemOperations, SystemResult

__all__ = ["InvalidRequest", "PreparedOperations", "SystemOperations", "SystemResult"]
