"""SVG: what draws stays, what acts or fetches goes."""

import re

import pytest
from defusedxml.ElementTree import fromstring

from rapport.files.errors import InvalidImage
from rapport.files.svg import harmless_svg, looks_like_svg
from tests.files.uploading import LOGO, UPLOAD_FILE, link, uploaded
from tests.serving import Client

SVG = 'xmlns="http://www.w3.org/2000/svg"'
XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
PIXEL = "data:image/png;base64,iVBORw0KGgo="


def cleaned(inside: str, more: str = "") -> str:
    text = harmless_svg(f"<svg {SVG} {XLINK} {more}>{inside}</svg>".encode()).decode()
    return text[text.index("<svg") :]


def test_a_drawing_stays_as_it_is() -> None:
    drawing = f"""<svg {SVG} {XLINK} viewBox="0 0 10 10" width="10">
      <title>A &amp; B</title>
      <defs><linearGradient id="g"><stop offset="0" stop-color="#fff"/></linearGradient>
        <style>.a {{ fill: url(#g); stroke: red }}</style></defs>
      <g transform="rotate(3)" style="opacity: .5; fill: url('#g')"><path d="M0 0L1 1z" class="a" fill="url(#g)"/></g>
      <use xlink:href="#g" x="1"/><image href="{PIXEL}" width="1"/><text x="1">T<tspan dy="2">s</tspan>!</text>
    </svg>"""
    found = fromstring(harmless_svg(drawing.encode()))

    def shown(element: object) -> object:
        attributes = {name.rpartition("}")[2]: value for name, value in element.attrib.items()}  # type: ignore[attr-defined]
        return element.tag, attributes, element.text, element.tail, [shown(each) for each in element]  # type: ignore[attr-defined]

    assert shown(found) == shown(fromstring(drawing))


def test_editors_leave_their_notes_and_the_drawing_stays() -> None:
    drawing = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
      <!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
      <?xml-stylesheet href="https://evil.example/a.css"?><!-- <svg> by hand -->
      <s:svg xmlns:s="http://www.w3.org/2000/svg" xmlns:ink="http://ink.example" ink:version="1">
        <s:metadata><x/></s:metadata><ink:named ink:zoom="1"/><s:rect width="1" ink:label="x"/></s:svg>"""
    assert looks_like_svg(drawing.encode())
    found = harmless_svg(drawing.encode()).decode()
    assert re.sub(r"\s+", " ", found[found.index("<svg") :]) == f'<svg {SVG}> <rect width="1" /></svg>'


HARMFUL = (
    "<script>alert(1)</script>",
    "<SCRIPT>alert(1)</SCRIPT>",
    '<script href="https://evil.example/a.js"/>',
    '<script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script>',
    '<rect onclick="alert(1)"/>',
    '<rect ONLOAD="alert(1)"/>',
    '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><iframe src="https://evil.example"/></body></foreignObject>',
    '<image href="https://evil.example/a.png"/>',
    '<image xlink:href="//evil.example/a.png"/>',
    '<image href="file:///etc/passwd"/>',
    '<image href="data:image/svg+xml;base64,PHN2Zy8+"/>',
    '<image href="data:text/html,evil"/>',
    '<use href="https://evil.example/a.svg#x"/>',
    '<use href="data:image/svg+xml,evil#x"/>',
    f'<use href="{PIXEL}?evil"/>',
    '<a href="javascript:alert(1)"><rect/></a>',
    '<a xlink:href="java&#10;script:alert(1)"><rect/></a>',
    '<rect style="fill: url(https://evil.example/a)"/>',
    '<rect style="background: URL( \'https://evil.example/a\' )"/>',
    '<rect style="fill: u\\72l(https://evil.example/a)"/>',
    '<rect style="fill: url(#a) url(https://evil.example/a)"/>',
    '<rect style="fill: url(#a);/**/background:u/**/rl(https://evil.example)"/>',
    '<rect style="background: image-set(\'https://evil.example/a\' 1x)"/>',
    '<rect style="behavior: evil"/>',
    '<rect fill="url(https://evil.example/a)"/>',
    '<rect filter="url(&quot;//evil.example/a&quot;)"/>',
    '<rect fill="url(https://evil.example/a"/>',
    "<style>@import 'https://evil.example/a.css';</style>",
    "<style>@font-face { src: url(https://evil.example/a) }</style>",
    "<style>rect { fill: url(data:image/svg+xml,evil) }</style>",
    "<style><![CDATA[</style><script>alert(1)</script>]]></style>",
    "<style>rect{}<g>@import 'https://evil.example'</g></style>",
    '<set attributeName="href" to="javascript:alert(1)"/>',
    '<animate attributeName="href" values="javascript:alert(1)"/>',
    '<iframe src="https://evil.example"/>',
    '<audio src="https://evil.example"/>',
    '<handler type="text/javascript">alert(1)</handler>',
    '<rect xml:base="https://evil.example"/>',
    '<text>x<script>alert(1)</script></text>',
    "<switch><script>alert(1)</script></switch>",
    "<!-- <script>alert(1)</script> -->",
    "<?php alert(1) ?>",
)  # fmt: skip


@pytest.mark.parametrize("inside", HARMFUL)
def test_what_acts_or_fetches_goes(inside: str) -> None:
    found = cleaned(inside, 'onload="alert(1)" xmlns:e="https://evil.example"')
    assert not re.search("alert|evil|passwd|script|on[a-z]+=|iframe|base|import|php|handler", found, re.IGNORECASE), (
        found
    )
    fromstring(found)


def test_what_cannot_be_read_is_refused() -> None:
    laughs = '<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>' + f"<svg {SVG}><text>&b;</text></svg>"
    outside = f'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg {SVG}><text>&a;</text></svg>'
    for text in (
        "", "<svg", "<svg></g>", "<html/>", "no", laughs, outside, f"<svg {SVG}>{'<g>' * 200}{'</g>' * 200}</svg>",
        f"<svg {SVG}>{'<g/>' * 60_000}</svg>", f"<svg {SVG}><text>{'x' * 2_000_000}</text></svg>",
        '<?xml version="1.0" encoding="nonsense"?><svg/>', '<svg xmlns="https://evil.example"/>', "<svg>\x00</svg>",
    ):  # fmt: skip
        with pytest.raises(InvalidImage):
            harmless_svg(text.encode())


def test_much_of_the_same_is_read_once() -> None:
    many = 100_000
    for inside in (
        f"<style>{'url(' * many}</style>", f"<style>{'url(#' * many}</style>", f"<style>url({' ' * 9 * many}</style>",
        f'<rect fill="{"url(#a) " * many} url("/>', f'<image href="data:image/png;base64,{"A" * 9 * many}!"/>',
        f"<style>{'expression ' * many}(</style>", f"<style>{'expression(' * many}</style>",
    ):  # fmt: skip
        assert len(cleaned(inside)) < 200 or "expression " in inside, inside[:40]
    assert not looks_like_svg(b"<a" + b":<a" * many + b"<svg")


async def test_whichever_way_it_comes_an_svg_is_made_harmless(client: Client) -> None:
    drawing = f'<svg {SVG} onload="alert(1)"><rect width="1"/><script>alert(2)</script></svg>'
    for name, data, declared in (
        ("a.svg", drawing.encode(), "image/svg+xml"),
        ("a.txt", drawing.encode(), "text/plain"),
        ("a", b"\xef\xbb\xbf \n" + drawing.encode(), "application/octet-stream"),
        ("a.svg", f'<?xml version="1.0" encoding="utf-16"?>{drawing}'.encode("utf-16"), "image/svg+xml"),
        ("a.xml", f"<!--{'-x' * 3_000}-->{drawing}".encode(), "text/xml"),
    ):
        signed = await uploaded(client, UPLOAD_FILE, (name, data, declared))
        fetched = await client.http.get(link(client, signed))
        assert b"alert" not in fetched.content, name
        assert b'<rect width="1"' in fetched.content
    signed = await uploaded(client, LOGO, ("logo.png", drawing.encode(), "image/png"))
    assert signed["path"].endswith(".svg")
    fetched = await client.http.get(link(client, signed))
    assert fetched.headers["content-type"].startswith("image/svg+xml")
    assert "sandbox" in fetched.headers["content-security-policy"]
