"""The HTML page: everything inside it, nothing fetched, names escaped, tables that sort in a real browser."""

import base64
import json
import re
import shutil

import pytest

from facerep.errors import BadInput
from facerep.report.page import _table, write_page

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def make_folder(path, **told):
    path.mkdir(parents=True)
    result = {"format": "facerep/sparseness", "metric": "cosine", "counts": {"genuine": 3}, **told}
    (path / "result.json").write_text(json.dumps(result))
    (path / "table.csv").write_text("unit,accuracy\na,0.1\nb,0.025\nc,0.03333333333\n")
    (path / "roc.png").write_bytes(PIXEL)
    return path


def test_a_page_holds_each_folders_table_and_figure_inside(tmp_path):
    folders = [make_folder(tmp_path / "one" / "lfw"), make_folder(tmp_path / "two" / "lfw")]
    write_page(folders, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert "<h2>one/lfw</h2>" in page
    assert "<h2>two/lfw</h2>" in page
    assert "<dt>metric</dt><dd>cosine</dd>" in page
    assert page.count("<td>0.033333</td>") == 2
    assert page.count("data:image/png;base64,") == 2
    assert not re.findall(r"https?://", page)


def test_rates_of_any_result_are_a_table_named_by_what_leads_to_them(tmp_path):
    rate = {"value": 0.5, "low": 0.25, "high": 0.75, "count": 1000, "of": 2000}
    folder = make_folder(tmp_path / "r", lists=[{"name": "open", "dir_at_far": [{"far": 0.01, "rate": rate}]}])
    write_page([folder], tmp_path / "page.html")
    row = "<td>lists open dir at far 0.01 rate</td><td>50.00</td><td>25.00 to 75.00</td><td>1,000 of 2,000</td>"
    assert row in (tmp_path / "page.html").read_text()


def test_an_svg_stands_for_the_png_of_its_name(tmp_path):
    folder = make_folder(tmp_path / "r")
    (folder / "roc.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    write_page([folder], tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert "data:image/svg+xml" in page
    assert "data:image/png" not in page


def test_names_from_data_cannot_write_html(tmp_path):
    folder = make_folder(tmp_path / "r", metric="<script>alert(1)</script>")
    (folder / "table.csv").write_text('name\n"<img src=x onerror=alert(1)>"\n')
    write_page([folder], tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_long_tables_are_named_and_left_out(tmp_path):
    folder = make_folder(tmp_path / "r")
    (folder / "scores.csv").write_text("score\n" + "1\n" * 201)
    write_page([folder], tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert "<dt>scores.csv</dt><dd>201 rows, left out here</dd>" in page


@pytest.mark.parametrize(("content", "message"), [(None, "cannot read"), ("{", "not a JSON"), ("{}", "not a re")])
def test_a_folder_that_is_no_result_is_refused_and_nothing_is_written(tmp_path, content, message):
    (tmp_path / "r").mkdir()
    if content is not None:
        (tmp_path / "r" / "result.json").write_text(content)
    with pytest.raises(BadInput, match=message):
        write_page([tmp_path / "r"], tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


@pytest.fixture
def browser(tmp_path):
    """A headless Chromium without a network, as Debian has it."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    driver, program = shutil.which("chromedriver"), shutil.which("chromium")
    if not driver or not program:
        pytest.skip("chromium and chromedriver are not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync",
        "--disable-component-update", f"--user-data-dir={tmp_path / 'browser'}",
    ):  # fmt: skip
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    shown = webdriver.Chrome(service=webdriver.ChromeService(driver), options=options)
    yield shown
    shown.quit()


@pytest.mark.browser
def test_in_a_browser_a_click_sorts_a_phone_scrolls_nothing_sideways_and_no_error_is_logged(browser, tmp_path):
    wide = make_folder(tmp_path / "wide")
    (wide / "table.csv").write_text(",".join(f"column {number}" for number in range(20)) + "\n" + ",".join("1" * 20))
    write_page([wide, make_folder(tmp_path / "r")], tmp_path / "page.html")
    browser.set_window_size(500, 800)
    browser.get(f"file://{tmp_path / 'page.html'}")
    assert browser.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")
    heads = browser.find_elements("css selector", "#s2 thead button")

    def column():
        return [cell.text for cell in browser.find_elements("css selector", "#s2 tbody td:last-child")]

    assert column() == ["0.1", "0.025", "0.033333"]
    heads[1].click()
    assert column() == ["0.025", "0.033333", "0.1"]
    heads[1].click()
    assert column() == ["0.1", "0.033333", "0.025"]
    image = browser.find_element("css selector", "#s2 img")
    assert browser.execute_script("return arguments[0].naturalWidth", image) == 1
    assert browser.get_log("browser") == []


def test_names_that_look_like_numbers_stay_and_fractions_are_rounded(tmp_path):
    lines = ["person,share,'=sum", "20240101120000,0.123456789,'=x", "0012345678,0.5,y", "1_000_000,,z"]
    (tmp_path / "people.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    table = _table(tmp_path / "people.csv")
    assert table.header == ["person", "share", "=sum"]
    assert table.rows == [["20240101120000", "0.12346", "=x"], ["0012345678", "0.5", "y"], ["1_000_000", "", "z"]]
    (tmp_path / "people.csv").write_bytes("José\n".encode("latin-1"))
    with pytest.raises(BadInput, match=r"not a CSV file of facerep's .*people.csv; take it out of the folder"):
        _table(tmp_path / "people.csv")
