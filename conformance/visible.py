"""Text of others for the eye: what would not be seen, or acts on who shows it, stands as an escape.

A control character steers a terminal, a bidirectional one turns a line round ("Trojan Source"), one
without width makes two names look alike. The report keeps such text as it is; what shows it writes
`visible(text)`.
"""

from __future__ import annotations

import re
from html import escape

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
"""Controls but tab and line feed, marks of direction, what has no width (but joiners, without which
some scripts cannot be written), and surrogates, which no encoding holds."""


def visible(text: str) -> str:
    r"""Return `text` with each of them as `\x1b` or `\u202e`."""
    return _UNSEEN.sub(lambda sign: sign[0].encode("unicode_escape").decode(), text)


def markup(text: str) -> str:
    """Return `text`, visible, as it stands in HTML and SVG."""
    return escape(visible(text))
