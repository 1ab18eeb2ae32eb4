"""What can go wrong with a workspace."""

from rapport.base.errors import BadUserInput


class SubdomainTaken(BadUserInput):
    """Subdomain already taken"""

    sub_code = "SUBDOMAIN_ALREADY_TAKEN"
