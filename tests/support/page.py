# SPDX-License-Identifier: Apache-2.0
"""The report's page as a browser and a screen reader take it: well-formed, nothing from elsewhere and nothing that runs, every
section and table named, every column headed."""

from html.parser import HTMLParser

EMPTY = {"meta", "br", "wbr"}
KNOWN = EMPTY | {"html", "head", "title", "style", "body", "a", "header", "h1", "h2", "dl", "dt", "dd", "p", "nav", "ul", "li", "main",
                 "section", "div", "table", "thead", "tbody", "tr", "th", "td", "span", "strong", "bdi", "code", "time"}
ATTRIBUTES = {"lang", "dir", "charset", "http-equiv", "content", "name", "class", "href", "id", "aria-labelledby", "aria-label",
              "aria-hidden", "role", "tabindex", "scope", "style", "datetime"}


class Page(HTMLParser):
    """tables: by the section's id, rows of cells' texts, the headings first. language, direction. text: of each section."""

    def __init__(self, source):
        super().__init__(convert_charrefs=True)
        self.stack, self.tables, self.text, self.ids, self.named = [], {}, {}, set(), set()
        self.section, self.row = None, None
        assert source.startswith("<!DOCTYPE html>\n")
        self.feed(source)
        self.close()
        assert not self.stack, self.stack
        assert self.named <= self.ids, self.named - self.ids

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        assert tag in KNOWN and set(given) <= ATTRIBUTES, (tag, given)
        assert given.get("href", "#").startswith("#"), given
        if "id" in given:
            assert given["id"] not in self.ids, given
            self.ids.add(given["id"])
        self.named |= {given[name].lstrip("#") for name in ("aria-labelledby", "href") if name in given}
        if tag == "html":
            self.language, self.direction = given["lang"], given["dir"]
        if tag == "section":
            self.section = given["id"]
            self.text[self.section] = ""
            assert given["aria-labelledby"]
        if tag == "table":
            self.tables[self.section] = []
            assert given["aria-labelledby"]
        if tag == "tr":
            self.row = []
        if tag in ("th", "td") and "aria-hidden" not in given:
            assert tag == "td" or given["scope"] in ("row", "col")
            self.row.append("")
        if tag == "br":
            self.handle_data(" ")
        if tag not in EMPTY:
            self.stack.append(tag)

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag, (tag, self.stack)
        if tag == "tr":
            self.tables[self.section].append([" ".join(cell.split()) for cell in self.row])
            assert len(self.row) == len(self.tables[self.section][0]), self.row
            self.row = None
        if tag == "section":
            self.text[self.section] = " ".join(self.text[self.section].split())
            self.section = None

    def handle_data(self, text):
        if self.section:
            self.text[self.section] += text
        if self.row:
            self.row[-1] += text

    def handle_comment(self, text):
        raise AssertionError(text)
