"""CSV files of ours: numbers read back, words that a spreadsheet would run are guarded."""

import numpy as np

from facerep.files import csv_file


def test_a_cell_keeps_numbers_and_guards_words(tmp_path):
    cells = [(1, 0.1, np.float64(1 / 3), None, float("nan"), "=1+1")]
    csv_file.write_csv(tmp_path / "a.csv", ("a", "b", "c", "d", "e", "f"), cells)
    assert (tmp_path / "a.csv").read_text() == f"a,b,c,d,e,f\n1,0.1,{1 / 3!r},,,'=1+1\n"
