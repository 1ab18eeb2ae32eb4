"""Files of workspaces: what is known of them in PostgreSQL, their bytes in a folder or an object store."""
