"""Composes a dozen photographs with labels and instances out of the samples in the documentation.

    python make_data.py FOLDER

The label maps are the golden ones of the starter weights, wrong in places: enough to see whether training learns them.
"""
import random
import sys
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

REPOSITORY = Path(__file__).resolve().parents[2]
SAMPLES = {"astronaut": "png", "grace-hopper": "jpg", "two-people": "jpg"}


def sample(name: str, rng: random.Random) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A part of a sample in another size: image, labels and instances, 192 × 256. Halves of a photograph are persons."""
    image = np.array(Image.open(REPOSITORY / f"Docs/Samples/{name}.{SAMPLES[name]}").convert("RGB"))
    labels = np.array(Image.open(REPOSITORY / f"Tests/Goldens/samples/{name}.labels.png"))
    instances = (labels > 0).astype(np.uint8)
    if name == "two-people":
        instances[:, labels.shape[1] // 2:] *= 2
    height, width = labels.shape
    share = rng.uniform(0.8, 1)
    top, left = rng.uniform(0, 1 - share) * height, rng.uniform(0, 1 - share) * width
    rows, columns = slice(int(top), int(top + share * height)), slice(int(left), int(left + share * width))
    resized = [cv2.resize(image[rows, columns], (192, 256), interpolation=cv2.INTER_AREA)]
    resized += [cv2.resize(x[rows, columns], (192, 256), interpolation=cv2.INTER_NEAREST) for x in (labels, instances)]
    return tuple(resized)

#: The people of the first two photographs are composed with each other, too; the last one is for evaluation.
SOURCES = """
[[source]]
images = "images"
labels = "labels"
instances = "instances"
exclude = "11"

[[source]]
images = "images"
labels = "labels"
exclude = "^0[2-9]|1."
"""


def main() -> None:
    folder = Path(sys.argv[1])
    for name in ("images", "labels", "instances"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    rng = random.Random(0)
    for index in range(12):
        parts = sample(list(SAMPLES)[index % 3], rng)
        if index % 4 == 3:  # Two photographs side by side, the persons of the second with numbers of their own.
            other = sample("astronaut", rng)
            shifted = np.where(other[2] > 0, other[2] + parts[2].max(), 0).astype(np.uint8)
            parts = tuple(np.hstack(pair) for pair in zip(parts, (*other[:2], shifted)))
        image, labels, instances = parts
        Image.fromarray(image).save(folder / f"images/{index:02}.jpg", quality=92)
        Image.fromarray(labels).save(folder / f"labels/{index:02}.png")
        Image.fromarray(instances).save(folder / f"instances/{index:02}.png")
    (folder / "data.toml").write_text(SOURCES)


if __name__ == "__main__":
    main()
