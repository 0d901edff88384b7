"""Features of a larger network as a further target of the backbone (knowledge distillation, FitNets, arXiv 1412.6550).

DINOv2 has seen 142 million photographs, and its features tell a person from a statue or a horse; a backbone that has to
predict them keeps what generalizes, where few labelled photographs would let it learn them by heart.
"""
from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from . import checkpoints
from .errors import TrainingError
from .network import vision_transformer
from .network.vision_transformer import PATCH, VisionTransformer

#: The stride of the features that are compared: that of `res4`.
STRIDE = 16
#: Patches of the teacher to one pixel of these features, along each axis. The teacher sees a photograph that is resized for
#: that.
PATCHES_PER_PIXEL = 1.5


class Distillation(nn.Module):
    """A frozen teacher, and the linear map that predicts its features from `res4` and `res5`, which only training has."""

    def __init__(self, teacher: VisionTransformer, channels: list[int]):
        super().__init__()
        self.teacher = [teacher]  # In a list, so that it is no part of the state and gets no gradients.
        self.head = nn.Conv2d(sum(channels[2:]), teacher.norm.weight.shape[0], 1)

    @torch.no_grad()
    def expected(self, images: Tensor) -> Tensor:
        """The teacher's features of images (N, 3, H, W), normalized → (N, dim, H / 16, W / 16)."""
        size = [extent // STRIDE for extent in images.shape[2:]]
        pixels = [round(extent * PATCHES_PER_PIXEL) * PATCH for extent in size]
        resized = F.interpolate(images, pixels, mode="bilinear", align_corners=False, antialias=True)
        return F.adaptive_avg_pool2d(self.teacher[0](resized), size)

    def loss(self, features: list[Tensor], expected: Tensor) -> Tensor:
        """1 − the cosine of what is predicted from `res2` to `res5` and the teacher's features, averaged over pixels."""
        res4, res5 = features[2:]
        upsampled = F.interpolate(res5, res4.shape[2:], mode="bilinear", align_corners=False)
        predicted = self.head(torch.cat([res4, upsampled], dim=1))
        return 1 - F.cosine_similarity(predicted.float(), expected.float(), dim=1).mean()


def read_teacher(path: Path) -> VisionTransformer:
    """DINOv2 out of a `.safetensors` file in Hugging Face's layout, or an ONNX file that was exported from there."""
    if not path.is_file():
        raise TrainingError(f"{path}: expected the weights of DINOv2, found no file")
    state = _onnx_state(path) if path.suffix == ".onnx" else checkpoints.read_safetensors(path)[0]
    try:
        return vision_transformer.from_state(state)
    except (KeyError, ValueError, RuntimeError) as error:
        raise TrainingError(f"{path}: expected DINOv2 in Hugging Face's layout, found another network ({error})") from error


def _onnx_state(path: Path) -> dict[str, Tensor]:
    """The parameters by their names: constant folding has transposed matrices and named them after nothing, but the nodes
    that multiply by them keep the modules' names."""
    try:
        import onnx
    except ImportError as error:
        raise TrainingError(f"{path}: expected Python's package onnx to read it, found none (pip install onnx)") from error
    graph = onnx.load(str(path)).graph
    arrays = {item.name: torch.tensor(onnx.numpy_helper.to_array(item)) for item in graph.initializer}
    state = {name: value for name, value in arrays.items() if name.startswith("backbone.")}
    for node in graph.node:
        matrix = next((arrays[name] for name in node.input if name in arrays), None)
        if node.op_type == "MatMul" and node.name.startswith("/backbone/") and matrix is not None:
            module = node.name.removeprefix("/backbone/").removesuffix("/MatMul").replace("/", ".")
            state[f"backbone.{module}.weight"] = matrix.T.contiguous()
    # Exported for one size, the position embedding is in two pieces: the class token's and the patches'.
    positions = [value for name, value in arrays.items() if name.startswith("onnx::") and value.ndim == 3]
    if len(positions) == 2:
        state["backbone.embeddings.position_embeddings"] = torch.cat(positions, dim=1)
    return state
