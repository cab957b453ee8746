"""From a trained network to the files that ship: ONNX with 8-bit weights, and what lies beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxscript import optimizer
from torch import Tensor, nn

from pipeline.language.weights import CONFIG, FORMAT, INPUTS, OUTPUTS
from pipeline.train.base import Base, write_tokenizer
from pipeline.train.hashes import hashes, write_config
from pipeline.train.network import Network
from pipeline.train.settings import Labels

MAX_PIECES = 500
_OPSET = 18
_WIDER = 4
"""How many times wider than the rest the inner layer of a block is."""
_EXACT_BLOCKS = 3
_FOLDED = 8_000_000
"""Bytes of a weight."""


class _OneSentence(nn.Module):
    """The network without its batch axis."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, embedded: Tensor, shapes: Tensor, first: Tensor, last: Tensor) -> tuple[Tensor, ...]:
        scores = self.network(embedded.unsqueeze(0), shapes.unsqueeze(0), first.unsqueeze(0), last.unsqueeze(0), None)
        return tuple(value.squeeze(0) for value in scores)


def export(network: Network, base: Base, labels: Labels, folder: Path, exact: bool = False) -> None:
    """Writes the weights folder. ``exact`` keeps 32-bit weights, to measure what 8 bits cost."""
    folder.mkdir(parents=True, exist_ok=True)
    plain = folder / "encoder.float.onnx"
    _trace(network, base, plain)
    target = folder / "encoder.onnx"
    if exact:
        plain.replace(target)
    else:
        kept = _first_blocks(plain)
        # Scales of activations are taken per run, and a run is one sentence, so a sentence's result is its own. Weights of seven bits
        # (reduce_range) cannot overflow the 16-bit sums of processors without VNNI, so all compute the same integers.
        quantize_dynamic(
            plain,
            target,
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Gemm"],
            nodes_to_exclude=kept,
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )
        _store_in_8_bits(target, kept)
        plain.unlink()
    np.save(folder / "words.npy", base.words)
    np.save(folder / "word_scales.npy", base.scales)
    write_tokenizer(base, folder / "pieces.json")
    config: dict[str, Any] = {
        "format": FORMAT,
        "tags": labels.tags,
        "relations": labels.relations,
        "entities": labels.entities,
        "measured": labels.measured,
        "roles": labels.roles,
        "max_pieces": MAX_PIECES,
        "sha256": hashes(folder),
    }
    write_config(folder / CONFIG, config)


def _first_blocks(path: Path) -> list[str]:
    """The products that shrink the wide layer of the first blocks: their inputs have the widest range, and 8 bits there cost the most."""
    model = onnx.load(path)
    shapes = {weight.name: tuple(weight.dims) for weight in model.graph.initializer}
    narrow = [
        node.name
        for node in model.graph.node
        if node.op_type == "MatMul" and (shape := shapes.get(node.input[1])) and shape[0] == _WIDER * shape[1]
    ]
    return narrow[:_EXACT_BLOCKS]


def _store_in_8_bits(path: Path, names: Sequence[str]) -> None:
    """Stores the weights of the products ``names`` in 8 bits per channel; they are made floats again when the model is loaded."""
    model = onnx.load(path)
    weights = {weight.name: weight for weight in model.graph.initializer}
    for at, node in reversed(list(enumerate(model.graph.node))):
        if node.name not in names:
            continue
        weight = weights[node.input[1]]
        values = numpy_helper.to_array(weight)
        scales = (np.maximum(np.abs(values).max(axis=0), 1e-12) / 127).astype(np.float32)
        rounded = np.clip(np.rint(values / scales), -127, 127).astype(np.int8)
        model.graph.initializer.remove(weight)
        model.graph.initializer.append(numpy_helper.from_array(rounded, f"{weight.name}_8"))
        model.graph.initializer.append(numpy_helper.from_array(scales, f"{weight.name}_scales"))
        inputs = [f"{weight.name}_8", f"{weight.name}_scales"]
        exact = helper.make_node(
            "DequantizeLinear", inputs, [f"{weight.name}_exact"], axis=1, name=f"{node.name}_exact"
        )
        node.input[1] = f"{weight.name}_exact"
        model.graph.node.insert(at, exact)
    onnx.save(model, path)


def _trace(network: Network, base: Base, path: Path) -> None:
    wrapped = _OneSentence(network).eval()
    pieces, words = 12, 7
    example = (
        base.embeddings[torch.arange(1000, 1000 + pieces)],
        torch.ones(pieces, dtype=torch.int64),
        torch.arange(1, words + 1),
        torch.arange(1, words + 1),
    )
    p, w = torch.export.Dim("pieces", min=3, max=512), torch.export.Dim("words", min=1, max=510)
    with torch.no_grad():
        program = torch.onnx.export(
            wrapped,
            example,
            dynamo=True,
            opset_version=_OPSET,
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_shapes=({0: p}, {0: p}, {0: w}, {0: w}),
            external_data=False,
        )
    assert program is not None
    # Weights that are only turned before they are used are stored turned, so that they can be kept in 8 bits, too.
    turned = optimizer.optimize(program.model, input_size_limit=_FOLDED, output_size_limit=2 * _FOLDED)
    program.model = turned
    program.save(str(path), external_data=False)
