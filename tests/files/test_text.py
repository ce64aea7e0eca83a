"""Text from outside: how much of it is read is settled before it is read."""

from __future__ import annotations

import pytest

from facerep.errors import BadInput
from facerep.files.text import open_lines, read_text


def test_a_file_that_is_too_long_is_refused_before_it_is_read(tmp_path):
    with (tmp_path / "long.txt").open("wb") as file:
        file.truncate(1 << 42)
    with pytest.raises(BadInput, match="larger than the 1024 MiB that are read"):
        read_text(tmp_path / "long.txt")


def test_a_file_that_does_not_say_its_length_is_read_up_to_the_bound():
    assert "Name" in read_text("/proc/self/status")
    with pytest.raises(BadInput, match="larger"):
        read_text("/proc/self/status", 0)


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/tty"])
def test_a_device_is_no_text(path):
    with pytest.raises(BadInput, match="not an ordinary file"):
        read_text(path)


def test_bytes_that_are_no_text_name_the_line(tmp_path):
    (tmp_path / "list.txt").write_bytes(b"good\r\nbad \xff\n")
    with open_lines(tmp_path / "list.txt") as found, pytest.raises(BadInput, match="not UTF-8 \\(line 2\\)"):
        list(found)
