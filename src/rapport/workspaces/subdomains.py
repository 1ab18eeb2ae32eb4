"""Subdomains of workspaces: which are allowed, and how one is made up for a workspace that asked for none."""

import re
import secrets
import unicodedata
from collections.abc import Iterator

from rapport.workspaces.company_domain import company_domain
from rapport.workspaces.errors import InvalidSubdomain

SHORTEST, LONGEST = 3, 30
_ALLOWED = re.compile(r"(?!api-)[a-z0-9][a-z0-9-]{1,28}[a-z0-9]")
_TRIES = 20

# Names that an installation, its operators or attackers would give to hosts of another kind.
RESERVED = frozenset(
    """
    about abuse access account accounts admin administrator api app apps assets auth autoconfig autodiscover backup beta
    billing blog bot broadcasthost bugs cache careers cdn chat cloud code community config console contact crm cpanel
    dashboard data database db demo dev developer developers dns docs documentation download downloads email enterprise
    error events example faq feedback files forum forums front frontend ftp git github graphql guest health help home
    hostmaster hr http https id imap images img info internal invite invoice jobs ldap legal live load local localhost
    log login logout logs mail mailer marketing media metrics mobile monitor monitoring mx mysql new news newsletter
    noc ns1 ns2 ns3 oauth office official openid owa pages partner partners pay payment payments pop pop3 portal
    postgres postmaster preprod press preview pricing privacy private prod production profile proxy public qa queue
    redis register registration remote report rest root sales sandbox saml search secret secure security server
    service services settings setup shop signin signup site smtp sso staff stage staging static stats status store
    storage stripe support survey sync sysadmin system team telemetry terms test testing tests token tools trust
    unsubscribe update updates upload uploads usenet user users uucp verify video vpn webhook webhooks webmail webmaster
    welcome wiki workspace workspaces wpad www www1 www2 www3
    """.split()  # noqa: SIM905  # three hundred quotes would hide the words
)


def checked(subdomain: str) -> str:
    """The subdomain as it is kept, in small letters; raises InvalidSubdomain, which says what is wrong."""
    wanted = subdomain.strip().lower()
    if not _ALLOWED.fullmatch(wanted):
        raise InvalidSubdomain(
            f"A subdomain has {SHORTEST} to {LONGEST} small letters, digits and hyphens, begins and ends with a letter"
            " or digit, and does not begin with api-."
        )
    if wanted in RESERVED:
        raise InvalidSubdomain(f"The subdomain {wanted} is reserved.")
    return wanted


def proposals(*, name: str | None, email: str | None = None) -> Iterator[str]:
    """Subdomains for a new workspace, the nicest first: after its name, its founder's company, or by chance."""
    domain = company_domain(email) if email else None
    for wish in (_slug(name or ""), _slug(domain.split(".")[0]) if domain else ""):
        if _is_allowed(wish):
            yield wish
    stem = next((each for each in (_slug(name or ""), _slug((domain or "").split(".")[0])) if each), "workspace")
    for _ in range(_TRIES):
        proposal = f"{stem[: LONGEST - 7].rstrip('-')}-{secrets.token_hex(3)}"
        yield proposal if _is_allowed(proposal) else f"workspace-{secrets.token_hex(6)}"


def _is_allowed(subdomain: str) -> bool:
    return _ALLOWED.fullmatch(subdomain) is not None and subdomain not in RESERVED


def _slug(text: str) -> str:
    """`Crème & Søn Ltd.` → `creme-sn-ltd`"""
    plain = unicodedata.normalize("NFKD", text[:200]).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].rstrip("-")
