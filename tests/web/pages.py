"""Detection of inline code in pages, which the content security policy blocks."""

from __future__ import annotations

from html.parser import HTMLParser

JSON_TYPES = ("application/json", "importmap")


class _Inline(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        given = dict(attrs)
        is_code = tag == "script" and "src" not in given and given.get("type") not in JSON_TYPES
        if tag == "style" or is_code:
            self.found.append(tag)
        for name, value in attrs:
            if name == "style" or name.startswith("on") or "javascript:" in (value or ""):
                self.found.append(f"{tag}[{name}]")


def inline_code(html: str) -> list[str]:
    """Return the inline scripts, styles and handlers of a page."""
    parser = _Inline()
    parser.feed(html)
    return parser.found
