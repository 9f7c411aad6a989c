"""A network as an ONNX graph, made from arrays: tokens and a state in, logits and the state after them out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from .configuration import GATES, STATE_PARTS, Cell, ModelConfig

_OPSET = 18
_IR_VERSION = 8
"""The oldest that belongs to the opset, so that older runtimes read the file too."""
_GATE_ORDER: dict[Cell, tuple[int, ...]] = {"lstm": (0, 3, 1, 2), "gru": (1, 0, 2)}
"""Where torch keeps the gates that ONNX expects: input, output, forget, cell; update, reset, hidden."""


def onnx_model(config: ModelConfig, weights: Mapping[str, NDArray[Any]], metadata: Mapping[str, str]) -> ModelProto:
    """Build the graph of a trained network in float32, dropout left out.

    Inputs are ``tokens`` ``(time, batch)`` in int64 and the parts of the state, ``h`` and in an LSTM ``c``, each
    ``(layers, batch, hidden)``; outputs are ``logits`` ``(time, batch, vocabulary)`` and ``new_h``, ``new_c``.
    """
    parts = STATE_PARTS[config.cell]
    arrays = {"embedding": _float32(weights["embedding.weight"]), "output_bias": _float32(weights["output_bias"])}
    nodes = [helper.make_node("Gather", ["embedding", "tokens"], ["signal"])]
    nodes += [
        helper.make_node(
            "Split", [part], [f"{part}.{layer}" for layer in range(config.layers)], axis=0, num_outputs=config.layers
        )
        for part in parts
    ]
    arrays["direction"] = np.array([1], dtype=np.int64)
    signal = "signal"
    for layer in range(config.layers):
        arrays |= _layer_arrays(config, weights, layer)
        nodes += _layer_nodes(config, layer, signal)
        signal = f"signal.{layer}"
    nodes += [
        helper.make_node("Concat", [f"new_{part}.{layer}" for layer in range(config.layers)], [f"new_{part}"], axis=0)
        for part in parts
    ]
    if config.projected:
        arrays["projection"] = _float32(weights["projection.weight"]).T.copy()
        arrays["projection_bias"] = _float32(weights["projection.bias"])
        nodes.append(helper.make_node("MatMul", [signal, "projection"], ["turned"]))
        nodes.append(helper.make_node("Add", ["turned", "projection_bias"], ["features"]))
        signal = "features"
    if not config.tied:
        arrays["output"] = _float32(weights["output_weight"])
    nodes.append(helper.make_node("Transpose", ["embedding" if config.tied else "output"], ["columns"], perm=[1, 0]))
    nodes.append(helper.make_node("MatMul", [signal, "columns"], ["scores"]))
    nodes.append(helper.make_node("Add", ["scores", "output_bias"], ["logits"]))

    state = (config.layers, "batch", config.hidden_size)
    graph = helper.make_graph(
        nodes,
        "jokegen",
        [
            helper.make_tensor_value_info("tokens", TensorProto.INT64, ("time", "batch")),
            *(helper.make_tensor_value_info(part, TensorProto.FLOAT, state) for part in parts),
        ],
        [
            helper.make_tensor_value_info("logits", TensorProto.FLOAT, ("time", "batch", config.vocabulary_size)),
            *(helper.make_tensor_value_info(f"new_{part}", TensorProto.FLOAT, state) for part in parts),
        ],
        [numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )
    model = helper.make_model(
        graph, producer_name="jokegen", opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION
    )
    helper.set_model_props(model, dict(metadata))
    return model


def _layer_arrays(config: ModelConfig, weights: Mapping[str, NDArray[Any]], layer: int) -> dict[str, NDArray[Any]]:
    rows = np.arange(GATES[config.cell] * config.hidden_size).reshape(-1, config.hidden_size)
    order = rows[list(_GATE_ORDER[config.cell])].ravel()

    def ordered(name: str) -> NDArray[Any]:
        return _float32(weights[f"recurrent.{layer}.{name}_l0"])[order]

    return {
        f"W.{layer}": ordered("weight_ih")[None],
        f"R.{layer}": ordered("weight_hh")[None],
        f"B.{layer}": np.concatenate([ordered("bias_ih"), ordered("bias_hh")])[None],
    }


def _layer_nodes(config: ModelConfig, layer: int, signal: str) -> list[NodeProto]:
    parts = STATE_PARTS[config.cell]
    # The empty name stands for the lengths of the texts, which are all as long as the input.
    inputs = [signal, f"W.{layer}", f"R.{layer}", f"B.{layer}", "", *(f"{part}.{layer}" for part in parts)]
    outputs = [f"directed.{layer}", *(f"new_{part}.{layer}" for part in parts)]
    cell = helper.make_node(config.cell.upper(), inputs, outputs, hidden_size=config.hidden_size)
    if config.cell == "gru":
        # torch multiplies by the reset gate after the product with the recurrent weights.
        cell.attribute.append(helper.make_attribute("linear_before_reset", 1))
    return [cell, helper.make_node("Squeeze", [f"directed.{layer}", "direction"], [f"signal.{layer}"])]


def _float32(array: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(array, dtype=np.float32)
