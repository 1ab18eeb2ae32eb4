"""Names of files from strangers."""

import re
import unicodedata
from urllib.parse import unquote

from hypothesis import example, given
from hypothesis import strategies as st

from rapport.files.names import LONGEST, disposition, extension, harmless

NAMES = st.text(max_size=400) | st.text(alphabet='./\\\r\n\0"%;=\u202e\u2028aé😀', max_size=400)


@given(NAMES)
@example("../../etc/passwd")
@example("a\r\nSet-Cookie: x=1.pdf")
@example("x" * 300 + ".pdf")
@example("..")
@example("\ud800.txt")
@example("C:\\Users\\ada\\tax.xlsx")
def test_a_name_is_made_harmless_once_and_for_all(name: str) -> None:
    found = harmless(name)

    assert 0 < len(found) <= LONGEST
    assert not set(found) & set("/\\\0\r\n\u202e\u2028")
    assert found.strip(".")
    assert all(unicodedata.category(each) not in ("Cc", "Cs") for each in found)
    assert harmless(found) == found
    assert re.fullmatch(r"(\.[a-z0-9]{1,10})?", extension(found))


@given(NAMES)
@example('";filename="evil.html')
@example("100%.txt")
def test_what_browsers_are_told_is_one_header_with_the_whole_name(name: str) -> None:
    found = harmless(name)
    written = disposition("attachment", found).decode("ascii")

    assert written.isprintable()
    match = re.fullmatch(r"""attachment; filename="([^"\\]*)"(?:; filename\*=UTF-8''([A-Za-z0-9%._~-]+))?""", written)
    assert match is not None, written
    assert unquote(match[2]) == found if match[2] else match[1] == found


def test_a_long_name_keeps_what_tells_its_kind() -> None:
    assert harmless("n" * 300 + ".tar.gz").endswith("n.gz")
    assert extension("Report.PDF") == ".pdf"
    assert extension("no suffix") == extension("odd.p/f") == extension("x." + "y" * 11) == ""
