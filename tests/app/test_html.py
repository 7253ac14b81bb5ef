"""Markup that cannot be broken out of."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from workbench.app.html import Markup, chip, join, tag

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"), max_size=40)


class Seen(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tags = []
        self.text = ""
        self.attributes = {}

    def handle_starttag(self, name, attributes):
        self.tags.append(name)
        self.attributes.update(attributes)

    def handle_data(self, data):
        self.text += data


@given(TEXT, TEXT)
def test_text_and_attributes_come_back_as_they_were(content, title):
    seen = Seen()
    seen.feed(tag("p", content, title=title))
    seen.close()
    assert seen.tags == ["p"]
    assert seen.text == content
    assert seen.attributes == {"title": title}


def test_markup_is_nested_not_escaped():
    assert tag("b", tag("i", "<")) == "<b><i>&lt;</i></b>"
    assert isinstance(join("a", chip("x", "red")), Markup)
