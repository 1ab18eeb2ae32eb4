"""The full GraphQL schema of one data model, as text: for introspection only, nothing is executed against it."""
