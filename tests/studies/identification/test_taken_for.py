"""Whom people were taken for."""

from facerep.studies.identification.taken_for import taken_for


def test_people_taken_for_others_are_counted_over_their_probes():
    cells = zip(["a1", "a2", "a3", "b1"], "aaab", "bbab", ["0.3", "0.6", "0.9", "0.8"], strict=True)
    probes = [dict(zip(("probe", "person", "first", "score"), row, strict=True)) for row in cells]
    (one,) = taken_for(probes, 5)
    assert (one.person, one.other, one.wrong, one.of, one.face, one.score) == ("a", "b", 2, 3, "a2", 0.6)
