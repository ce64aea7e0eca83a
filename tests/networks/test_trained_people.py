"""Marks of people's labels: which of a set's people weights were trained on, as far as labels tell."""

import pytest

from facerep.files.people import as_text, hashes, mark_of
from facerep.networks.trained_people import named_as_known_set, people_trained_on


@pytest.mark.parametrize(
    ("label", "other"),
    [
        ("pins:adriana_lima", "pins_Adriana Lima"),
        ("pins:adriana_lima", "Lima, Adriana"),
        ("cfp:penelope_cruz", "Penélope Cruz"),
        ("celeba:7202", "CelebA__007202"),
        ("bolly:asin", "Asin"),
    ],
)
def test_one_person_under_two_ways_to_write_a_label_has_one_mark(label, other):
    assert mark_of(label) == mark_of(other) != ""
    card = {"trained_people": as_text(hashes([label, "pins:someone_else"]))}
    assert people_trained_on(card, ["ana", other]) == [other]


@pytest.mark.parametrize(
    ("label", "other"),
    [("celeba:72", "celeba:720"), ("celeba:72", "72"), ("pins:ana_lee", "Ana Leo"), ("s1", "s2"), ("7", "8")],
)
def test_other_people_have_other_marks(label, other):
    assert people_trained_on({"trained_people": as_text(hashes([label]))}, [other]) == []


def test_a_list_holds_no_name():
    assert len(hashes(["pins:adriana_lima", "Adriana Lima"])) == 1
    assert "adriana" not in as_text(hashes(["pins:adriana_lima"]))


def test_a_folder_called_after_a_known_set_is_noticed():
    assert named_as_known_set("/data/105_classes_pins_dataset/") == "pins"
    assert named_as_known_set("/data/my-family/photographs") == ""
    assert named_as_known_set("/opinions/scalebar") == ""
