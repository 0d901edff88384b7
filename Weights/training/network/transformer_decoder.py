"""Mask2Former's transformer decoder with masked attention (arXiv 2112.01527, section 3.2)."""
from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..configuration import TransformerDecoder
from .layers import MLP, sine_position_embedding

LEVELS = 3


class MultiheadAttention(nn.Module):
    """Attention with the parameters of PyTorch's `nn.MultiheadAttention`: the three projections in one matrix."""

    def __init__(self, dim: int, heads: int):
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * dim, dim))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * dim))
        self.out_proj = nn.Linear(dim, dim)
        nn.init.xavier_uniform_(self.in_proj_weight)
        nn.init.xavier_uniform_(self.out_proj.weight)
        nn.init.zeros_(self.out_proj.bias)

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        """query (N, Q, dim), key and value (N, S, dim), mask (N, Q, S), true where attention may go → (N, Q, dim)."""
        weights, biases = self.in_proj_weight.chunk(3), self.in_proj_bias.chunk(3)
        q, k, v = (
            F.linear(x, weight, bias).unflatten(2, (self.heads, -1)).transpose(1, 2)
            for x, weight, bias in zip((query, key, value), weights, biases))
        mask = None if mask is None else mask[:, None]
        attended = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return self.out_proj(attended.transpose(1, 2).flatten(2))


class CrossAttentionLayer(nn.Module):
    """Queries look at the pixels of one level, each inside of its mask."""

    def __init__(self, dim: int, heads: int):
        super().__init__()
        self.multihead_attn = MultiheadAttention(dim, heads)
        self.norm = nn.LayerNorm(dim)

    def forward(self, x: Tensor, embedding: Tensor, memory: Tensor, position: Tensor, mask: Tensor) -> Tensor:
        return self.norm(x + self.multihead_attn(x + embedding, memory + position, memory, mask))


class SelfAttentionLayer(nn.Module):
    """Queries look at each other."""

    def __init__(self, dim: int, heads: int):
        super().__init__()
        self.self_attn = MultiheadAttention(dim, heads)
        self.norm = nn.LayerNorm(dim)

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        query = x + embedding
        return self.norm(x + self.self_attn(query, query, x))


class FFNLayer(nn.Module):
    """The feed-forward network of a decoder layer."""

    def __init__(self, dim: int, hidden: int):
        super().__init__()
        self.linear1 = nn.Linear(dim, hidden)
        self.linear2 = nn.Linear(hidden, dim)
        self.norm = nn.LayerNorm(dim)
        for linear in (self.linear1, self.linear2):
            nn.init.xavier_uniform_(linear.weight)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(x + self.linear2(F.relu(self.linear1(x))))


class MultiScaleMaskedTransformerDecoder(nn.Module):
    """Layers of masked cross-attention, self-attention and feed-forward, round robin over the levels."""

    def __init__(self, configuration: TransformerDecoder, input_dim: int, mask_dim: int):
        super().__init__()
        dim, layers = configuration.dim, configuration.layers
        self.transformer_cross_attention_layers = nn.ModuleList(
            CrossAttentionLayer(dim, configuration.heads) for _ in range(layers))
        self.transformer_self_attention_layers = nn.ModuleList(
            SelfAttentionLayer(dim, configuration.heads) for _ in range(layers))
        self.transformer_ffn_layers = nn.ModuleList(FFNLayer(dim, configuration.feed_forward) for _ in range(layers))
        self.decoder_norm = nn.LayerNorm(dim)
        self.query_feat = nn.Embedding(configuration.num_queries, dim)
        self.query_embed = nn.Embedding(configuration.num_queries, dim)
        self.level_embed = nn.Embedding(LEVELS, dim)
        projects = configuration.enforce_input_projection or input_dim != dim
        self.input_proj = nn.ModuleList(
            nn.Conv2d(input_dim, dim, 1) if projects else nn.Identity() for _ in range(LEVELS))
        self.class_embed = nn.Linear(dim, configuration.num_classes + 1)
        self.mask_embed = MLP(dim, dim, mask_dim, 3)

    def forward(self, levels: list[Tensor], mask_features: Tensor) -> tuple[Tensor, Tensor]:
        """Levels (N, dim, h, w), coarse to fine, and mask features (N, mask_dim, H, W) → predictions of every layer.

        Of the learnable queries before the first layer, then after each: class logits (layers + 1, N, Q, num_classes + 1)
        and mask embeddings (layers + 1, N, Q, mask_dim). The last ones are the network's answer. Masks are left to who
        needs them: a criterion that knows which queries matter spares most of that product.
        """
        memories, positions = self._memories(levels)
        # Resizing treats channels alone, so the mask features may be resized once a level instead of every mask.
        with torch.no_grad():
            resized = [
                F.interpolate(mask_features.float(), level.shape[2:], mode="bilinear", align_corners=False).flatten(2)
                for level in levels]
        count = mask_features.shape[0]
        x = self.query_feat.weight.expand(count, -1, -1)
        embedding = self.query_embed.weight
        predictions = [self.decoder_norm(x)]
        layers = zip(
            self.transformer_cross_attention_layers, self.transformer_self_attention_layers, self.transformer_ffn_layers)
        for index, (cross_attention, self_attention, ffn) in enumerate(layers):
            level = index % LEVELS
            mask = self._attention_mask(predictions[-1], resized[level])
            x = cross_attention(x, embedding, memories[level], positions[level], mask)
            x = ffn(self_attention(x, embedding))
            predictions.append(self.decoder_norm(x))
        queries = torch.stack(predictions)
        return self.class_embed(queries), self.mask_embed(queries)

    def _memories(self, levels: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """The tokens that cross-attention reads, (N, h * w, dim), and their positions, (h * w, dim)."""
        memories, positions = [], []
        for level, projection, embedding in zip(levels, self.input_proj, self.level_embed.weight):
            memories.append(projection(level).flatten(2).transpose(1, 2) + embedding)
            positions.append(sine_position_embedding(*level.shape[2:], embedding.shape[0], level.device))
        return memories, positions

    @torch.no_grad()
    def _attention_mask(self, queries: Tensor, resized: Tensor) -> Tensor:
        """Where each query may look, (N, Q, h * w): inside of its mask, or anywhere if that is empty."""
        inside = self.mask_embed(queries).float() @ resized >= 0
        return inside | ~inside.any(dim=2, keepdim=True)
