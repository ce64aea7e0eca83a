"""The HTML page: everything inside it, nothing fetched, names escaped, tables that sort in a real browser."""

import base64
import json
import re
import shutil

import pytest

from facerep.console import console
from facerep.errors import BadInput
from facerep.pairs.score_file import read_scores
from facerep.report.drawing import COLOURS
from facerep.report.page.csv_table import read_table
from facerep.report.page.page import write_page
from facerep.report.page.svg_colours import follow_light_and_dark
from facerep.studies.attributes.side_by_side import read_answers
from facerep.studies.identification.ranks_file import read_known_probes

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def make_folder(path, **told):
    path.mkdir(parents=True)
    result = {"format": "facerep/sparseness", "metric": "cosine", "counts": {"genuine": 3}, **told}
    (path / "result.json").write_text(json.dumps(result))
    (path / "table.csv").write_text("unit,accuracy,weight\na,0.1,0.1\nb,0.025,0.025\nc,0.03333333333,0.03333333333\n")
    (path / "roc.png").write_bytes(PIXEL)
    return path


def page_of(*places, path, **options):
    write_page(places, path / "page.html", **options)
    return (path / "page.html").read_text(encoding="utf-8")


RATE = {"value": 0.5, "low": 0.25, "high": 0.75, "count": 1000, "of": 2000}


def test_a_page_holds_each_folders_table_and_figure_inside(tmp_path):
    page = page_of(make_folder(tmp_path / "one" / "lfw"), make_folder(tmp_path / "two" / "lfw"), path=tmp_path)
    assert "<h2>one/lfw</h2>" in page
    assert "<h2>two/lfw</h2>" in page
    assert "<dt>metric</dt><dd>cosine</dd>" in page
    assert page.count("<td>c</td><td>3.33</td><td>0.033333</td>") == 2  # a rate in per cent, a number that is none
    assert page.count("data:image/png;base64,") == 2
    assert not re.findall(r"https?://", page)


def test_the_page_says_what_it_is_when_and_by_which_command_it_and_its_results_were_made(tmp_path, monkeypatch):
    folder = make_folder(tmp_path / "r")
    made = {
        "format": "facerep/command",
        "version": 1,
        "command": "facerep verify 'my faces.h5'",
        "software": {"x": "1"},
    }
    (folder / "command.json").write_text(json.dumps({**made, "time": "2026-01-02T03:04:05Z"}))
    monkeypatch.setattr(console, "command", "facerep report r -o page.html")
    page = page_of(folder, make_folder(tmp_path / "old"), path=tmp_path, title="Two <b>systems</b>")
    assert "<title>Two &lt;b&gt;systems&lt;/b&gt;</title>" in page
    assert "<code>facerep report r -o page.html</code>" in page
    assert "<dd><code>facerep verify &#39;my faces.h5&#39;</code></dd>" in page
    assert "<dd>2026-01-02 03:04:05 UTC</dd>" in page
    assert "<dd>x 1</dd>" in page
    assert page.count("<dt>command</dt><dd>not recorded</dd>") == 1
    assert re.search(r"<p>20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC, by facerep ", page)


def test_rates_are_named_in_words_and_rows_by_their_system(tmp_path):
    lists = [{"name": "open", "trials": [{"closed_set": [{"rank": 1, "rate": RATE}],
                                          "open_set": [{"far": 0.01, "dir": RATE, "obtained": None}]}]}]  # fmt: skip
    table = [{"kept": "units", "scorer": "hamming", "bits": 64, "accuracy": RATE},
             {"kept": "vectors", "scorer": "cosine", "bits": None, "accuracy": {
                 "mean": 0.9, "standard_error": 0.01, "folds": 10, "pooled": RATE, "each": []}}]  # fmt: skip
    one = make_folder(tmp_path / "one", lists=lists)
    two = make_folder(tmp_path / "two", format="facerep/codes-table", rows=table)
    page = page_of(one, two, path=tmp_path)
    assert "<td>rank 1</td><td>50.00</td><td>25.00 to 75.00</td><td>1,000 of 2,000</td>" in page
    assert "<td>DIR at FAR 1\N{NO-BREAK SPACE}%</td><td>50.00</td>" in page
    assert "<td>units, hamming, 64 bits</td><td>50.00 [25.00, 75.00]</td>" in page
    assert "<td>vectors, cosine</td><td>90.00 ± 1.00</td>" in page


def test_results_of_one_kind_stand_side_by_side_in_one_table(tmp_path):
    folders = [make_folder(tmp_path / name, layers=[{"share_active": RATE}]) for name in ("one", "two")]
    page = page_of(*folders, path=tmp_path)
    assert "<h2>side by side: sparseness</h2>" in page
    assert "<td>one</td><td>50.00 [25.00, 75.00]</td>" in page
    assert "<td>two</td><td>50.00 [25.00, 75.00]</td>" in page


def test_an_svg_stands_for_the_png_of_its_name_and_follows_light_and_dark(tmp_path):
    folder = make_folder(tmp_path / "r")
    drawn = '<path style="fill: #0b5394; stroke: #123456"/><text>#0b5394</text>'
    (folder / "roc.svg").write_text(f'<svg xmlns="http://www.w3.org/2000/svg">{drawn}</svg>')
    page = page_of(folder, path=tmp_path)
    assert "data:image/png" not in page
    (found,) = re.findall(r"data:image/svg\+xml;base64,([^\"]+)", page)
    shown = base64.b64decode(found).decode()
    assert 'style="fill: var(--0b5394); stroke: #123456"' in shown
    assert "<text>#0b5394</text>" in shown
    assert re.search(r"prefers-color-scheme:dark.*--0b5394:#7cb4ee", shown)


def test_every_colour_of_our_curves_turns_in_the_dark():
    line = "".join(f'<path style="stroke: {colour}"/>' for colour in COLOURS)
    assert not re.search(r"stroke: #", follow_light_and_dark(f"<svg>{line}</svg>"))


def test_names_from_data_cannot_write_html(tmp_path):
    folder = make_folder(tmp_path / "r", metric="<script>alert(1)</script>", warnings=["<img src=w>"])
    (folder / "table.csv").write_text('name\n"<img src=x onerror=alert(1)>"\n')
    page = page_of(folder, path=tmp_path)
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<img src=w" not in page


def test_long_tables_are_named_and_left_out_and_hidden_files_are_not_read(tmp_path):
    folder = make_folder(tmp_path / "r")
    (folder / "scores.csv").write_text("score\n" + "1\n" * 201)
    (folder / ".table.csv.x1.csv").write_text("half")
    page = page_of(folder, path=tmp_path)
    assert "scores.csv has 201 rows and is left out here" in page
    assert "x1.csv" not in page


def test_a_run_is_told_by_its_recipe_with_a_figure_of_its_training(tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    (run / "recipe.toml").write_text('[network]\nname = "deepid2"\n[signal]\nloss = "id+ve"\n')
    (run / "metrics.csv").write_text("epoch,id,validation_accuracy,validation_low,validation_high\n0,3,0.8,0.7,0.9\n")
    (run / "environment.json").write_text(
        '{"command": "facerep train", "dataset": "orl", "time": "2026-01-02T03:04:05Z"}'
    )
    page = page_of(run, path=tmp_path)
    for word in ("<dd>deepid2</dd>", "<dd>id+ve</dd>", "<code>facerep train</code>", "data:image/svg+xml"):
        assert word in page
    assert '<th scope="col"><button type="button">validation accuracy, %</button></th>' in page


def test_trials_of_a_list_are_told_trial_by_trial(tmp_path):
    trial = {"tar_at_far": [{"far": 0.001, "tar": RATE, "obtained": None}]}
    over = [{"far": 0.001, "mean": 0.5, "standard_deviation": 0.02, "mean_minus_deviation": 0.48, "trials": 2}]
    told = {
        "format": "facerep/verification-trials",
        "version": 1,
        "trials": [trial | {"number": 1}, trial | {"number": 2}],
    }
    (tmp_path / "blufr").mkdir()
    (tmp_path / "blufr" / "trials.json").write_text(json.dumps({**told, "over": over}))
    page = page_of(tmp_path / "blufr", path=tmp_path)
    assert "<td>trial 2</td><td>50.00 [25.00, 75.00]</td>" in page
    assert "<td>mean of the trials</td><td>50.00 ± 2.00</td>" in page
    assert "TAR at FAR 0.1\N{NO-BREAK SPACE}%" in page


@pytest.mark.parametrize(("content", "message"), [(None, "no such result"), ("{", "not a JSON"), ("{}", "not a re")])
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
    wide = make_folder(tmp_path / "wide", layers=[{f"rate {number}": RATE for number in range(20)}])
    (wide / "table.csv").write_text(",".join(f"column {number}" for number in range(20)) + "\n" + ",".join("1" * 20))
    write_page([wide, make_folder(tmp_path / "r")], tmp_path / "page.html")
    browser.set_window_size(500, 800)
    browser.get(f"file://{tmp_path / 'page.html'}")
    assert browser.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")
    heads = browser.find_elements("css selector", "#s3 thead button")

    def column():
        return [cell.text for cell in browser.find_elements("css selector", "#s3 tbody td:last-child")]

    browser.execute_script("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert column() == ["0.1", "0.025", "0.033333"]
    heads[2].click()
    assert column() == ["0.025", "0.033333", "0.1"]
    heads[2].click()
    assert column() == ["0.1", "0.033333", "0.025"]
    image = browser.find_element("css selector", "#s3 img")
    assert browser.execute_script("return arguments[0].naturalWidth", image) == 1
    assert browser.get_log("browser") == []


def test_names_that_look_like_numbers_stay_and_rates_are_per_cent(tmp_path):
    lines = ["person,share,'=sum", "20240101120000,0.123456789,'=x", "0012345678,0.5,y", "1_000_000,,z"]
    (tmp_path / "people.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    table = read_table(tmp_path / "people.csv")
    assert table.header == ["person", "share, %", "=sum"]
    assert table.rows == [["20240101120000", "12.35", "=x"], ["0012345678", "50.00", "y"], ["1_000_000", "", "z"]]


@pytest.mark.parametrize(
    ("read", "remedy"),
    [
        (read_table, "take it out of the folder"),
        (read_scores, "verify again"),
        (read_answers, "judge again"),
        (read_known_probes, "identify again"),
    ],
)
def test_a_table_that_is_no_utf_8_is_told_with_what_to_do(tmp_path, read, remedy):
    (tmp_path / "people.csv").write_bytes("José\n".encode("latin-1"))
    with pytest.raises(BadInput, match=rf"not a CSV file of facerep's .*people.csv; {remedy}"):
        read(tmp_path / "people.csv")


@pytest.mark.parametrize("told", ["probe,person\n", "known,probe,person,first,score\n1,a,ana,bo\n"])
def test_ranks_that_lack_a_column_or_a_cell_are_refused(tmp_path, told):
    (tmp_path / "ranks.csv").write_text(told + "a,ana\n")
    with pytest.raises(BadInput, match=r"not a ranks.csv with .*identify again"):
        read_known_probes(tmp_path / "ranks.csv")
