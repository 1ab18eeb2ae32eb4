"""Invitations to a workspace: by mail, by its public link, by the domain of the address."""
