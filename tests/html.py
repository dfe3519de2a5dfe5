"""HTML that we make ourselves, read back."""

import re
from html.parser import HTMLParser

SCRIPT = '<script>alert("x")</script>'
VOID = {"col", "meta"}


class Page(HTMLParser):
    """Every element with its attributes, and the text without style sheets."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.open, self.text = [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text += data

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


def words(page):
    """The text, with single blanks."""
    return re.sub(r"[ \n]+", " ", page.text)
