"""Roles: what their holders may see and do, and who has which."""
