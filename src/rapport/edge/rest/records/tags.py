"""Entity tags: what an answer says of the state of the one record in it.

`"<state>"` or `"<state>-<rest>"`: a digest of the record's own fields as the caller sees them, and one of what else may
differ from answer to answer: the records linked to it, and the signatures of links. The first is what PostgreSQL
computes of the row that it is about to change.
"""

import re
from binascii import hexlify
from hashlib import sha256
from typing import TypeAlias

from rapport.engine.writing import SIGNATURE

BYTES = 16  # of a digest; engine/writing cuts it, too
_FIRST = 9  # the shortest beginning is `{"data":{`
_END = b"\n"  # of the own fields, where others follow: plan.Last
_SIGNED, _SIGNATURE = b"/eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.", re.compile(SIGNATURE.encode())

Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]


def tag_header(body: bytes, *, is_partial: bool = False) -> Headers:
    """The ETag of an answer `{"data": {"person": {…}}}`, weak if fields are missing in it."""
    return ((b"etag", partial_tag(body) if is_partial else tag(body)),)


def tag(body: bytes) -> bytes:
    end = body.find(_END)
    own = body[body.index(b":", _FIRST) + 1 : -3 if end < 0 else end]
    rest = b"" if end < 0 else body[end:]
    if _SIGNED in own:
        own, rest = _SIGNATURE.sub(b"/", own), body
    state = _digest(own + b"}")
    return b'"%b-%b"' % (state, _digest(rest)) if rest else b'"%b"' % state


def partial_tag(body: bytes) -> bytes:
    return b'W/"%b"' % _digest(body)


def _digest(data: bytes) -> bytes:
    return hexlify(sha256(data).digest()[:BYTES])
