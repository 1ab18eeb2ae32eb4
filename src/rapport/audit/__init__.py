"""The audit log: who signed in, who acted in whose name, who changed what others may do."""
