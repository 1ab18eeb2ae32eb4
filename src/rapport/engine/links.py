"""Paths of files as links that open them, signed by PostgreSQL: Python does not look into answers.

What is signed is what files/links.py signs. There is no hmac() without an extension, but HMAC is two hashes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from rapport.engine.sql import Parameters, Value

# The folders whose files members see. What is in no folder, such as an address on the web, is shown as it is.
_FOLDERS = "agent-chat,attachment,file,files-field,person-picture,profile-picture,workspace-logo"


@dataclass(frozen=True, kw_only=True)
class Signing:
    """What makes a path of one workspace a link: `<start><folders>/<token>/<name>`, the token an HS256 JWT.

    The ``texts`` are lines: the start, the header of the token with its dot, and the claims before and after the name
    of the file. The ``keys`` are those of HMAC's two hashes, 64 bytes each. They are values of a statement, never in
    its text.
    """

    texts: str
    keys: bytes


# Gives what signs when a statement has something to sign, which few have. Among the values of a request.
Signer: TypeAlias = Callable[[], Signing]
SIGNER = "@signer"


def _value(sql_type: str, read: Callable[[Signing], object]) -> Value:
    def convert(signer: object) -> object:
        # Without a signer paths are shown as they are stored: exports, for one, can be brought back so.
        return read(signer()) if callable(signer) else None

    return Value(sql_type=sql_type, path=(SIGNER,), convert=convert)


_TEXTS = _value("text", lambda signing: signing.texts)
_KEYS = _value("bytea", lambda signing: signing.keys)


def link_json(path: str, parameters: Parameters) -> str:
    """SQL of the JSON of a link, from SQL of a path; NULL when that is. That most have no file comes first."""
    texts, keys = parameters.add(_TEXTS), parameters.add(_KEYS)
    start, before, claims_before, claims_after = (rf"split_part({texts}, E'\n', {place})" for place in (1, 2, 3, 4))
    inner, outer = f"substr({keys}, 1, 64)", f"substr({keys}, 65)"
    name = f"split_part({path}, '/', -1)"
    claims = _base64url(f"convert_to({claims_before} || to_json({name})::text || {claims_after}, 'UTF8')")
    signature = _base64url(f"sha256({outer} || sha256({inner} || convert_to(t.signed, 'UTF8')))")
    # OFFSET 0 keeps PostgreSQL from computing it twice.
    token = f"(select t.signed || '.' || {signature} from (select {before} || {claims} as signed offset 0) t)"
    link = f"to_json({start} || left({path}, -length({name})) || {token} || '/' || {name})::text"
    is_path = (
        f"split_part({path}, '/', 1) = any ('{{{_FOLDERS}}}') and split_part({path}, '/', 2) <> '' "
        f"and {texts} is not null"
    )
    return (
        f"case when coalesce({path}, '') = '' or starts_with({path}, 'http') then to_json({path})::text "
        f"when {is_path} then {link} else to_json({path})::text end"
    )


def _base64url(data: str) -> str:
    """Several times faster than translate() would be."""
    return rf"replace(replace(replace(rtrim(encode({data}, 'base64'), '='), '+', '-'), '/', '_'), E'\n', '')"
