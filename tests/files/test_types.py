"""The kind of a file is found in its bytes."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from rapport.files.types import UNKNOWN, is_shown, served_as, sniff


def picture(kind: str) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (3, 3)).save(made, kind)
    return made.getvalue()


def archive(name: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr(name, "<x/>")
    return made.getvalue()


def box(brand: bytes) -> bytes:
    return b"\0\0\0\x20ftyp" + brand + b"\0" * 100


ZEROS = b"\0" * 100
COMPOUND = bytes.fromhex("D0CF11E0A1B11AE1") + ZEROS
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("head", "name", "expected"),
    [
        (picture("PNG"), "a.png", "image/png"),
        (picture("PNG"), "a.html", "image/png"),
        (picture("JPEG"), "", "image/jpeg"),
        (picture("GIF"), "a.txt", "image/gif"),
        (picture("WEBP"), "a", "image/webp"),
        (picture("BMP"), "a", "image/bmp"),
        (picture("TIFF"), "a", "image/tiff"),
        (box(b"avif"), "a", "image/avif"),
        (box(b"isom"), "a", "video/mp4"),
        (box(b"qt  "), "a", "video/quicktime"),
        (box(b"M4A "), "a", "audio/mp4"),
        (b"RIFF\x24\0\0\0WAVEfmt " + ZEROS, "a", "audio/wav"),
        (b"ID3\x03\0\0\0" + ZEROS, "a", "audio/mpeg"),
        (b"OggS\0\2" + ZEROS, "a", "audio/ogg"),
        (b"%PDF-1.7\n%\xe2\xe3", "a", "application/pdf"),
        (b"\x1f\x8b\x08\0" + ZEROS, "a", "application/gzip"),
        (archive("word/document.xml"), "Letter.DOCX", WORD),
        (archive("a.txt"), "a.zip", "application/zip"),
        (archive("a.txt"), "a.png", "application/zip"),
        (COMPOUND, "a.xls", "application/vnd.ms-excel"),
        (COMPOUND, "a", "application/x-ole-storage"),
        (b"a,b\n1,2\n", "a.csv", "text/csv"),
        (b"{}", "a.json", "application/json"),
        (b"hello", "a", "text/plain"),
        (b"BMW is a car\n", "a.png", "text/plain"),
        ("Prüfung".encode("latin-1") * 9, "a.txt", "text/plain"),
        ("Prüfung €".encode() [:-1], "a.txt", "text/plain"),
        ("a,ü".encode("utf-16"), "a.csv", "text/csv"),
        (b"", "a", "text/plain"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "a.txt", "text/html"),
        (b"\xef\xbb\xbf  <HTML>", "a.png", "text/html"),
        ("<script>x</script>".encode("utf-16"), "a.txt", "text/html"),
        (b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>", "a", "application/xhtml+xml"),
        (b"<svg onload='alert(1)'/>", "a.txt", "image/svg+xml"),
        (b"<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY a 'b'>]><!-- > --><svg/>", "a", "image/svg+xml"),
        (b"not svg", "a.svg", "image/svg+xml"),
        (b"<?xml version='1.0'?><a/>", "a", "application/xml"),
        (b"alert(1)", "a.js", "text/javascript"),
        (bytes(range(7, 200)), "a.png", UNKNOWN),
    ],
)  # fmt: skip
def test_the_bytes_decide(head: bytes, name: str, expected: str) -> None:
    assert sniff(head, name=name, declared="text/html") == expected


def test_what_was_declared_counts_where_the_bytes_leave_it_open() -> None:
    odd = bytes(range(7, 200))

    assert sniff(odd, name="a", declared="application/x-acme; v=1") == "application/x-acme"
    for declared in (
        "text/html",
        "image/svg+xml",
        "application/xhtml+xml",
        "application/javascript",
        "a\r\nb",
        "x" * 999,
    ):
        assert sniff(odd, name="a", declared=declared) == UNKNOWN


@pytest.mark.parametrize(
    "active",
    ["text/html", "application/xhtml+xml", "text/javascript", "application/javascript", "text/css", "application/wasm"],
)
def test_nothing_is_served_as_what_browsers_run(active: str) -> None:
    assert (served_as(active), is_shown(active)) == (UNKNOWN, False)
    assert not is_shown("image/svg+xml")
    assert served_as("text/plain") == "text/plain; charset=utf-8"


@given(st.binary(max_size=4096), st.sampled_from(["a.html", "a.svg", "a.js", "a"]))
def test_no_bytes_are_shown_as_a_page_or_break_a_header(head: bytes, name: str) -> None:
    found = sniff(head, name=name, declared="text/html")

    assert served_as(found).isprintable()
    assert served_as(found).isascii()
    assert is_shown(found) is (
        found in ("application/pdf", "text/plain")
        or (found.split("/")[0] in ("image", "audio", "video") and "svg" not in found)
    )


def test_comments_by_the_hundred_take_no_time() -> None:
    assert sniff(b"<!---->" * 580, name="a") == "text/plain"
