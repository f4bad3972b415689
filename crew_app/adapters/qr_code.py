"""An address as a QR code, drawn as a part of the page."""

from __future__ import annotations

import segno
from markupsafe import Markup


def qr_code(address: str) -> Markup:
    """Black on white whatever the screen's colours are, and readable with a quarter of it dirty."""
    drawn = segno.make(address, error="q", micro=False)
    svg = drawn.svg_inline(border=2, dark="#000", light="#fff", omitsize=True, title=f"QR code: {address}")
    return Markup(svg)  # noqa: S704  made of squares; segno escapes the title
