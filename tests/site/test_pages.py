"""The pages of a site: whole, linked, told in words, and safe against what a folder holds."""

import csv
import io
import itertools
import json
import re
from urllib.parse import unquote, urlsplit

import pytest

from serbench.boards import boards
from serbench.site.atlas import Atlas
from serbench.site.building import build
from serbench.store import Store

ANSWERED = {"aria-label", "aria-labelledby"}


@pytest.fixture(scope="module")
def pages(site, read):
    return {path: read(path) for path in sorted(site.rglob("*.html"))}


def test_a_page_for_everything(site):
    there = {str(path.relative_to(site)) for path in site.rglob("*.html")}
    hostile = next(one for one in there if one.startswith("models/script"))
    assert there >= {
        "index.html", "boards/savee--loso.html", "boards/savee--loso/good.html",
        "boards/savee--loso/half.html", "boards/savee--kfold.html", "models/good.html",
        "corpora/savee.html", "corpora/cmu-mosei.html", "protocols/loso.html",
        "boards/cmu-mosei--fixed--mosei-sentiment.html", hostile,
    }  # fmt: skip
    assert re.fullmatch(r"models/[a-z0-9-]+\.html", hostile)


def test_every_link_leads_to_a_file_and_its_place(site, pages):
    ids = {path: [a["id"] for _, a in page.elements if "id" in a] for path, page in pages.items()}
    links = 0
    for path, page in pages.items():
        assert len(set(ids[path])) == len(ids[path]), path
        for link in page.all("a"):
            parts = urlsplit(link["href"])
            if parts.scheme:
                assert parts.scheme in {"http", "https"}
                continue
            assert not parts.path.startswith("/")
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.is_file(), (path, link)
            assert site in target.parents
            if parts.fragment:
                assert parts.fragment in ids[target], (path, link)
            links += 1
    assert links > 200


def test_every_page_is_reached_from_the_first_and_leads_back(site, pages):
    seen, waiting = set(), [site / "index.html"]
    while waiting:
        path = waiting.pop()
        if path in seen or path.suffix != ".html":
            continue
        seen.add(path)
        links = [urlsplit(link["href"]) for link in pages[path].all("a")]
        targets = [
            (path.parent / one.path).resolve() for one in links if one.path and not one.scheme
        ]
        assert path == site / "index.html" or site / "index.html" in targets
        waiting += targets
    assert seen == set(pages)


def test_nothing_is_fetched_from_anywhere(pages):
    for path, page in pages.items():
        assert path.stat().st_size < 1.5e6
        for tag, attributes in page.elements:
            assert "src" not in attributes
            assert not any(name.startswith("on") for name in attributes), (path, tag)
            assert "style" not in attributes
            if tag != "a":
                assert "href" not in attributes
        text = path.read_text(encoding="utf-8")
        assert "url(http" not in text
        assert "@import" not in text
        (policy,) = (
            meta["content"]
            for meta in page.all("meta")
            if meta.get("http-equiv") == "Content-Security-Policy"
        )
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy


def test_each_page_can_be_found_ones_way_in(pages):
    for path, page in pages.items():
        assert page.all("html")[0]["lang"] == "en"
        assert len(page.all("h1")) == len(page.all("main")) == 1
        assert sum("id" not in title for title in page.all("title")) == 1  # others are a figure's
        assert page.text("title")
        levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
        assert all(b - a <= 1 for a, b in itertools.pairwise(levels)), path
        assert all("alt" in image for image in page.all("img"))
        for svg in page.all("svg"):
            assert svg.get("aria-hidden") == "true" or svg["role"] == "img"
        assert len(page.all("caption")) == len(page.all("table")), path
        assert all("scope" in heading for heading in page.all("th")), path
        for inner in page.all("div"):
            if "scroll" in inner.get("class", "").split():
                assert inner["tabindex"] == "0"
                assert ANSWERED & set(inner)


def test_every_input_has_its_label(site):
    text = (site / "boards/savee--loso.html").read_text(encoding="utf-8")
    inputs = re.findall(r"<input[^>]*>", text)
    assert len(inputs) >= 3
    for one in inputs:
        before = text[: text.index(one)]
        assert before.rfind("<label") > before.rfind("</label"), one


def test_what_a_folder_holds_is_text(site, pages):
    for path, page in pages.items():
        assert len(page.all("script")) == 1, path
        assert "<script>alert" not in path.read_text(encoding="utf-8")
    board = pages[site / "boards/savee--loso.html"]
    assert any("<script>alert(1)</script>" in text for _, text in board.said)


def test_numbers_of_a_board_are_those_of_its_records(site, found, pages):
    board = next(one for one in found if one.protocol == "loso")
    told = " ".join(text for _, text in pages[site / "boards/savee--loso.html"].said)
    for record in board.records():
        if record["ua"] is not None:
            assert f"{100 * record['ua']:.1f}" in told
            assert f"[{100 * record['ua_low']:.1f}, {100 * record['ua_high']:.1f}]" in told
    stored = json.loads((site / "boards/savee--loso.json").read_text())
    assert stored == json.loads(json.dumps(board.records()))
    rows = list(csv.DictReader(io.StringIO((site / "boards/savee--loso.csv").read_text())))
    assert [row["model"] for row in rows] == [record["model"] for record in board.records()]


def test_what_is_not_ranked_stands_below_the_line_with_its_reason(site):
    text = (site / "boards/savee--loso.html").read_text(encoding="utf-8")
    line = text.index("Not ranked")
    assert text.index('<tbody data-group="ranked">') < line < text.index("3 of 6 trials finished")


def test_a_number_leads_to_its_trials(site, results, pages):
    page = pages[site / "boards/savee--loso/good.html"]
    ids = {text for tag, text in page.said if tag == "code" and re.fullmatch("[0-9a-f]{64}", text)}
    assert len(ids) == 6
    assert ids <= set(Store(results).ids())
    rows = list(csv.DictReader(io.StringIO((site / "boards/savee--loso/good.csv").read_text())))
    assert {row["trial"] for row in rows} == ids
    assert sum(int(row["n_utterances"]) for row in rows) == 54
    everything = "".join(path.read_text() for path in site.rglob("*.csv"))
    assert "savee/a0" not in everything  # utterances are their corpus's


def test_a_row_says_what_it_took_and_on_which_device(site, pages):
    said = [text for _, text in pages[site / "boards/savee--loso.html"].said]
    assert {"Params", "Train h", "1,234,567", "1.20"} <= {text.strip() for text in said}
    page = pages[site / "boards/savee--loso/good.html"]
    assert "cuda: <script>alert(1)</script>" in page.text("b")
    assert "0.20 h a trial, as its share of up to 6 at once" in page.text("small")
    assert "Trained on" not in pages[site / "boards/savee--loso/half.html"].text("dt")


def test_the_pooled_matrix_adds_up(site, pages):
    text = (site / "boards/savee--loso/good.html").read_text(encoding="utf-8")
    cells = re.findall(r'<td class="s\d+( hit)?"><b>\d+%</b><small>(\d+)</small>', text)
    assert sum(int(n) for _, n in cells) == 54
    assert sum(bool(hit) for hit, _ in cells) == 3


def test_figures_with_their_files(site):
    folder = site / "boards/savee--loso"
    for name in ("forest", "confusion", "epochs"):
        assert (folder / f"{name}.svg").read_text().startswith("<svg")
        assert (folder / f"{name}.pdf").read_bytes().startswith(b"%PDF")
        assert len((folder / f"{name}.csv").read_text().splitlines()) > 1
    assert (site / "models/good/inflation.svg").is_file()  # of kfold and loso
    assert not (site / "models/fair/inflation.svg").exists()  # of loso alone


def test_a_card_and_a_licence(site, pages):
    told = " ".join(text for _, text in pages[site / "corpora/savee.html"].said)
    for word in ("Licence", "How to get it", "Native label", "To cite it", "sadness"):
        assert word in told
    told = " ".join(text for _, text in pages[site / "protocols/loso.html"].said)
    assert "every speaker but one" in told
    assert "No whole audit of these folds is kept" in told


def test_the_same_folder_gives_the_same_bytes(site, results, found, drawn_before, tmp_path):
    """Figures are taken from the cache here; test_command draws them anew, in two processes."""
    from serbench.cli.site import words

    again = tmp_path / "again"
    build(Store(results), found, words(found), again, cache=drawn_before, workers=1)
    names = {str(path.relative_to(site)) for path in site.rglob("*") if path.is_file()}
    assert names == {str(path.relative_to(again)) for path in again.rglob("*") if path.is_file()}
    for name in names:
        if not name.endswith(".pdf"):
            assert (site / name).read_bytes() == (again / name).read_bytes(), name


def test_notes_are_for_who_reads_pages(site, found, read):
    for path in site.rglob("*.html"):
        text = " ".join(text for tag, text in read(path).said if tag not in {"script", "style"})
        assert "`" not in text, path
        assert not re.search(r"(?<!\w)--[a-z]", text), path
        if path.name != "index.html":
            assert "serbench run" not in text
        assert "serbench show" not in text
        assert "truth" not in text.lower()
    notes = (site / "boards/savee--loso.html").read_text("utf-8").partition('class="notes"')[2]
    assert "<li>Rows without all their trials have no score.</li>" in notes


def test_an_unfinished_row_says_so_across_its_columns(site, read):
    text = (site / "boards/savee--loso.html").read_text("utf-8")
    (row,) = (part for part in re.split("<tr |</tr>", text) if "3 of 6 trials finished" in part)
    assert re.search(r'<td class="why" data-span="2" colspan="\d+">', row)
    assert row.count("<td") == 2
    assert "&ndash;</a>" not in text
    assert ">\N{EN DASH}</a>" not in text
    assert "half.html" in row  # its trials are still to be reached


def test_the_reference_is_named_above_its_column(site, read):
    assert "\N{GREEK CAPITAL LETTER DELTA} UA to good" in read(
        site / "boards/savee--loso.html"
    ).text("button")


def test_cards_say_what_they_show_and_how_much_more(found, tmp_path, monkeypatch):
    from serbench.cli.site import words
    from serbench.site import leaders
    from serbench.site.overview import write_overview

    def card():
        told = words(found)
        write_overview(
            Atlas.of(found, told), {"cmu-mosei": "", "savee": "", "toy": ""}, told, tmp_path
        )
        cards = (tmp_path / "index.html").read_text("utf-8").split("<article")
        return next(one for one in cards if "boards/savee--loso.html" in one)

    assert ">UA %</th>" in card()
    assert " more<" not in card()  # three are ranked, and shown
    monkeypatch.setattr(leaders, "BEST", 2)
    assert '<a href="boards/savee--loso.html">1 more<' in card()


def test_a_row_tells_where_its_trials_are(site, results, read):
    page = read(site / "boards/savee--loso/good.html")
    first = sorted(Store(results).ids())
    codes = [text for tag, text in page.said if tag == "code"]
    (told,) = (text for text in codes if text.startswith("trials/"))
    found = re.fullmatch(r"trials/([0-9a-f]{2})/([0-9a-f]{8})\N{HORIZONTAL ELLIPSIS}", told)
    (trial,) = (one for one in first if one.startswith(found[2]))
    assert (results / "trials" / found[1] / trial / "record.json").is_file()
    assert {"record.json", "predictions-*.parquet"} <= set(codes)
    assert any(link["href"].endswith("good.csv") for link in page.all("a"))


def test_every_page_says_what_wrote_it_and_every_board_how_it_is_cited(site, pages, found):
    from serbench.provenance import own_version

    for path, page in pages.items():
        assert f"Written by serbench {own_version()}" in " ".join(t for _, t in page.said), path
        assert "| serbench" in page.text("title")
        assert not page.all("time"), path  # no clock
    for board in found:
        (told,) = (
            text
            for path, page in pages.items()
            if path.parent.name == "boards" and page.text("h1") == board.heading
            for text in [page.text("code")]
        )
        assert f"title = {{{{{board.heading}" in told
        for print_ in (*board.fingerprints.values(), board.split):
            assert print_[:12] in told
            assert print_ in told
        assert "author" not in told


def test_nothing_yet_says_how_to_begin(tmp_path, read):
    from serbench.cli.site import words

    (tmp_path / "results").mkdir()
    store = Store(tmp_path / "results")
    build(store, boards(store), words([]), tmp_path / "site", workers=1)
    page = read(tmp_path / "site/index.html")
    assert "serbench run --model" in page.text("code")


def test_what_papers_print_stands_in_a_table_of_its_own(site, found, read):
    (board,) = (one for one in found if one.protocol == "loso" and one.corpora == ("savee",))
    assert board.quoted
    text = (site / "boards/savee--loso.html").read_text("utf-8")
    printed = text[text.index('id="h-printed"') :]
    assert "60.63" in printed  # DBL-MM, Table III
    assert "not scored here" in printed
    assert re.search(r"50\.40~?\?", printed)  # no count of 480 utterances gives it
    assert len(json.loads((site / "boards/savee--loso.json").read_text("utf-8"))) > len(board.rows)
    assert 'id="h-printed"' not in (site / "boards/toy--loso.html").read_text("utf-8")


def test_models_by_corpora_stand_on_their_protocols_page(site):
    text = (site / "protocols/loso.html").read_text("utf-8")
    table = text[text.index("Over 2 corpora") :]
    assert table.index(">savee<") < table.index(">toy<")
    assert "0 of 2 corpora" in table or "1 of 2 corpora" in table  # what was not run everywhere
    assert ">-<" not in table
    assert "2 corpora: Wilcoxon cannot reach 0.05" in table
    assert "Over 2 corpora" not in (site / "protocols/kfold.html").read_text("utf-8")


def test_a_board_has_all_the_figures_that_it_allows(site):
    there = {path.stem for path in (site / "boards/savee--loso").glob("*.svg")}
    assert there == {"forest", "differences", "speakers", "ranks", "confusion", "epochs"}
