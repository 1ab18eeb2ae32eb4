"""The addresses that webhooks call, in the one form in which every program reads the same."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote, urlsplit

from rapport.webhooks.errors import InvalidTarget

LONGEST_TARGET = 2_048  # characters
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SAFE = "!$&'()*+,;=:@/%?~"  # what stays as it is in a path or a query
_LONGEST_HOST = 253
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII)
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*", re.ASCII)
_DOT, _DOTS = frozenset({".", "%2e"}), frozenset({"..", ".%2e", "%2e.", "%2e%2e"})


def normalised_target(text: str) -> str:
    """The address as it is stored; raises InvalidTarget.

    >>> normalised_target("HTTPS://A.b:443"), normalised_target("http://a.b:8080/x/../y z?q=ü")
    ('https://a.b/', 'http://a.b:8080/y%20z?q=%C3%BC')
    """
    text = text.strip(" \t\r\n")
    if len(text) > LONGEST_TARGET:
        raise InvalidTarget(f"The targetUrl of a webhook has at most {LONGEST_TARGET} characters.")
    # What one program takes for the end of the host, another one does not: nobody needs it.
    if not text.isprintable() or "\\" in text or "#" in text:
        raise InvalidTarget
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
        path, query = _path(parts.path), quote(parts.query, safe=_SAFE)
    except ValueError:  # UnicodeEncodeError, too
        raise InvalidTarget from None
    if parts.scheme not in _DEFAULT_PORTS or not host or set("@%") & set(parts.netloc) or port == 0:
        raise InvalidTarget
    shown_port = "" if port is None or port == _DEFAULT_PORTS[parts.scheme] else f":{port}"
    found = f"{parts.scheme}://{_host(host, is_bracketed='[' in parts.netloc)}{shown_port}{path}"
    found += f"?{query}" if query else ""
    if len(found) > LONGEST_TARGET:
        raise InvalidTarget(f"The targetUrl of a webhook has at most {LONGEST_TARGET} characters.")
    return found


def origin_of(target: str) -> str:
    """`https://hooks.example.com` of a target: what follows often lets in whoever knows it."""
    parts = urlsplit(target)
    return f"{parts.scheme}://{parts.netloc}"


def _host(host: str, *, is_bracketed: bool) -> str:
    try:
        if is_bracketed:
            return f"[{IPv6Address(host).compressed}]"
        ascii_host = (host if host.isascii() else _international(host)).lower().removesuffix(".")
        labels = ascii_host.split(".")
        if _NUMBER.fullmatch(labels[-1]):  # 127.1 and 0x7f000001 are addresses to some and names to others
            return str(IPv4Address(ascii_host))
    except (AddressValueError, UnicodeError):
        raise InvalidTarget from None
    if len(ascii_host) > _LONGEST_HOST or not all(_LABEL.fullmatch(label) for label in labels):
        raise InvalidTarget
    return ascii_host


def _international(host: str) -> str:
    """`münchen.example` → `xn--mnchen-3ya.example`"""
    import httpx  # it knows the names of today, which Python's own codec does not; few need it

    try:
        return httpx.URL(f"https://{host}/").raw_host.decode()
    except httpx.InvalidURL:
        raise InvalidTarget from None


def _path(path: str) -> str:
    """With a slash at its beginning, and without steps to where it is and back."""
    found: list[str] = []
    steps = path.split("/")[1:]
    for at, step in enumerate(steps):
        is_last = at == len(steps) - 1
        if step.lower() in _DOTS:
            del found[-1:]
        elif step.lower() not in _DOT:
            found.append(quote(step, safe=_SAFE))
            continue
        if is_last:
            found.append("")
    return "/" + "/".join(found)
