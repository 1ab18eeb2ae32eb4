"""The bearer token of a request."""


def bearer(authorization: bytes | None) -> str | None:
    """The token of an `Authorization` header; None without one, or when the header is of another scheme.

    Bytes that are no ASCII come through as odd characters, which no token has.

    >>> bearer(b"Bearer abc.def.ghi")
    'abc.def.ghi'
    """
    if authorization is None:
        return None
    scheme, _, token = authorization.partition(b" ")
    if scheme.lower() != b"bearer":
        return None
    return token.strip(b" \t").decode("latin-1") or None
