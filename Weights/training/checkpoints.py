"""Reading and writing weights: ModelScope's layout, this package's `.safetensors`, torchvision's ResNets, our own runs.

All of them become a state dictionary of `network.M2FP`, whose names are ModelScope's.
"""
from __future__ import annotations

import json
import logging
import pickle
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from . import configuration as configurations
from .configuration import Configuration
from .errors import TrainingError
from .files import write_with
from .network import M2FP
from .network.layers import FrozenBatchNorm

log = logging.getLogger(__name__)
State = dict[str, Tensor]

#: Marks the checkpoints of `training.state`, which hold more than weights.
TRAINING_FORMAT = "m2fp-training"


@dataclass
class Weights:
    """Parameters out of a file, and the configuration that came with them, if any did."""

    state: State
    configuration: Configuration | None
    #: Whether it is only a backbone, so that the decoders start from random weights.
    backbone_only: bool = False


def initial_network(path: Path | None, configuration: Configuration | None) -> tuple[M2FP, Configuration]:
    """The network that training starts from: from a file, or random if there is none.

    The configuration is the given one, or the file's own, or the starter's. Every parameter of the file has to fit, except
    for torchvision's, which has no decoders and may have another stem.
    """
    if path is None:
        configuration = configuration or configurations.preset("starter")
        return M2FP(configuration), configuration
    weights = read(path)
    configuration = configuration or weights.configuration
    if configuration is None:
        raise TrainingError(f"{path}: expected a configuration beside it or by --configuration, found none")
    network = M2FP(configuration)
    state = weights.state
    if weights.backbone_only:
        state = _fitting_backbone(state, network, path)
    _check(state, network.state_dict(), path)
    network.load_state_dict(state)
    return network, configuration


def read(path: Path, averaged: float = 1) -> Weights:
    """The weights in a file of any of the known layouts.

    Of a run these are the averaged weights, or between them and those of the last step: `averaged` is the share of the former.
    """
    if not path.is_file():
        raise TrainingError(f"{path}: expected a file of weights, found none")
    if path.suffix == ".safetensors":
        return _read_safetensors(path)
    contents = load_pickled(path)
    if contents.get("format") == TRAINING_FORMAT:
        document = contents["configuration"]
        state = mix(contents["network"], contents["average"], averaged)
        return Weights(state, configurations.parse(document, path.name))
    state = contents.get("model", contents)
    if "layer1.0.conv1.weight" in state:
        return Weights(_from_torchvision(state), None, backbone_only=True)
    if "sem_seg_head.predictor.query_feat.weight" not in state:
        raise TrainingError(f"{path}: expected a state dictionary of M2FP or of torchvision's ResNet, found another")
    beside = path.with_name("configuration.json")
    known = {name: value for name, value in state.items() if not _is_ignored(name)}
    return Weights(known, configurations.read(beside) if beside.is_file() else None)


def mix(state: State, other: State, share: float) -> State:
    """Weights between two networks of one configuration; `share` is that of the other one."""
    return {
        name: torch.lerp(value, other[name].to(value), share) if value.is_floating_point() else other[name]
        for name, value in state.items()}


def load_pickled(path: Path) -> dict[str, Any]:
    """A dictionary that `torch.save` wrote; nothing in the file is run."""
    try:
        contents = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, ValueError, pickle.UnpicklingError) as error:
        raise TrainingError(f"{path}: expected a PyTorch checkpoint, found something else") from error
    if not isinstance(contents, dict):
        raise TrainingError(f"{path}: expected a state dictionary, found {type(contents).__name__}")
    return contents


def export(state: State, configuration: Configuration, folder: Path) -> Path:
    """Writes `pytorch_model.pt` and `configuration.json` as ModelScope lays them out; returns the former."""
    checkpoint = folder / "pytorch_model.pt"
    tensors = {name: value.detach().cpu().clone() for name, value in state.items()}
    write_with(checkpoint, lambda file: torch.save({"model": tensors}, file))
    configuration.write(folder / "configuration.json")
    return checkpoint


def _is_ignored(name: str) -> bool:
    """What checkpoints hold beside the parameters of the network."""
    return name.startswith("criterion.") or name in ("pixel_mean", "pixel_std")


def _check(state: State, expected: State, path: Path) -> None:
    for name, value in expected.items():
        if name not in state:
            raise TrainingError(f"{path}: the tensor {name} is missing")
        if state[name].shape != value.shape:
            raise TrainingError(
                f"{path}: {name} must have shape {list(value.shape)}, found {list(state[name].shape)}")
    for name in state:
        if name not in expected:
            raise TrainingError(f"{path}: found the tensor {name}, which the configuration has no place for")


# The package's own files.

_ELEMENT_TYPES = {"F32": np.float32, "F16": np.float16}


def _read_safetensors(path: Path) -> Weights:
    """A file of `m2fp convert`: the configuration in the header, batch norms folded into weight and bias."""
    tensors, metadata = read_safetensors(path)
    if metadata.get("m2fp.precision") == "int8":
        raise TrainingError(f"{path}: expected fp32 or fp16 weights to train on, found int8")
    if "m2fp.configuration" not in metadata:
        raise TrainingError(f"{path}: expected a file of `m2fp convert`, found safetensors without a configuration")
    configuration = configurations.parse(json.loads(metadata["m2fp.configuration"]), path.name)
    return Weights(unfold(tensors, configuration), configuration)


def unfold(folded: State, configuration: Configuration) -> State:
    """Puts a batch norm behind every convolution of the backbone that shifts by the convolution's bias and is otherwise
    the identity: scale 1, mean 0, variance 1 − ε."""
    state: State = {}
    for name, value in folded.items():
        if name.startswith("backbone.") and name.endswith(".bias"):
            name = name.removesuffix(".bias") + ".norm.bias"
        state[name] = value
    for name, default in M2FP(configuration).state_dict().items():
        if ".norm." in name and name.startswith("backbone.") and not name.endswith(".bias"):
            is_variance = name.endswith(".running_var")
            value = 1 - FrozenBatchNorm.epsilon if is_variance else 1.0 if name.endswith(".weight") else 0.0
            state[name] = torch.full_like(default, value)
    return state


def read_safetensors(path: Path) -> tuple[State, dict[str, str]]:
    """Tensors in fp32 and the header's `__metadata__`: 8 bytes of length, JSON, then the elements, little-endian."""
    contents = path.read_bytes()
    try:
        (length,) = struct.unpack_from("<Q", contents)
        header = json.loads(contents[8 : 8 + length])
        metadata = header.pop("__metadata__", {})
        state = {}
        for name, entry in header.items():
            if entry["dtype"] not in _ELEMENT_TYPES:
                continue
            first, last = entry["data_offsets"]
            elements = np.frombuffer(contents[8 + length + first : 8 + length + last], _ELEMENT_TYPES[entry["dtype"]])
            state[name] = torch.from_numpy(elements.astype(np.float32).reshape(entry["shape"]))
    except (struct.error, ValueError, KeyError) as error:
        raise TrainingError(f"{path}: expected a safetensors file, found something else") from error
    return state, metadata


# torchvision's ResNets.

_TORCHVISION_LAYERS = {
    "bn1": "conv1.norm", "bn2": "conv2.norm", "bn3": "conv3.norm", "downsample.0": "shortcut",
    "downsample.1": "shortcut.norm",
}


def _from_torchvision(state: State) -> State:
    """Names of torchvision's ResNet (`layer1.0.bn2.weight`) → ours (`backbone.res2.0.conv2.norm.weight`)."""
    renamed: State = {}
    for name, value in state.items():
        if name.startswith("fc."):
            continue
        if not name.startswith("layer"):
            place, _, suffix = name.partition(".")
            renamed[f"backbone.stem.{_TORCHVISION_LAYERS.get(place, place)}.{suffix}"] = value
            continue
        layer, block, rest = name.split(".", 2)
        place, _, suffix = rest.rpartition(".")
        stage = int(layer.removeprefix("layer")) + 1
        renamed[f"backbone.res{stage}.{block}.{_TORCHVISION_LAYERS.get(place, place)}.{suffix}"] = value
    return renamed


#: What depends on the stem: itself, and the layers that read its channels.
_BEHIND_STEM = ("backbone.stem.", "backbone.res2.0.conv1.", "backbone.res2.0.shortcut.")


def _fitting_backbone(state: State, network: M2FP, path: Path) -> State:
    """The network's own random state with the file's backbone in it, but for the stem if the configuration has another."""
    complete = network.state_dict()
    stem = [name for name in complete if name.startswith("backbone.stem.")]
    if not all(name in state and state[name].shape == complete[name].shape for name in stem):
        log.warning(
            "%s: the configuration has another stem; it starts from random weights, and so do the two layers behind it.",
            path)
        state = {name: value for name, value in state.items() if not name.startswith(_BEHIND_STEM)}
    else:
        stem = []
    for name in complete:
        is_expected = name.startswith("backbone.res") and not (stem and name.startswith(_BEHIND_STEM))
        if is_expected and name not in state:
            raise TrainingError(f"{path}: the tensor {name} is missing; the configuration asks for another ResNet")
    return complete | state
