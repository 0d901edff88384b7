"""Writes coco-rle.json: masks as pycocotools encodes them. Run with pycocotools and numpy installed."""

import json
import pathlib

import numpy as np
from pycocotools import mask as coco

rng = np.random.default_rng(5)
cases = []
for height, width in [(1, 1), (1, 70), (70, 1), (3, 5), (64, 65), (131, 67)]:
    yy, xx = np.mgrid[:height, :width]
    shapes = [
        np.zeros((height, width), bool),
        np.ones((height, width), bool),
        rng.random((height, width)) < 0.5,
        rng.random((height, width)) < 0.02,
        (yy - height / 2) ** 2 + (xx - width / 2) ** 2 < (min(height, width) / 3) ** 2,
        yy < height // 2,
    ]
    for shape in shapes:
        rle = coco.encode(np.asfortranarray(shape.astype(np.uint8)))
        rows = ["".join("#" if value else "." for value in row) for row in shape]
        cases.append(
            {
                "rows": rows,
                "counts": rle["counts"].decode(),
                "area": int(coco.area(rle)),
                "bbox": [int(value) for value in coco.toBbox(rle)],
            }
        )
text = json.dumps(cases, separators=(",", ":")) + "\n"
pathlib.Path(__file__).with_name("coco-rle.json").write_text(text)
