"""Multi-scale deformable attention (Deformable DETR, arXiv 2010.04159, equation 3), on CPUs and elsewhere."""
from __future__ import annotations

import contextlib
import functools
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

log = logging.getLogger(__name__)


def deformable_attention(value: Tensor, shapes: list[tuple[int, int]], locations: Tensor, weights: Tensor) -> Tensor:
    """Weighted sums of bilinear samples of several feature maps; what lies outside of a map is zero.

    - value: (N, S, heads, channels), the pixels of all levels one after the other.
    - shapes: height and width of each level; their products sum to S.
    - locations: (N, Q, heads, levels, points, 2), x and y, each from 0 to 1 over a level's extent.
    - weights: (N, Q, heads, levels, points).
    - returns: (N, Q, heads * channels), in the type of `value`; computed in fp32 (fp64 for fp64).
    """
    kind = torch.float64 if value.dtype == torch.float64 else torch.float32
    inputs = value.to(kind), locations.to(kind), weights.to(kind)
    if value.device.type == "cpu" and operator_is_available():
        extents = torch.tensor(shapes, dtype=torch.int64)
        return _DeformableAttention.apply(inputs[0], extents, *inputs[1:]).to(value.dtype)
    return plain_deformable_attention(inputs[0], shapes, *inputs[1:]).to(value.dtype)


def plain_deformable_attention(
    value: Tensor, shapes: list[tuple[int, int]], locations: Tensor, weights: Tensor
) -> Tensor:
    """The same out of PyTorch's own operations, for any device: one `grid_sample` a level."""
    images, _, heads, channels = value.shape
    queries = locations.shape[1]
    maps = value.permute(0, 2, 3, 1).reshape(images * heads, channels, -1).split([h * w for h, w in shapes], dim=2)
    grids = (2 * locations - 1).permute(3, 0, 2, 1, 4, 5).flatten(1, 2)
    shares = weights.permute(3, 0, 2, 1, 4).flatten(1, 2).unsqueeze(2)
    total = value.new_zeros(images * heads, channels, queries)
    for level, (height, width) in enumerate(shapes):
        samples = F.grid_sample(maps[level].unflatten(2, (height, width)), grids[level], align_corners=False)
        total = total + (samples * shares[level]).sum(3)
    return total.unflatten(0, (images, heads)).flatten(1, 2).transpose(1, 2)


class _DeformableAttention(torch.autograd.Function):
    """The C++ operator with the backward pass that belongs to it."""

    @staticmethod
    def forward(ctx, value: Tensor, extents: Tensor, locations: Tensor, weights: Tensor) -> Tensor:
        saved = value.contiguous(), extents, locations.contiguous(), weights.contiguous()
        ctx.save_for_backward(*saved)
        return torch.ops.m2fp_training.deformable_attention(*saved)

    @staticmethod
    def backward(ctx, gradient: Tensor):
        value, locations, weights = torch.ops.m2fp_training.deformable_attention_backward(
            *ctx.saved_tensors, gradient.contiguous())
        return value, None, locations, weights


_uses_operator = True


@contextlib.contextmanager
def plain_operations() -> Iterator[None]:
    """Computes with PyTorch's own operations inside of the block; for comparisons."""
    global _uses_operator
    _uses_operator = False
    try:
        yield
    finally:
        _uses_operator = True


def operator_is_available() -> bool:
    """Whether the C++ operator can be used; the first call compiles it (PyTorch keeps the result)."""
    return _uses_operator and _build()


@functools.cache
def _build() -> bool:
    from torch.utils import cpp_extension

    # The build needs ninja, which pip puts beside Python, whether or not the environment has been activated.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    try:
        cpp_extension.load(
            name="m2fp_training", sources=[str(Path(__file__).with_suffix(".cpp"))], is_python_module=False,
            extra_cflags=["-O3", "-march=native", "-ffast-math", "-fopenmp"], extra_ldflags=["-lgomp"])
    except (RuntimeError, OSError) as error:
        log.warning(
            "The operator for deformable attention cannot be compiled (%s); training goes on with PyTorch's own "
            "operations, more slowly.", str(error).splitlines()[0])
        return False
    return True
