"""Words that XML can hold."""

from __future__ import annotations

import re

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(words: str) -> str:
    """The same, with what XML 1.0 cannot hold, however it is written, replaced by U+FFFD."""
    return _NOT_XML.sub("\ufffd", words)
