"""Pages that must be the same whatever stands in names and tokens: what a browser would make of them."""

from html.parser import HTMLParser

EVIL = "</style></title></pre><script>alert(1)</script><img src=x onerror=alert(2)>\"' onload='alert(3)"
"""A name that would run a script in a page that takes it as markup."""


class Skeleton(HTMLParser):
    """The tags of a page with the names of their attributes, and its text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text, self.policy = [], "", ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, *(name for name, _ in attributes)))
        if ("http-equiv", "Content-Security-Policy") in attributes:
            before = [tag for tag in self.tags[:-1] if tag[0] not in ("html", "head")]
            assert before == [("meta", "charset")]
            self.policy = dict(attributes)["content"]

    def handle_data(self, data):
        self.text += data


def assert_harmless(render):
    """Check a page that says a name somewhere.

    Args:
        render: returns the page for a name.
    """
    evil, plain = Skeleton(render(EVIL)), Skeleton(render("plain"))
    assert evil.tags == plain.tags
    assert "<script>alert(1)</script>" in evil.text  # it is said, as text
    directives = [part.strip().split() for part in evil.policy.split(";")]
    assert ["default-src", "'none'"] in directives and ["base-uri", "'none'"] in directives
    assert not any(
        "'unsafe-inline'" in sources or "*" in sources for name, *sources in directives if name != "style-src"
    )
