"""The pages in a real Chromium: sorting, filtering, themes, a phone's width, and axe-core's rules.

Needs Debian's chromium and chromium-driver, and for axe-core npm (or $SERBENCH_TEST_AXE, the path
of an axe.min.js).
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
CHROMIUM = "/usr/bin/chromium"
AXE = "axe-core@4.14.1"
SIZES = {"desk": 1280, "phone": 390}
BOARD = "boards/savee--loso.html"
PAGES = (
    "index.html", BOARD, "boards/savee--loso/good.html", "models/good.html", "corpora/savee.html",
    "protocols/loso.html", "boards/cmu-mosei--fixed--mosei-sentiment.html",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    driver, missing = shutil.which("chromedriver"), not Path(CHROMIUM).exists()
    if missing or driver is None:
        pytest.skip("no chromium with chromedriver (apt-get install chromium chromium-driver)")
    webdriver = pytest.importorskip("selenium.webdriver")
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu",
                     "--disable-background-networking"):  # fmt: skip
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with webdriver.Chrome(options=options, service=Service(driver)) as made:
        yield made


@pytest.fixture(scope="module")
def axe(tmp_path_factory):
    """The source of axe-core."""
    named = os.environ.get("SERBENCH_TEST_AXE")
    if named:
        return Path(named).read_text(encoding="utf-8")
    if shutil.which("npm") is None:
        pytest.skip("neither $SERBENCH_TEST_AXE nor npm, to have axe-core from")
    folder = tmp_path_factory.mktemp("axe")
    got = subprocess.run(
        ["npm", "install", "--silent", "--no-save", "--ignore-scripts", "--prefix", folder, AXE],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    source = folder / "node_modules/axe-core/axe.min.js"
    if not source.is_file():
        pytest.skip(f"npm gives no {AXE}: {got.stderr.strip()[:200]}")
    return source.read_text(encoding="utf-8")


def open_page(browser, path, width=1280, theme="light"):
    scheme = [{"name": "prefers-color-scheme", "value": theme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": scheme})
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    browser.get_log("browser")
    browser.get(path.as_uri())


@pytest.fixture
def board(browser, site):
    open_page(browser, site / BOARD)
    browser.execute_script("try { localStorage.clear() } catch {}")
    open_page(browser, site / BOARD)
    return browser


def names(browser, group="ranked"):
    """The models of a group that are seen, from the top."""
    return browser.execute_script(
        "return [...document.querySelectorAll(`#board tbody[data-group=${arguments[0]}] tr`)]"
        ".filter(row => row.offsetParent && !row.classList.contains('cut'))"
        ".map(row => row.cells[0].dataset.v)", group,
    )  # fmt: skip


def heading(browser, text):
    from selenium.webdriver.common.by import By

    for button in browser.find_elements(By.CSS_SELECTOR, "#board .sort"):
        if button.text.strip() == text:
            return button, button.find_element(By.XPATH, "..")
    raise AssertionError(text)


def test_sorting_by_click(board):
    best = names(board)
    assert best[0] == "good"
    button, head = heading(board, "UA %")
    assert head.get_attribute("aria-sort") == "descending"
    button.click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert names(board) == best[::-1]
    button.click()
    assert names(board) == best
    button, other = heading(board, "Model")
    button.click()
    assert names(board) == sorted(best, key=str.lower)
    assert other.get_attribute("aria-sort") == "ascending"
    assert head.get_attribute("aria-sort") is None


def test_sorting_by_keyboard(board):
    from selenium.webdriver.common.keys import Keys

    best = names(board)
    button, head = heading(board, "UA %")
    board.execute_script("arguments[0].focus()", button)
    board.switch_to.active_element.send_keys(Keys.ENTER)
    assert names(board) == best[::-1]
    board.switch_to.active_element.send_keys(Keys.SPACE)
    assert names(board) == best
    assert head.get_attribute("aria-sort") == "descending"


def test_the_unfinished_stays_below_whatever_is_sorted_by(board):
    assert names(board, "others") == ["half"]
    for text in ("Model", "UA %", "WA %"):
        heading(board, text)[0].click()
        assert names(board, "others") == ["half"]
        order = board.execute_script(
            "return [...document.querySelectorAll('#board tbody')].map(b => b.dataset.group)"
        )
        assert order == ["ranked", "others"]
        cut = board.execute_script("return document.querySelector('tr.cut').sectionRowIndex")
        assert cut == 0


def test_filters(board):
    from selenium.webdriver.common.by import By

    every = names(board)
    box = board.find_element(By.ID, "filter")
    box.send_keys("GOO")
    assert names(board) == ["good"]
    assert board.find_element(By.ID, "count").text == "1 of 4 rows"
    box.clear()
    box.send_keys("hidden=64")
    assert names(board) == ["fair"]
    box.clear()
    box.send_keys(" ")
    assert names(board) == every
    board.find_element(By.CSS_SELECTOR, "input[data-group=others]").click()
    assert names(board, "others") == []
    board.find_element(By.CSS_SELECTOR, "input[data-group=ranked]").click()
    assert names(board) == []
    assert board.find_element(By.ID, "count").text == "0 of 4 rows"


def columns(browser):
    """The headings that are seen."""
    return browser.execute_script(
        "return [...document.querySelectorAll('#board thead th')].filter(h => h.offsetParent)"
        ".map(h => h.textContent.trim())"
    )


def test_columns_are_chosen_by_keyboard_and_remembered(board, site):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    plain = columns(board)
    assert "Macro F1 %" not in plain
    board.execute_script("document.querySelector('#choose summary').focus()")
    board.switch_to.active_element.send_keys(Keys.ENTER)
    box = board.find_element(By.CSS_SELECTOR, "#choose input[data-column=macro_f1]")
    assert box.is_displayed()
    board.execute_script("arguments[0].focus()", box)
    board.switch_to.active_element.send_keys(Keys.SPACE)
    assert set(columns(board)) - set(plain) == {"Macro F1 %"}
    spans = board.execute_script(
        "return [...document.querySelectorAll('#board [data-span]')]"
        ".map(c => c.colSpan + Number(c.dataset.span))"
    )
    assert spans == [len(plain) + 1] * 2  # of the line, and of the row without scores
    open_page(board, site / "boards/toy--loso.html")
    assert "Macro F1 %" in columns(board)
    board.find_element(By.CSS_SELECTOR, "#choose summary").click()
    board.find_element(By.CSS_SELECTOR, "#choose input[data-column=macro_f1]").click()
    open_page(board, site / BOARD)
    assert columns(board) == plain


def test_the_table_fits_a_screen_and_its_trials_stand_in_their_column(board):
    wide, room = board.execute_script(
        "const r = document.querySelector('#board').parentElement;"
        "return [r.scrollWidth, r.clientWidth]"
    )
    assert wide <= room
    cut = board.execute_script(
        "return [...document.querySelectorAll('#board thead th')].filter(h => h.offsetParent"
        " && h.scrollWidth > h.clientWidth).map(h => h.textContent.trim())"
    )
    assert cut == []
    left = board.execute_script(
        "return [...document.querySelectorAll('#board tr:not(.cut)')]"
        ".map(r => Math.round(r.cells[r.cells.length - 1].getBoundingClientRect().left))"
    )
    assert len(set(left)) == 1


def hints(browser):
    return browser.execute_script(
        "return [...document.querySelectorAll('.scroll')].map(r => [r.scrollWidth - r.clientWidth"
        " > 2, !r.previousElementSibling.hidden, r.classList.contains('goes-right')])"
    )


def test_what_is_wider_than_the_screen_says_so(browser, site):
    open_page(browser, site / BOARD, 390)
    found = hints(browser)
    assert any(wide for wide, _, _ in found)
    assert all(wide == hinted == faded for wide, hinted, faded in found)
    browser.execute_script(
        "const r = document.querySelector('#board').parentElement; r.scrollLeft = r.scrollWidth;"
    )
    browser.execute_async_script("requestAnimationFrame(() => setTimeout(arguments[0], 50))")
    gone = browser.execute_script("return document.querySelector('#board').parentElement.className")
    assert "goes-right" not in gone
    assert "goes-left" in gone


def test_a_whole_id_is_seen_and_a_reference_is_copied(browser, site):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    for width in SIZES.values():
        open_page(browser, site / "boards/savee--loso/good.html", width)
        for code in browser.find_elements(By.CSS_SELECTOR, "#trials code.id"):
            assert len(code.text.replace("\n", "")) == 64
            assert browser.execute_script(
                "const c = arguments[0]; return c.scrollWidth <= c.clientWidth + 1", code
            )
    open_page(browser, site / BOARD)
    browser.execute_cdp_cmd("Browser.grantPermissions", {"permissions": ["clipboardReadWrite"]})
    button = browser.find_element(By.CSS_SELECTOR, "button[data-copy=cite-bibtex]")
    browser.execute_script("arguments[0].focus()", button)
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    told = browser.execute_async_script(
        "const done = arguments[arguments.length - 1], button = arguments[0];"
        "const look = () => button.textContent.startsWith('Copied') ? done(button.textContent) : "
        "setTimeout(look, 20); look();", button,
    )  # fmt: skip
    assert told.startswith("Copied")
    box = browser.find_element(By.ID, "filter")
    box.send_keys(Keys.CONTROL, "v")
    assert box.get_attribute("value").startswith("@misc{serbench-savee--loso-")


def test_the_theme_is_chosen_and_remembered(board, site):
    from selenium.webdriver.common.by import By

    def ground():
        return board.execute_script("return getComputedStyle(document.body).backgroundColor")

    light = ground()
    button = board.find_element(By.ID, "theme")
    assert button.text == "Dark"
    button.click()
    dark = ground()
    assert dark != light
    assert button.text == "Light"
    board.get((site / "index.html").as_uri())
    assert ground() == dark
    board.find_element(By.ID, "theme").click()
    assert ground() == light
    board.execute_script("localStorage.clear()")
    open_page(board, site / BOARD, theme="dark")
    assert ground() == dark


def test_a_hostile_name_runs_nothing(board):
    assert board.execute_script("return document.title") == "savee under loso | serbench"
    assert "<script>alert(1)</script>" in names(board)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_error_no_overflow_and_nothing_that_axe_finds(browser, site, axe, size, theme):
    for page in PAGES:
        open_page(browser, site / page, SIZES[size], theme)
        assert browser.get_log("browser") == [], page
        wide, inner = browser.execute_script(
            "return [document.documentElement.scrollWidth, window.innerWidth]"
        )
        assert wide <= inner, page
        browser.execute_script(axe)
        found = browser.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "axe.run(document, {resultTypes: ['violations']})"
            ".then(r => done(r.violations.map(v => [v.id, v.nodes.slice(0, 3).map(n => n.html)])))"
        )
        assert found == [], page
        fetched = browser.execute_script("return performance.getEntriesByType('resource').length")
        assert fetched == 0, page
