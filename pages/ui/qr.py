"""QR codes: a link as a picture that a phone reads from the projector."""

import functools
import io

import segno

LONGEST = 2000  # characters
MARGIN = 4  # modules of white around the code: readers need it


@functools.lru_cache(256)
def svg(text: str) -> bytes:
    """The QR code of a text, as an SVG without a size of its own; black on white in dark mode, too.

    Raises:
        ValueError: the text is empty or longer than `LONGEST`.
    """
    if not text or len(text) > LONGEST:
        raise ValueError(f"1 to {LONGEST} characters")
    file = io.BytesIO()
    code(text).save(file, kind="svg", xmldecl=False, omitsize=True, light="#fff", dark="#000", border=MARGIN)
    return file.getvalue()


def code(text: str) -> segno.QRCode:
    """The smallest code that holds the text, as robust as its size allows.

    Raises:
        ValueError: there is none.
    """
    return segno.make(text, error="l", boost_error=True, micro=False)
