"""Recipes: every value shown, unknown keys named with their neighbour, options over files over defaults."""

import tomllib
from pathlib import Path

import pytest

from facerep.errors import BadInput, Usage
from facerep.training.recipe import Recipe, parse_setting, read_recipe, write_recipe

EXAMPLES = Path(__file__).parents[2] / "examples" / "recipes"


def test_the_written_recipe_holds_every_value_and_reads_back_to_itself(tmp_path):
    recipe = read_recipe("paper", {"signal.loss": "id", "seed": 3})
    path = tmp_path / "r.toml"
    path.write_text(write_recipe(recipe))
    assert read_recipe(path, {}) == recipe
    assert set(tomllib.loads(path.read_text())) == set(Recipe.model_fields)


def test_an_option_wins_over_the_file_and_the_file_over_its_base(tmp_path):
    path = tmp_path / "r.toml"
    path.write_text('base = "paper"\n[signal]\nloss = "id"\nweight = 0.3\n')
    recipe = read_recipe(path, {"signal.weight": 0.7})
    assert (recipe.signal.loss, recipe.signal.weight, recipe.network.normalise) == ("id", 0.7, False)


def test_paper_has_the_papers_lambda_and_margin_rule():
    signal = read_recipe("paper", {}).signal
    assert (signal.weight, signal.margin_pairs, signal.scale, signal.head, signal.smoothing) == (
        0.05,
        200_000,
        1.0,
        "softmax",
        0.0,
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[signal]\nlos = 'id'", r"unknown recipe key `signal.los`; did you mean `signal.loss`\?"),
        ("sede = 1", r"unknown recipe key `sede`; did you mean `seed`\?"),
        ("[signal]\nloss = 'idd'", r"`signal.loss`: input should be 'id', 've' or 'id\+ve'"),
        ("[schedule]\nepochs = 0", r"`schedule.epochs`: input should be greater than or equal to 1"),
        ("[schedule]\nepochs = '3'", r"`schedule.epochs`: input should be a valid integer"),
        ("not toml", "recipe is not TOML"),
        ("base = 'none'", "no recipe 'none' to start from"),
    ],
)
def test_a_faulty_recipe_is_refused_with_the_key(tmp_path, text, message):
    (tmp_path / "r.toml").write_text(text)
    with pytest.raises(BadInput, match=message):
        read_recipe(tmp_path / "r.toml", {})


def test_a_fault_of_the_command_line_is_not_blamed_on_the_recipe():
    with pytest.raises(Usage, match=r"^recipe key `signal.weight`: .* equal to 0 \(found -1\)$"):
        read_recipe("modern", {"signal.weight": -1})


def test_an_absent_recipe_is_refused():
    with pytest.raises(BadInput, match="no such recipe: nosuch.toml"):
        read_recipe("nosuch.toml", {})


def test_settings_of_the_command_line_are_read_as_toml_and_else_as_text():
    assert parse_setting("signal.share=0.3") == ("signal.share", 0.3)
    assert parse_setting("signal.loss=id+ve") == ("signal.loss", "id+ve")
    with pytest.raises(Usage, match="not KEY=VALUE"):
        parse_setting("signal.share")


RECIPES = [path for path in sorted(EXAMPLES.glob("*.toml")) if not path.stem.startswith("sparsify-")]


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_each_example_recipe_is_complete_and_valid(path):
    given = tomllib.loads(path.read_text(encoding="utf-8"))
    given.pop("base", None)
    full = read_recipe(path, {}).model_dump()
    missing = [
        f"{section}.{key}"
        for section in full
        if isinstance(full[section], dict)
        for key in full[section]
        if key not in given.get(section, {})
    ]
    assert missing == []


def test_there_is_a_paper_and_a_modern_recipe_for_each_family():
    names = {path.stem for path in EXAMPLES.glob("*.toml")}
    assert names >= {
        f"{network}-{kind}" for network in ("deepid", "deepid2", "deepid2plus") for kind in ("paper", "modern")
    }


def test_a_batch_size_is_people_times_pictures_of_each(tmp_path):
    def batch(size, **overrides):
        choice = read_recipe("modern", {f"data.{name}": value for name, value in overrides.items()}, size).data
        return choice.people_per_batch, choice.pictures_per_person

    assert batch(64) == (16, 4)
    assert batch(64, pictures_per_person=2) == (32, 2)
    assert batch(None) == (32, 4)
    (tmp_path / "mine.toml").write_text("[data]\npictures_per_person = 3\npeople_per_batch = 50\n")
    assert read_recipe(tmp_path / "mine.toml", {}, 30).data.people_per_batch == 10
    with pytest.raises(Usage, match=r"batch size 10 is no multiple of data.pictures_per_person \(4\); the nearest are"):
        batch(10)
    with pytest.raises(Usage, match=r"recipe key `data.people_per_batch`: .* greater than or equal to 2 \(found 1\)"):
        batch(4)
    with pytest.raises(Usage, match="batch size 64 is not that of data.people_per_batch with 4 pictures of each"):
        batch(64, people_per_batch=10)
