"""Paths of files as links that open them, signed by PostgreSQL: Python does not look into answers.

What is signed is what files/links.py signs. There is no hmac() without an extension, but HMAC is two hashes.
"""

from collections.abc import Callable
from typing import TypeAlias

from rapport.engine.sql import Parameters, Value

# The folders whose files members see. What is in no folder, such as an address on the web, is shown as it is.
_FOLDERS = "agent-chat,attachment,file,files-field,person-picture,profile-picture,workspace-logo"


# Gives what signs when a statement has something to sign, which few have. Among the values of a request. Six lines: the
# start of a link, the header of the token with its dot, the claims before and after the name of the file, and the keys
# of HMAC's two hashes in hexadecimal digits, 64 bytes each. It is a value of a statement, never in its text.
Signer: TypeAlias = Callable[[], str]
SIGNER = "@signer"


def _signing(signer: object) -> object:
    # Without a signer paths are shown as they are stored: exports, for one, can be brought back so.
    return signer() if callable(signer) else None


_SIGNING = Value(sql_type="text", path=(SIGNER,), convert=_signing)


def link_json(path: str, parameters: Parameters) -> str:
    """SQL of the JSON of a link, from SQL of a path; NULL when that is. That most have no file comes first."""
    signing = parameters.add(_SIGNING)
    lines = [rf"split_part({signing}, E'\n', {place})" for place in range(1, 7)]
    start, before, claims_before, claims_after = lines[:4]
    inner, outer = (f"decode({line}, 'hex')" for line in lines[4:])
    name = f"split_part({path}, '/', -1)"
    claims = _base64url(f"convert_to({claims_before} || to_json({name})::text || {claims_after}, 'UTF8')")
    signature = _base64url(f"sha256({outer} || sha256({inner} || convert_to(t.signed, 'UTF8')))")
    # OFFSET 0 keeps PostgreSQL from computing it twice.
    token = f"(select t.signed || '.' || {signature} from (select {before} || {claims} as signed offset 0) t)"
    link = f"to_json({start} || left({path}, -length({name})) || {token} || '/' || {name})::text"
    is_path = (
        f"split_part({path}, '/', 1) = any ('{{{_FOLDERS}}}') and split_part({path}, '/', 2) <> '' "
        f"and {signing} is not null"
    )
    return (
        f"case when coalesce({path}, '') = '' or starts_with({path}, 'http') then to_json({path})::text "
        f"when {is_path} then {link} else to_json({path})::text end"
    )


def _base64url(data: str) -> str:
    """Several times faster than translate() would be."""
    return rf"replace(replace(replace(rtrim(encode({data}, 'base64'), '='), '+', '-'), '/', '_'), E'\n', '')"
