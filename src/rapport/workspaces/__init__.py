"""Workspaces: making one, and its members."""
