"""Figures as parts of a page: its colours, its ids, and nothing that runs."""

import pytest

from serbench.site.inked import inked

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" class="marks">'


def test_colours_ids_and_words():
    svg = (
        HEAD + '<defs><clipPath id="clip0"><rect/></clipPath></defs><g clip-path="url(#clip0)" '
        'role="x" aria-label="y"><path fill="#2f6db3" stroke="#123456" d="M1.23456,2L3,4"/>'
        "<text>a &lt;b&gt;</text></g></svg>"
    )
    found = inked(svg, "forest", "A & B", 'said "so"')
    assert 'fill="var(--blue)"' in found
    assert 'stroke="#123456"' in found
    assert 'd="M1.23,2L3,4"' in found
    assert 'id="forest-clip0"' in found
    assert "url(#forest-clip0)" in found
    assert '<title id="forest-t">A &amp; B</title>' in found
    assert '<text fill="var(--ink)">a &lt;b&gt;</text>' in found
    assert "aria-label=" not in found
    assert "class=" not in found


@pytest.mark.parametrize(
    "part",
    [
        "<script>1</script>", '<g onload="x"/>', '<a href="x"/>', '<image href="x"/>',
        '<g xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="x"/>', "<foreignObject/>",
    ],
)  # fmt: skip
def test_nothing_that_runs_or_leads_out(part):
    with pytest.raises(ValueError, match="the figure f holds"):
        inked(HEAD + part + "</svg>", "f", "t", "d")
