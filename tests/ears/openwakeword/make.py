"""Makes the three doll models beside this file, which have the shapes of openWakeWord's and hear loudness.

Run it with the packages onnx and protobuf installed: `python tests/ears/openwakeword/make.py`.
"""

from __future__ import annotations

from pathlib import Path

import onnx
from onnx import TensorProto, helper

FOLDER = Path(__file__).parent


def save(name: str, nodes: list, given: list, gives: list, constants: dict[str, tuple[int, list]]) -> None:
    """Write one graph of x -> y; x is called as in openWakeWord's own models."""
    held = [helper.make_tensor(key, kind, [len(values)], values) for key, (kind, values) in constants.items()]
    called = {"melspectrogram": "input", "embedding_model": "input_1"}.get(name, "x")
    x = helper.make_tensor_value_info(called, TensorProto.FLOAT, given)
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, gives)
    model = helper.make_model(
        helper.make_graph(nodes, name, [x], [y], held), opset_imports=[helper.make_opsetid("", 13)]
    )
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, FOLDER / f"{name}.onnx")


node = helper.make_node
ints, floats = TensorProto.INT64, TensorProto.FLOAT
# (1, n) samples -> (1, 1, columns, 32): the mean of |x| over 512 samples, every 160.
save(
    "melspectrogram",
    [
        node("Abs", ["input"], ["a"]),
        node("Unsqueeze", ["a", "one"], ["b"]),
        node("AveragePool", ["b"], ["c"], kernel_shape=[512], strides=[160]),
        node("Unsqueeze", ["c", "three"], ["d"]),
        node("Tile", ["d", "times"], ["y"]),
    ],
    [1, "n"],
    [1, 1, "columns", 32],
    {"one": (ints, [1]), "three": (ints, [3]), "times": (ints, [1, 1, 1, 32])},
)
# (n, 76, 32, 1) -> (n, 1, 1, 96): the mean.
save(
    "embedding_model",
    [
        node("ReduceMean", ["input_1"], ["a"], axes=[1, 2], keepdims=1),
        node("Tile", ["a", "times"], ["y"]),
    ],
    ["n", 76, 32, 1],
    ["n", 1, 1, 96],
    {"times": (ints, [1, 1, 1, 96])},
)
# (1, 16, 96) -> (1, 1): how much louder it is than a whisper.
save(
    "word",
    [
        node("ReduceMean", ["x"], ["a"], axes=[1], keepdims=0),
        node("ReduceMean", ["a"], ["b"], axes=[1], keepdims=1),
        node("Sub", ["b", "whisper"], ["c"]),
        node("Sigmoid", ["c"], ["y"]),
    ],
    [1, 16, 96],
    [1, 1],
    {"whisper": (floats, [100.0])},
)
