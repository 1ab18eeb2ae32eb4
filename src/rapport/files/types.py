"""What kind of file it is: found in its bytes, because neither its name nor its sender can be trusted."""

import re
from collections.abc import Mapping

from rapport.files.names import extension

SNIFFED = 4096  # bytes that are looked at
UNKNOWN = "application/octet-stream"

_TEXTS: Mapping[str, str] = {
    ".csv": "text/csv", ".tsv": "text/tab-separated-values", ".json": "application/json", ".md": "text/markdown",
    ".ics": "text/calendar", ".vcf": "text/vcard", ".xml": "application/xml", ".yaml": "application/yaml",
    ".yml": "application/yaml", ".eml": "message/rfc822", ".rtf": "application/rtf", ".css": "text/css",
    ".js": "text/javascript", ".mjs": "text/javascript", ".html": "text/html", ".htm": "text/html",
    ".xhtml": "application/xhtml+xml", ".svg": "image/svg+xml",
}  # fmt: skip
_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"
_ZIPPED: Mapping[str, str] = {
    ".docx": f"{_OFFICE}.wordprocessingml.document", ".xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    ".pptx": f"{_OFFICE}.presentationml.presentation", ".odt": f"{_OPEN}.text", ".ods": f"{_OPEN}.spreadsheet",
    ".odp": f"{_OPEN}.presentation", ".epub": "application/epub+zip",
}  # fmt: skip
_COMPOUND: Mapping[str, str] = {
    ".doc": "application/msword", ".xls": "application/vnd.ms-excel", ".ppt": "application/vnd.ms-powerpoint",
    ".msg": "application/vnd.ms-outlook",
}  # fmt: skip
# Where the library says something else than most, or cannot decide between a picture or a sound and a film.
_BRANDS: Mapping[bytes, str] = {
    b"M4A ": "audio/mp4", b"avif": "image/avif", b"avis": "image/avif", b"heic": "image/heic", b"heix": "image/heic",
    b"mif1": "image/heif", b"qt  ": "video/quicktime",
}  # fmt: skip
_NAMES: Mapping[str, str] = {
    "image/x-ms-bmp": "image/bmp", "image/vnd.microsoft.icon": "image/x-icon", "audio/wave": "audio/wav",
    "audio/x-wav": "audio/wav", "audio/x-flac": "audio/flac", "application/ogg": "audio/ogg",
    "application/x-gzip": "application/gzip",
}  # fmt: skip
_TYPE = re.compile(r"[a-z]{1,20}/[a-z0-9][a-z0-9.+-]{0,99}")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_ROOT = re.compile(rb"<([a-z][a-z0-9:]*)")
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|script|iframe|style|meta|title|base|link|form|a|img|div)\b")
# What browsers would run. It is kept, and its type is told, but never served under its type.
_ACTIVE = re.compile(r"(text|application)/([a-z0-9.+-]*(html|script|css|xsl|wasm|shockwave)[a-z0-9.+-]*)|multipart/.*")


def sniff(head: bytes, *, name: str, declared: str | None = None) -> str:
    """The type of a file that begins so. Its name and declared type count only where the bytes leave it open."""
    suffix = extension(name)
    if b"%PDF-" in head[:1024]:
        return "application/pdf"
    if _is_text(head):
        return _of_text(head, suffix)
    found = _of_bytes(head)
    if found == "application/zip":
        return _ZIPPED.get(suffix, found)
    if found == "application/x-ole-storage":
        return _COMPOUND.get(suffix, found)
    if found != UNKNOWN:
        return found
    given = (declared or "").partition(";")[0].strip().lower()
    is_open = _TYPE.fullmatch(given) and not given.startswith(("text/", "image/", "multipart/", "message/"))
    return given if is_open and not _ACTIVE.fullmatch(given) else UNKNOWN


def served_as(mime_type: str) -> str:
    """The Content-Type of an answer with such a file."""
    if _ACTIVE.fullmatch(mime_type):
        return UNKNOWN
    return f"{mime_type}; charset=utf-8" if mime_type.startswith("text/") else mime_type


def is_shown(mime_type: str) -> bool:
    """Whether browsers may show such a file; others they keep."""
    return mime_type in ("application/pdf", "text/plain") or (
        mime_type.startswith(("image/", "audio/", "video/")) and mime_type != "image/svg+xml"
    )


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16
        return True
    if _CONTROLS.search(head):
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:  # else a character is cut in two
            return sum(byte > 0x7F for byte in head) * 4 < len(head)  # an older encoding: some letters with accents
    return True


def _of_text(head: bytes, suffix: str) -> str:
    text = head
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = head.decode("utf-16", "replace").encode()
    text = text.removeprefix(b"\xef\xbb\xbf").lower()
    root = _root(text)
    if root in (b"svg", b"svg:svg"):
        return "image/svg+xml"
    if _HTML.match(text.lstrip()) or root == b"html":
        return "application/xhtml+xml" if text.lstrip().startswith(b"<?xml") else "text/html"
    if suffix in _TEXTS:
        return _TEXTS[suffix]
    return "application/xml" if text.lstrip().startswith(b"<?xml") else "text/plain"


def _root(text: bytes) -> bytes:
    """The name of the first element, behind comments and declarations; empty where there is none."""
    while True:
        text = text.lstrip()
        if text.startswith(b"<?"):
            end = b"?>"
        elif text.startswith(b"<!--"):
            end = b"-->"
        elif text.startswith(b"<!"):
            end = b"]>" if b"[" in text[: text.find(b">") + 1] else b">"
        else:
            found = _ROOT.match(text)
            return found[1] if found else b""
        _, end, text = text.partition(end)
        if not end:
            return b""


def _of_bytes(head: bytes) -> str:
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    if head.startswith(b"PK\x03\x04"):
        return "application/zip"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "application/x-ole-storage"
    if head.startswith((b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")):
        return "audio/mpeg"
    import puremagic  # its table of signatures takes a moment and some memory

    try:
        matches = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return UNKNOWN
    for match in matches:
        if _TYPE.fullmatch(match.mime_type):
            return _NAMES.get(match.mime_type, match.mime_type)
    return UNKNOWN
