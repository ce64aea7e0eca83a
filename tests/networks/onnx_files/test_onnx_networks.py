"""Networks of others: what is computed, in whatever form the file comes, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from facerep.errors import BadInput, Usage
from facerep.networks.onnx_files.input_contract import InputContract, contract_of, parse_input, read_contract
from facerep.networks.onnx_files.load import load_onnx
from tiny_onnx import DIMENSION, SIDE, by_hand, tiny_onnx

CONTRACT = InputContract(mean=(127.5,), scale=(1 / 127.5,))
FACES = np.random.default_rng(1).integers(0, 256, (5, SIDE, SIDE, 3), dtype=np.uint8)


def features(path, contract=CONTRACT, layer="feature", faces=FACES) -> np.ndarray:
    network = load_onnx(path, contract).network
    return network.layers(torch.from_numpy(faces), (layer,))[0].numpy()


@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
@pytest.mark.parametrize("batch", [1, 2, 3, "n"])
@pytest.mark.parametrize("removed", [False, True])
def test_features_are_those_of_loops_over_pixels_in_whatever_form_the_file_comes(tmp_path, layout, batch, removed):
    path = tiny_onnx(tmp_path / "net.onnx", batch=batch, layout=layout, removed=removed)
    np.testing.assert_allclose(features(path), by_hand(FACES, 127.5, 1 / 127.5), atol=1e-5)


def test_a_face_has_the_same_bits_whatever_faces_are_beside_it(tmp_path):
    for batch in (1, 2, "n"):
        path = tiny_onnx(tmp_path / f"{batch}.onnx", batch=batch)
        alone = np.concatenate([features(path, faces=FACES[place : place + 1]) for place in range(5)])
        assert features(path).tobytes() == alone.tobytes()


def test_a_contract_decides_colour_order_mean_and_scale(tmp_path):
    path = tiny_onnx(tmp_path / "net.onnx")
    bgr = features(path, replace(CONTRACT, colour="bgr"))
    np.testing.assert_array_equal(bgr, features(path, faces=FACES[..., ::-1].copy()))
    each = features(path, InputContract(mean=(0.0, 10.0, 20.0), scale=(1.0, 0.5, 0.25)))
    rgb = (FACES - np.float32([0, 10, 20])) * np.float32([1, 0.5, 0.25])
    np.testing.assert_allclose(each, by_hand(rgb, 0, 1), rtol=1e-4, atol=1e-3)


def test_a_grey_network_takes_grey_faces(tmp_path):
    path = tiny_onnx(tmp_path / "net.onnx", channels=1)
    model = load_onnx(path, replace(CONTRACT, colour="grey"))
    assert (model.crop.channels, model.crop.patch.colour) == (1, "grey")
    with pytest.raises(
        BadInput, match="input of the ONNX network is \\?x1x16x16, the input contract has rgb 16x16 nchw"
    ):
        load_onnx(path, CONTRACT)


def test_every_tensor_of_the_graph_is_a_layer(tmp_path):
    path = tiny_onnx(tmp_path / "net.onnx", batch=1)
    model = load_onnx(path, CONTRACT)
    assert model.row.layers == ("maps", "pooled", "flat", "embedding")
    assert (model.row.feature, features(path, layer="pooled").shape) == (DIMENSION, (5, 64))
    np.testing.assert_array_equal(features(path, layer="flat"), features(path, layer="pooled"))
    with pytest.raises(BadInput, match="has 2 outputs"):
        load_onnx(tiny_onnx(tmp_path / "two.onnx", more_outputs=["maps"]), CONTRACT)
    two = replace(CONTRACT, output="embedding")
    np.testing.assert_array_equal(features(tmp_path / "two.onnx", two), features(path))


def test_quantised_weights_are_dequantised_once_and_alike(tmp_path):
    path = tiny_onnx(tmp_path / "net.onnx")
    proto = onnx.load(path)
    full = next(weight for weight in proto.graph.initializer if weight.name == "full")
    values = numpy_helper.to_array(full)
    scale = np.float32(abs(values).max() / 127)
    whole = np.round(values / scale).astype(np.int8)
    proto.graph.initializer.remove(full)
    proto.graph.initializer.extend([numpy_helper.from_array(whole, "q"), numpy_helper.from_array(scale, "s")])
    proto.graph.node.insert(0, helper.make_node("DequantizeLinear", ["q", "s"], ["full"]))
    onnx.save(proto, tmp_path / "quantised.onnx")
    found = features(tmp_path / "quantised.onnx")
    np.testing.assert_allclose(found, features(path), atol=0.2)
    assert not np.array_equal(found, features(path))


def test_the_contract_comes_from_a_file_beside_where_none_is_given(tmp_path):
    path = tiny_onnx(tmp_path / "net.onnx")
    with pytest.raises(Usage, match="does not say what its input is"):
        load_onnx(path)
    (tmp_path / "net.toml").write_text('name = "tiny"\nmean = 127.5\nscale = 0.00784313725490196\nrule = "> 0"\n')
    model = load_onnx(path)
    assert (model.row.name, model.rule, model.row.height) == ("tiny", "> 0", SIDE)
    np.testing.assert_allclose(features(path, None), features(path), atol=1e-6)


def test_a_contract_as_text_is_the_contract_again():
    contract = InputContract(
        height=112, width=96, colour="bgr", mean=(1.5, 2.0, 3.0), scale=(1 / 127.5,), layout="nhwc"
    )
    contract = replace(contract, output="out + put/1", patch="face*1.25")
    assert parse_input(str(contract), contract.crop) == contract
    with pytest.raises(BadInput, match="not an input contract"):
        parse_input("bgr mean=1,,2 scale=1 nchw output=", contract.crop)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"heigth": 112}, "unknown key 'heigth' of an input contract: where; did you mean height?"),
        ({"height": 0}, "height: input should be greater than or equal to 1"),
        ({"colour": "yuv"}, "colour: input should be 'rgb', 'bgr' or 'grey', found 'yuv'"),
        ({"mean": [1.0, 2.0]}, "2 numbers of mean for rgb"),
        ({"scale": 0.0}, "scale is 0, the network would see nothing"),
        ({"patch": "ear"}, "no patch 'ear'"),
        ({"name": "a+b"}, "a name has letters, digits, dots, - and _"),
    ],
)
def test_a_wrong_contract_is_refused_by_its_key(said, why):
    with pytest.raises(BadInput) as refused:
        contract_of(said, "where")
    assert why in str(refused.value)


def test_a_contract_that_is_no_toml_is_refused(tmp_path):
    (tmp_path / "c.toml").write_text("height = = 2")
    with pytest.raises(BadInput, match="input contract is not TOML"):
        read_contract(tmp_path / "c.toml")


def node(kind: str, inputs: list[str], outputs: list[str], **more: object):
    return helper.make_node(kind, inputs, outputs, **more)


def test_what_a_file_brings_is_not_run(tmp_path):
    tiny_onnx(tmp_path / "own.onnx", extra=[node("Steal", ["flat"], ["x"], domain="com.example")])
    with pytest.raises(BadInput, match="custom operator, 'com.example.Steal': .*own.onnx; facerep runs operators"):
        load_onnx(tmp_path / "own.onnx", CONTRACT)
    body = helper.make_graph([node("Identity", ["go"], ["on"])], "body", [], [])
    tiny_onnx(tmp_path / "loop.onnx", extra=[node("Loop", ["", ""], ["x"], body=body)])
    with pytest.raises(BadInput, match=r"has a loop \(Loop\)"):
        load_onnx(tmp_path / "loop.onnx", CONTRACT)
    inner = helper.make_graph([node("Scan", ["a"], ["b"], body=body, num_scan_inputs=1)], "inner", [], [])
    tiny_onnx(tmp_path / "if.onnx", extra=[node("If", ["flat"], ["x"], then_branch=inner, else_branch=inner)])
    with pytest.raises(BadInput, match=r"has a loop \(Scan\)"):
        load_onnx(tmp_path / "if.onnx", CONTRACT)


def test_weights_beside_the_file_are_read_from_its_folder_only(tmp_path):
    plain = tiny_onnx(tmp_path / "plain.onnx")
    folder = tmp_path / "folder"
    folder.mkdir()
    proto = onnx.load(plain)
    onnx.save(proto, folder / "net.onnx", save_as_external_data=True, location="net.data", size_threshold=0)
    np.testing.assert_array_equal(features(folder / "net.onnx"), features(plain))
    whole = (folder / "net.data").read_bytes()
    (folder / "net.data").write_bytes(whole[:-1])
    with pytest.raises(BadInput):
        load_onnx(folder / "net.onnx", CONTRACT)
    (folder / "net.data").unlink()
    with pytest.raises(BadInput, match="weights of the ONNX file are not beside it, 'net.data'"):
        load_onnx(folder / "net.onnx", CONTRACT)
    (tmp_path / "net.data").write_bytes(whole)
    (folder / "net.data").symlink_to(tmp_path / "net.data")
    with pytest.raises(BadInput, match="takes weights from outside its folder, 'net.data'"):
        load_onnx(folder / "net.onnx", CONTRACT)
    proto = onnx.load(folder / "net.onnx", load_external_data=False)
    for weight in proto.graph.initializer:
        weight.external_data[0].value = "../net.data"
    (folder / "out.onnx").write_bytes(proto.SerializeToString())
    with pytest.raises(BadInput, match="takes weights from outside its folder, '../net.data'"):
        load_onnx(folder / "out.onnx", CONTRACT)


def test_files_that_are_no_network_of_faces_are_refused_in_one_line(tmp_path):
    whole = tiny_onnx(tmp_path / "net.onnx").read_bytes()
    cases = {
        "no ONNX network, or cut short": whole[: len(whole) // 2],
        "it computes nothing": b"",
        "no ONNX network": b"\x89PNG\r\n\x1a\n" + bytes(100),
    }
    for words, content in cases.items():
        (tmp_path / "bad.onnx").write_bytes(content)
        with pytest.raises(BadInput, match=words):
            load_onnx(tmp_path / "bad.onnx", CONTRACT)
    proto = onnx.load(tmp_path / "net.onnx")
    proto.graph.input[0].type.tensor_type.shape.dim.pop()
    (tmp_path / "bad.onnx").write_bytes(proto.SerializeToString())
    with pytest.raises(BadInput, match=r"has rank 3 \(\?x3x16\), wanted faces"):
        load_onnx(tmp_path / "bad.onnx", CONTRACT)
    proto = onnx.load(tmp_path / "net.onnx")
    proto.graph.input.append(helper.make_tensor_value_info("kernel2", TensorProto.FLOAT, [1]))
    proto.graph.node.append(node("Identity", ["kernel2"], ["x"]))
    (tmp_path / "bad.onnx").write_bytes(proto.SerializeToString())
    with pytest.raises(BadInput, match=r"has 2 inputs \(faces, kernel2\)"):
        load_onnx(tmp_path / "bad.onnx", CONTRACT)


def test_names_that_are_no_text_are_refused_and_nothing_is_printed(tmp_path, capfd):
    whole = tiny_onnx(tmp_path / "net.onnx").read_bytes()
    for name in (b"MaxPool", b"kernel", b"embedding"):
        (tmp_path / "bad.onnx").write_bytes(whole.replace(name, b"\xfb" + name[1:], 1))
        with pytest.raises(BadInput, match="ONNX file has names that are no text"):
            load_onnx(tmp_path / "bad.onnx", CONTRACT)
    (tmp_path / "bad.onnx").write_bytes(whole.replace(b"MaxPool", b"MaxPond", 1))
    with pytest.raises(BadInput, match="onnxruntime cannot run the ONNX network"):
        load_onnx(tmp_path / "bad.onnx", CONTRACT)
    assert capfd.readouterr() == ("", "")


def test_a_network_that_swells_is_refused_before_it_fills_the_memory(tmp_path):
    shape = numpy_helper.from_array(np.array([1 << 20, 1 << 14], np.int64), "giant")
    tiny_onnx(tmp_path / "net.onnx", output="small")
    proto = onnx.load(tmp_path / "net.onnx")
    proto.graph.initializer.append(shape)
    proto.graph.node.extend([
        node("ConstantOfShape", ["giant"], ["swollen"]), node("ReduceSum", ["swollen"], ["sum"], keepdims=0),
        node("Add", ["small", "sum"], ["out"]),
    ])  # fmt: skip
    proto.graph.output[0].name = "out"
    (tmp_path / "net.onnx").write_bytes(proto.SerializeToString())
    with pytest.raises(BadInput, match="needs far more memory than its file has bytes"):
        load_onnx(tmp_path / "net.onnx", CONTRACT)


def test_values_that_are_no_numbers_are_refused(tmp_path):
    path = tiny_onnx(tmp_path / "net.onnx", output="all", extra=[node("Log", ["all"], ["logs"])])
    proto = onnx.load(path)
    proto.graph.output[0].name = "logs"
    path.write_bytes(proto.SerializeToString())
    with pytest.raises(BadInput, match="has values that are no numbers: .*; look at mean and scale"):
        features(path)
