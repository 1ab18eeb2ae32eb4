"""SVG made harmless: an allow-list of elements and attributes; the rest is left out (system-api.md §25).

An SVG is a program as much as a picture: opened by itself it may run scripts and fetch what its author likes. What
remains here draws shapes, texts and pictures that it brings itself.
"""

import re
from typing import TYPE_CHECKING

from rapport.files.errors import InvalidImage

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MOST_BYTES = 2_000_000
LOOKED_AT = 65_536  # bytes in which an SVG has begun
_MOST_ELEMENTS = 50_000
_DEEPEST = 100

_SVG = "http://www.w3.org/2000/svg"
_XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"

# No script, foreignObject, handler, iframe or audio, and no animation: it can set links that were not there.
_ELEMENTS = frozenset(
    """
    circle clipPath defs desc ellipse feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix
    feDiffuseLighting feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR
    feGaussianBlur feImage feMerge feMergeNode feMorphology feOffset fePointLight feSpecularLighting feSpotLight feTile
    feTurbulence filter g image line linearGradient marker mask path pattern polygon polyline radialGradient
    rect stop style svg switch symbol text textPath title tspan use view
    """.split()  # noqa: SIM905  # a hundred names in quotes and with commas would be harder to read
)
_ATTRIBUTES = frozenset(
    """
    alignment-baseline amplitude azimuth baseFrequency baseline-shift bias class clip clip-path clip-rule clipPathUnits
    color color-interpolation color-interpolation-filters color-rendering cx cy d diffuseConstant direction display
    divisor dominant-baseline dx dy edgeMode elevation enable-background exponent fill fill-opacity fill-rule filter
    filterUnits flood-color flood-opacity font-family font-size font-size-adjust font-stretch font-style font-variant
    font-weight fr fx fy gradientTransform gradientUnits height id image-rendering in in2 intercept isolation
    k1 k2 k3 k4 kernelMatrix kernelUnitLength lengthAdjust letter-spacing lighting-color limitingConeAngle
    marker-end marker-mid marker-start markerHeight markerUnits markerWidth mask mask-type maskContentUnits maskUnits
    method mix-blend-mode mode numOctaves offset opacity operator order orient overflow paint-order pathLength
    patternContentUnits patternTransform patternUnits points pointsAtX pointsAtY pointsAtZ preserveAlpha
    preserveAspectRatio primitiveUnits r radius refX refY result rotate rx ry scale seed shape-rendering side
    slope spacing specularConstant specularExponent spreadMethod startOffset stdDeviation stitchTiles stop-color
    stop-opacity stroke stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit
    stroke-opacity stroke-width style surfaceScale tableValues targetX targetY text-anchor text-decoration
    text-rendering textLength transform transform-origin type unicode-bidi values vector-effect version viewBox
    visibility width word-spacing writing-mode x x1 x2 xChannelSelector y y1 y2 yChannelSelector z
    """.split()  # noqa: SIM905  # a hundred names in quotes and with commas would be harder to read
)

_LOCAL = re.compile(r"#[^\s\"'<>()]++")
_PICTURE = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=\s]+")
_PICTURES = frozenset({"image", "feImage"})
# `url(#name)`, which stays. Without backtracking: there may be as many as fit.
_REFERENCE = re.compile(
    rf"""url\(\s*+(?:{_LOCAL.pattern}|'{_LOCAL.pattern}'|"{_LOCAL.pattern}")\s*+\)""", re.IGNORECASE
)
# Rules that import, escapes and comments that hide what is meant, and functions that fetch without `url`.
_SUSPICIOUS = re.compile(
    r"[\\@<]|/\*|(?:java|vb)script:|data:|expression\s*\(|-moz-binding|image-set\s*\(|behavior\s*:", re.IGNORECASE
)


def looks_like_svg(beginning: bytes) -> bool:
    """Whether somebody may take a file that begins so for an SVG.

    >>> looks_like_svg(b'<?xml version="1.0"?><svg/>'), looks_like_svg(b"<html>"), looks_like_svg(b"PNG <svg")
    (True, False, False)
    """
    text = beginning[:LOOKED_AT].replace(b"\x00", b"")  # of UTF-16 what is ASCII
    return text.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<") and b"<svg" in _without_prefixes(text)


def harmless_svg(data: bytes) -> bytes:
    """The same picture without what could do harm. Raises InvalidImage when it is no SVG, or too large a one."""
    if len(data) > MOST_BYTES:
        raise InvalidImage(f"An SVG has at most {MOST_BYTES} bytes.")
    from xml.etree.ElementTree import ParseError, tostring

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(data, forbid_entities=True, forbid_external=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise InvalidImage("The SVG cannot be read.") from None
    if _local(root.tag) != "svg":
        raise InvalidImage("The SVG cannot be read.")
    cleaned = _Cleaner().clean(root, 0)
    cleaned.set("xmlns", _SVG)
    written: bytes = tostring(cleaned, encoding="utf-8", xml_declaration=True)
    return written


class _Cleaner:
    def __init__(self) -> None:
        self._elements = 0

    def clean(self, element: "Element", depth: int) -> "Element":
        from xml.etree.ElementTree import Element

        self._elements += 1
        if self._elements > _MOST_ELEMENTS or depth > _DEEPEST:
            raise InvalidImage("The SVG has too many elements, or they are nested too deeply.")
        name = _local(element.tag)
        assert name is not None
        cleaned = Element(name)
        for attribute, value in element.attrib.items():
            self._attribute(cleaned, attribute, value)
        if name == "style":
            cleaned.text = _style("".join(element.itertext()))
            return cleaned
        cleaned.text = element.text
        for child in element:
            local = _local(child.tag)
            if local is not None:
                kept = self.clean(child, depth + 1)
                kept.tail = child.tail
                cleaned.append(kept)
        return cleaned

    def _attribute(self, cleaned: "Element", name: str, value: str) -> None:
        if name in ("href", _XLINK_HREF):
            value = value.strip()
            if _LOCAL.fullmatch(value) or (cleaned.tag in _PICTURES and _PICTURE.fullmatch(value)):
                cleaned.set("href", value)
        elif name == _XML_SPACE:
            cleaned.set("xml:space", value)
        elif name in _ATTRIBUTES and _is_harmless(value):
            cleaned.set(name, value)


def _local(tag: object) -> str | None:
    """The name of an element that may stay. Links become groups: what is in them is shown, and they lead nowhere."""
    if not isinstance(tag, str):
        return None  # a comment or a processing instruction
    namespace, _, name = tag.removeprefix("{").rpartition("}")
    if namespace not in ("", _SVG):
        return None
    return "g" if name == "a" else name if name in _ELEMENTS else None


def _style(text: str) -> str:
    return text if _is_harmless(text) else ""


def _is_harmless(value: str) -> bool:
    """Whether a value of CSS, or an attribute that may be one, refers to nothing beyond the picture itself."""
    if _SUSPICIOUS.search(value):
        return False
    return "url" not in _REFERENCE.sub("", value).lower()


def _without_prefixes(text: bytes) -> bytes:
    """`<s:svg` as `<svg`"""
    return re.sub(rb"<[\w.-]+:", b"<", text)
