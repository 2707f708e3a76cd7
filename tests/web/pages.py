"""Detection of inline code in pages, which the policy blocks, and of the direction of texts."""

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


class _Clicks(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.has_buttons = False

    def handle_starttag(self, tag, attrs) -> None:
        given = dict(attrs)
        if tag == "script" and given.get("type") == "module":
            self.scripts.append((given["src"] or "").rpartition("/")[2].partition(".")[0])
        is_play = "play" in (given.get("class") or "").split()
        self.has_buttons |= is_play or not given.keys().isdisjoint({"data-play", "data-copy"})


def has_early_clicks(html: str) -> bool:
    """Return whether the page's Play and Copy may do at once what browsers let only a click do.

    static/js/site.js shows these buttons, so static/js/clicks.js comes before it.
    """
    page = _Clicks()
    page.feed(html)
    if not page.has_buttons or "site" not in page.scripts:
        return True
    return "clicks" in page.scripts[: page.scripts.index("site")]


UNSEEN = {"title", "textarea", "option"}  # one direction, that of the browser's own controls
VOID = {"br", "img", "input", "link", "meta", "hr"}


class _Directions(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.path: list[tuple[str, bool]] = []
        self.without: list[str] = []
        self.count = 0

    def handle_starttag(self, tag, attrs) -> None:
        given = dict(attrs)
        is_hidden = "visually-hidden" in (given.get("class") or "") or tag in UNSEEN
        if tag not in VOID:
            self.path.append((tag, is_hidden or tag == "bdi" or given.get("dir") == "auto"))

    def handle_endtag(self, tag) -> None:
        while self.path and self.path.pop()[0] != tag:
            pass

    def handle_data(self, data) -> None:
        if self.text not in data:
            return
        self.count += 1
        if not any(is_right for _, is_right in self.path):
            self.without.append(" ".join(tag for tag, _ in self.path))


def in_one_direction(html: str, text: str) -> list[str]:
    """Return the elements that show a text in the direction of the page, not in its own."""
    parser = _Directions(text)
    parser.feed(html)
    assert parser.count
    return parser.without
