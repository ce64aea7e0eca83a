"""HDF5 files that reach for other files, or claim what they do not hold: refused before anything is read."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from facerep.errors import BadInput
from facerep.files.features import read_codes, read_features


@pytest.fixture
def crafted(tmp_path):
    """A good feature file without /features, open for writing, and a secret beside it."""
    with h5py.File(tmp_path / "secret.h5", "w") as secret:
        secret["features"] = np.ones((3, 4), np.float32)
    (tmp_path / "secret.bin").write_bytes(bytes(48))
    with h5py.File(tmp_path / "crafted.h5", "w") as file:
        file.attrs["format"], file.attrs["version"] = "facerep/features", 1
        file.create_dataset("names", data=np.array(["a", "b", "c"], dtype=object), dtype=h5py.string_dtype())
        yield file


def refusal(file) -> str:
    path = file.filename
    file.close()
    with pytest.raises(BadInput) as caught:
        read_features(path)
    assert path in str(caught.value)
    return caught.value.what


def test_an_external_link(crafted):
    crafted["features"] = h5py.ExternalLink("secret.h5", "/features")
    assert refusal(crafted) == "link that leads out of the file, refused"


def test_a_soft_link(crafted):
    crafted["other"] = np.ones((3, 4), np.float32)
    crafted["features"] = h5py.SoftLink("/other")
    assert refusal(crafted) == "link that leads out of the file, refused"


def test_external_storage(crafted, tmp_path):
    crafted.create_dataset("features", (3, 4), np.float32, external=[(str(tmp_path / "secret.bin"), 0, 48)])
    assert refusal(crafted) == "data set is stored in another file, refused"


def test_a_virtual_data_set(crafted, tmp_path):
    layout = h5py.VirtualLayout((3, 4), np.float32)
    layout[:] = h5py.VirtualSource(str(tmp_path / "secret.h5"), "features", (3, 4))
    crafted.create_virtual_dataset("features", layout)
    assert refusal(crafted) == "data set is stored in another file, refused"


@pytest.mark.parametrize("options", [{}, {"chunks": (1, 4)}, {"chunks": (1024, 1024), "compression": "gzip"}])
def test_a_shape_that_the_file_cannot_hold(crafted, options):
    width = 4 if options.get("chunks") == (1, 4) else 1 << 20
    crafted.create_dataset("features", (1 << 30, width), np.float32, **options)
    assert refusal(crafted).startswith("data set claims")


def test_a_compressed_shape_that_would_swell_beyond_memory(crafted):
    made = crafted.create_dataset(
        "features", (1 << 24, 1 << 10), np.float32, chunks=(1 << 10, 1 << 10), compression="gzip"
    )
    made[: 1 << 10] = 0  # one chunk of zeros is stored, sixteen thousand are claimed
    assert refusal(crafted).startswith("data set claims")


def test_a_group_that_is_an_external_link(crafted):
    crafted["features"] = np.ones((3, 4), np.float32)
    crafted["labels"] = h5py.ExternalLink("secret.h5", "/")
    assert "refused" in refusal(crafted)


def test_names_that_are_no_text(crafted):
    crafted["features"] = np.ones((3, 4), np.float32)
    del crafted["names"]
    crafted["names"] = np.array([b"\xff\xfe", b"b", b"c"])
    assert refusal(crafted) == "strings are not UTF-8"


def test_a_link_in_a_code_file_is_refused_too(tmp_path):
    with h5py.File(tmp_path / "codes.h5", "w") as file:
        file.attrs["format"], file.attrs["version"] = "facerep/codes", 1
        file["codes"] = h5py.ExternalLink("secret.h5", "/codes")
    with pytest.raises(BadInput, match="leads out of the file"):
        read_codes(tmp_path / "codes.h5")


@pytest.mark.parametrize("bytes_", [b"", b"\x89HDF\r\n\x1a\n", b"not hdf5 at all", b"\x80\x04\x95"])
def test_bytes_that_are_no_hdf5(tmp_path, bytes_):
    (tmp_path / "f.h5").write_bytes(bytes_)
    with pytest.raises(BadInput, match=r"not an HDF5 file|cut short"):
        read_features(tmp_path / "f.h5")


def test_a_damaged_file_ends_in_one_of_our_errors_or_in_features(tmp_path):
    with h5py.File(tmp_path / "good.h5", "w") as file:
        file.attrs["format"], file.attrs["version"] = "facerep/features", 1
        file["features"] = np.random.default_rng(0).normal(size=(5, 6)).astype(np.float32)
        file.create_dataset("names", data=np.array(list("abcde"), dtype=object), dtype=h5py.string_dtype())
    good = (tmp_path / "good.h5").read_bytes()
    random = np.random.default_rng(3)
    refused = 0
    for _ in range(200):
        bad = bytearray(good)
        for place in random.integers(len(bad), size=3):
            bad[place] = random.integers(256)
        (tmp_path / "bad.h5").write_bytes(bad[: len(bad) - int(random.integers(2)) * int(random.integers(len(bad)))])
        try:
            read_features(tmp_path / "bad.h5")
        except BadInput:
            refused += 1
    assert refused > 50


ODD = [np.inf, np.nan, 1.5, "x", "9" * 5000, np.arange(3), b"\xff\xfe", h5py.Empty("f"), "", True]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", ["version", "complete", "maker", "network", "bits"])
def test_an_attribute_of_any_other_kind_is_refused_or_read_as_unknown(crafted, odd, name):
    crafted["features"] = np.ones((3, 4), np.float32)
    crafted.attrs["maker"], crafted.attrs["complete"] = "facerep", True
    crafted.attrs[name] = odd
    path = crafted.filename
    crafted.close()
    for read in (read_features, read_codes):
        try:
            assert len(read(path)) == 3
        except BadInput as error:
            assert path in str(error)  # noqa: PT017
