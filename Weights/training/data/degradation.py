"""What cameras, light and compression do to a photograph."""
from __future__ import annotations

import random

import cv2
import numpy as np

from .picture import Image


def degraded(image: Image, rng: random.Random) -> Image:
    """The image in another light, sometimes grey, blurred, noisy, or compressed."""
    pixels = image.astype(np.float32)
    if rng.random() < 0.8:
        pixels = _relit(pixels, rng)
    if rng.random() < 0.1:
        pixels = np.repeat(pixels.mean(2, keepdims=True), 3, axis=2)
    if rng.random() < 0.15:
        pixels = cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.5, 1.3))
    if rng.random() < 0.2:
        noise = np.random.default_rng(rng.getrandbits(64)).standard_normal((*pixels.shape[:2], 1), np.float32)
        pixels = pixels + noise * rng.uniform(2, 10)
    result = pixels.clip(0, 255).astype(np.uint8)
    return _compressed(result, rng.randint(25, 85)) if rng.random() < 0.3 else result


def _relit(pixels: np.ndarray, rng: random.Random) -> np.ndarray:
    """Brightness, contrast, saturation and a cast of colour; (H, W, 3) in levels, not clipped."""
    pixels = pixels * rng.uniform(0.6, 1.35) + rng.uniform(-25, 25)
    mean = pixels.mean()
    pixels = (pixels - mean) * rng.uniform(0.65, 1.3) + mean
    grey = pixels.mean(2, keepdims=True)
    pixels = grey + (pixels - grey) * rng.uniform(0.3, 1.6)
    return pixels * np.array([rng.uniform(0.9, 1.1) for _ in range(3)], np.float32)


def _compressed(image: Image, quality: int) -> Image:
    """The image after JPEG of this quality."""
    _, encoded = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR)[..., ::-1])
