"""What clients tell of what people do: notes about records, kept in the audit log."""
