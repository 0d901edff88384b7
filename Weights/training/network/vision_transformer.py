"""DINOv2's vision transformer (Oquab et al., arXiv 2304.07193), for its features only; nothing of it is trained."""
from __future__ import annotations

import re

import torch
import torch.nn.functional as F
from torch import Tensor, nn

#: Width and height of a patch, in pixels.
PATCH = 14
HEAD_CHANNELS = 64


class Layer(nn.Module):
    """Self-attention and a feed-forward network, each normalized first and scaled before it is added."""

    def __init__(self, dim: int, hidden: int):
        super().__init__()
        self.norm1, self.norm2 = (nn.LayerNorm(dim, eps=1e-6) for _ in range(2))
        self.query, self.key, self.value, self.output = (nn.Linear(dim, dim) for _ in range(4))
        self.fc1, self.fc2 = nn.Linear(dim, hidden), nn.Linear(hidden, dim)
        self.scale1, self.scale2 = (nn.Parameter(torch.ones(dim)) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        """(N, tokens, dim)"""
        normalized = self.norm1(x)
        heads = (
            projection(normalized).unflatten(2, (-1, HEAD_CHANNELS)).transpose(1, 2)
            for projection in (self.query, self.key, self.value))
        attended = F.scaled_dot_product_attention(*heads).transpose(1, 2).flatten(2)
        x = x + self.scale1 * self.output(attended)
        return x + self.scale2 * self.fc2(F.gelu(self.fc1(self.norm2(x))))


class VisionTransformer(nn.Module):
    """Images (N, 3, H, W), normalized, H and W multiples of 14 → features of the patches (N, dim, H / 14, W / 14)."""

    def __init__(self, dim: int, hidden: int, layers: int, positions: int):
        super().__init__()
        self.patches = nn.Conv2d(3, dim, PATCH, PATCH)
        self.class_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.position = nn.Parameter(torch.zeros(1, 1 + positions, dim))
        self.layers = nn.ModuleList(Layer(dim, hidden) for _ in range(layers))
        self.norm = nn.LayerNorm(dim, eps=1e-6)

    def forward(self, images: Tensor) -> Tensor:
        tokens = self.patches(images)
        size = tokens.shape[2:]
        x = torch.cat([self.class_token.expand(len(images), -1, -1), tokens.flatten(2).transpose(1, 2)], dim=1)
        x = x + self._positions(size)
        for layer in self.layers:
            x = layer(x)
        return self.norm(x)[:, 1:].transpose(1, 2).unflatten(2, size)

    def _positions(self, size: torch.Size) -> Tensor:
        """The position embedding, which was learnt on a square, at this size."""
        side = round((self.position.shape[1] - 1) ** 0.5)
        grid = self.position[:, 1:].transpose(1, 2).unflatten(2, (side, side)).float()
        resized = F.interpolate(grid, size, mode="bicubic", align_corners=False, antialias=True)
        return torch.cat([self.position[:, :1], resized.flatten(2).transpose(1, 2)], dim=1)


#: Names of Hugging Face's checkpoints (`facebook/dinov2-small` and its like), and ours.
NAMES = [
    (r"^(dinov2|backbone)\.", ""),
    (r"^embeddings\.patch_embeddings\.projection", "patches"),
    (r"^embeddings\.cls_token", "class_token"),
    (r"^embeddings\.position_embeddings", "position"),
    (r"^layernorm", "norm"),
    (r"^encoder\.layer\.", "layers."),
    (r"attention\.attention\.(query|key|value)", r"\1"),
    (r"attention\.output\.dense", "output"),
    (r"layer_scale([12])\.lambda1", r"scale\1"),
    (r"mlp\.(fc[12])", r"\1"),
]


def from_state(state: dict[str, Tensor]) -> VisionTransformer:
    """The network of a checkpoint in Hugging Face's layout. Raises `KeyError` or `RuntimeError` if it is another."""
    ours = {}
    for name, value in state.items():
        for pattern, replacement in NAMES:
            name = re.sub(pattern, replacement, name)
        ours[name] = value.float()
    layers = 1 + max(int(name.split(".")[1]) for name in ours if name.startswith("layers."))
    hidden, dim = ours["layers.0.fc1.weight"].shape
    network = VisionTransformer(dim, hidden, layers, ours["position"].shape[1] - 1)
    network.load_state_dict({name: value for name, value in ours.items() if name != "embeddings.mask_token"})
    return network.requires_grad_(False).eval()
