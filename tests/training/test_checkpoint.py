"""A checkpoint is whole or absent."""

import pytest
import torch

from facerep.errors import BadInput
from facerep.training.checkpoint import WholeCheckpoints, read_checkpoint


def test_a_checkpoint_is_replaced_by_a_whole_one_only(tmp_path, monkeypatch):
    place, writer = tmp_path / "last.ckpt", WholeCheckpoints()
    writer.save_checkpoint({"state_dict": {"weight": torch.ones(3)}}, place)
    before = place.read_bytes()

    def full(_state, path):
        path.write_bytes(before[:100])
        raise RuntimeError("PytorchStreamWriter failed writing file data/0: file write failed")

    monkeypatch.setattr("facerep.training.checkpoint.torch.save", full)
    with pytest.raises(BadInput, match=r"checkpoint cannot be written \(Pytorch.*make room on the disk"):
        writer.save_checkpoint({"state_dict": {"weight": torch.zeros(3)}}, place)
    assert [path.name for path in tmp_path.iterdir()] == ["last.ckpt"]
    assert torch.equal(read_checkpoint(place)["state_dict"]["weight"], torch.ones(3))


def test_a_checkpoint_that_could_not_be_read_safely_is_not_put_in_place(tmp_path):
    with pytest.raises(Exception, match="weights_only"):
        WholeCheckpoints().save_checkpoint({"state_dict": {}, "other": ScriptLike()}, tmp_path / "last.ckpt")
    assert list(tmp_path.iterdir()) == []


class ScriptLike:
    """An object that would need unpickling."""
