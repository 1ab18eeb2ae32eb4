"""Text with places for numbers, so that the server and pgbench can be given the same, ever different values.

A mark is twelve digits, and stands wherever twelve hexadecimal digits may stand: at the end of a UUID, in an address.
"""

SERIAL = "777777777771"  # becomes a number that was never used before
RANDOM = "777777777772"  # becomes the number of any one of the loaded people
WIDTH = len(SERIAL)


def digits(number: int) -> str:
    """A number in the width of a mark.

    >>> digits(42)
    '000000000042'
    """
    text = str(number).zfill(WIDTH)
    if len(text) > WIDTH:
        raise ValueError(f"{number} has more than {WIDTH} digits")
    return text


def filled(text: str, *, serial: int, random: int) -> str:
    return text.replace(SERIAL, digits(serial)).replace(RANDOM, digits(random))
