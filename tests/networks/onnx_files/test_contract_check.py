"""A wrong input contract is noticed where faces and their mirrored twins tell; where they do not, nothing is said."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from facerep.networks.onnx_files.contract_check import MOST, agreement, doubts, sample
from facerep.networks.onnx_files.input_contract import InputContract
from facerep.networks.onnx_files.load import load_onnx

SIDE = 16
RIGHT = InputContract(mean=(127.5,), scale=(1 / 127.5,))


def made_up_faces(people: int, each: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Symmetric patterns of red alone, with a little noise: uint8 (n, 2, SIDE, SIDE, 3), and whose they are."""
    rng = np.random.default_rng(0)
    patterns = rng.choice([40, 215], (people, SIDE, SIDE // 2))
    faces, who = [], []
    for person, half in enumerate(patterns):
        for _ in range(each):
            red = np.concatenate([half, half[:, ::-1]], axis=1) + rng.normal(0, 12, (SIDE, SIDE))
            face = np.stack([red, np.full_like(red, 127.5), np.full_like(red, 127.5)], axis=2)
            faces.append(np.clip(face, 0, 255).astype(np.uint8))
            who.append(f"p{person}")
    straight = np.stack(faces)
    return np.stack([straight, straight[:, :, ::-1]], axis=1), np.array(who)


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    """A network that sees the first channel, and only values of -1..1."""
    both = np.random.default_rng(1).normal(size=(SIDE * SIDE, 200)).astype(np.float32)
    weights = [
        numpy_helper.from_array(both, "w"), numpy_helper.from_array(np.array([0], np.int64), "first"),
        numpy_helper.from_array(np.float32(1.2), "most"), numpy_helper.from_array(np.float32(-1.2), "least"),
    ]  # fmt: skip
    nodes = [
        helper.make_node("Gather", ["faces", "first"], ["channel"], axis=1),
        helper.make_node("Clip", ["channel", "least", "most"], ["seen"]),
        helper.make_node("Flatten", ["seen"], ["flat"]),
        helper.make_node("MatMul", ["flat", "w"], ["out"]),
    ]
    faces = helper.make_tensor_value_info("faces", TensorProto.FLOAT, ["n", 3, SIDE, SIDE])
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, ["n", 200])
    graph = helper.make_graph(nodes, "red", [faces], [out], weights)
    path = tmp_path_factory.mktemp("red") / "red.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def said(net, contract: InputContract, faces: np.ndarray, people: np.ndarray) -> list[str]:
    return doubts(load_onnx(net, contract).network, faces, people)  # pyright: ignore[reportArgumentType]


def test_a_right_contract_is_not_doubted(net):
    assert said(net, RIGHT, *made_up_faces(30)) == []


def test_a_wrong_range_is_doubted_and_the_one_that_fits_is_named(net):
    (words,) = said(net, InputContract(), *made_up_faces(30))
    assert "faces agree with their mirrored twins little more than with others" in words
    assert "by mean 127.5 and scale 0.00784314 it would be" in words


def test_a_better_colour_order_is_named(net):
    faces, people = made_up_faces(30)
    grain = np.random.default_rng(2).normal(0, 120, faces[:, :1, ..., 2].shape)  # what is in blue is little of the face
    blue = 127.5 + (faces[:, :1, ..., 0] - 127.5) * 0.5 + grain
    faces[:, 0, ..., 2] = np.clip(blue[:, 0], 0, 255)
    faces[:, 1] = faces[:, 0, :, ::-1]
    assert said(net, RIGHT, faces, people) == []
    (words,) = said(net, InputContract(mean=(127.5,), scale=(1 / 127.5,), colour="bgr"), faces, people)
    assert "; by rgb it would be " in words


def test_a_colour_order_that_is_a_little_better_is_named_too(net):
    faces, people = made_up_faces(30)
    grain = np.random.default_rng(2).normal(0, 60, faces[:, 0, ..., 2].shape)
    faces[:, 0, ..., 2] = np.clip(faces[:, 0, ..., 0] + grain, 0, 255)
    faces[:, 1] = faces[:, 0, :, ::-1]
    (words,) = said(net, InputContract(mean=(127.5,), scale=(1 / 127.5,), colour="bgr"), faces, people)
    assert "more where the network is given rgb" in words


def test_features_that_are_no_better_than_pixels_are_doubted(net):
    faces, people = made_up_faces(15, each=2)
    words = said(net, InputContract(mean=(300.0,)), faces, people)
    assert any("tell people apart no better than pixels" in line for line in words)


def test_too_few_faces_and_faces_of_one_person_say_nothing(net):
    faces, people = made_up_faces(9)
    assert said(net, InputContract(), faces, people) == []
    faces, people = made_up_faces(1, each=20)
    assert said(net, InputContract(), faces, people) == []


def test_agreement_is_that_of_a_loop_over_pairs():
    rng = np.random.default_rng(0)
    straight, twins, people = rng.normal(size=(6, 4)), rng.normal(size=(6, 4)), np.array(["a", "a", "b", "", "", "c"])
    own, others = [], []
    for i in range(6):
        for j in range(6):
            cosine = straight[i] @ twins[j] / np.linalg.norm(straight[i]) / np.linalg.norm(twins[j])
            if i == j:
                own.append(cosine)
            elif people[i] != people[j] or people[i] == "":
                others.append(cosine)
    assert agreement(straight, twins, people) == pytest.approx((np.mean(own) - np.mean(others)) / np.std(others))


def test_the_sample_has_two_faces_of_each_of_many_people_where_labels_allow_it():
    rows = sample([f"p{row // 3}" for row in range(300)])
    assert len(rows) == MOST
    assert len({row // 3 for row in rows}) == MOST // 2
    assert len(sample([""] * 300)) == MOST
    assert sample([""] * 7).tolist() == list(range(7))
