"""The page: everything in it, nothing from elsewhere, and no mark-up from names."""

import dataclasses
import re
from html.parser import HTMLParser

from serbench.audit import Case, audit
from serbench.audit.page import page

EVIL = "<script>alert('x')</script>"


class Reading(HTMLParser):
    """Tags, their attributes, and the text."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.attributes, self.text = [], [], [], ""

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in {"meta", "link", "img", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def read(html):
    reading = Reading()
    reading.feed(html)
    assert reading.open == []
    return reading


def test_a_page_has_every_rule_and_every_fold(toy, dealt):
    verdict = audit(Case(dealt(toy())))
    reading = read(page([verdict]))
    for number in range(1, 25):
        assert f"L{number:02}" in reading.text
    (shared,) = (one for one in verdict.findings if one.rule == "L01")
    assert shared.message in reading.text
    assert "by fold" in reading.text
    assert "speaker-dependent" in reading.text


def test_a_page_loads_nothing_and_suits_dark_rooms_and_small_screens(toy):
    html = page([audit(Case(toy()))])
    assert not re.search(r"https?://|@import|url\(|<link|<script|<img", html)
    assert "prefers-color-scheme: dark" in html
    assert 'name="viewport"' in html
    assert 'lang="en"' in html


def test_names_are_no_mark_up(toy, change):
    listing = change(toy(), speaker=lambda item: f"{EVIL}{item.id}")
    listing = dataclasses.replace(listing, name=EVIL)
    html = page([audit(Case(listing))])
    assert EVIL not in html
    assert EVIL in read(html).text


def test_several_verdicts_share_a_page(toy):
    reading = read(page([audit(Case(toy())), audit(Case(toy(speakers=2)))]))
    assert reading.tags.count("main") == 2
