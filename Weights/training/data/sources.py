"""Where photographs come from: folders of images, label maps and, where there are any, instance maps."""
from __future__ import annotations

import gc
import os
import re
import tomllib
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as PillowImage
from PIL import UnidentifiedImageError

from ..errors import TrainingError
from .picture import Map, Picture, dissolved

EXTENSIONS = (".jpg", ".jpeg", ".png", ".webp")


@dataclass(frozen=True)
class Source:
    """Photographs that belong together. Label maps and instance maps are PNG files with the photograph's name."""

    images: Path
    #: The first of these folders that has a photograph's label map counts.
    labels: tuple[Path, ...]
    #: `None` if every photograph shows one person, or several that shall count as one.
    instances: Path | None = None
    #: How often a photograph is drawn, compared with those of other sources.
    share: float = 1.0
    #: Photographs whose name (without the extension) this regular expression is found in are left out.
    exclude: str | None = None


@dataclass(frozen=True)
class Photograph:
    """The files of one photograph."""

    image: Path
    labels: Path
    instances: Path | None
    share: float

    def load(self) -> Picture:
        """The picture, at the photograph's size."""
        image = cv2.imread(str(self.image), cv2.IMREAD_COLOR)
        if image is None:
            raise TrainingError(f"{self.image}: expected a photograph, found a file that cannot be decoded")
        image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        labels = read_map(self.labels, image.shape[:2])
        if self.instances is None:
            return Picture.of_one_person(image, labels)
        return Picture.of_several_people(image, labels, read_map(self.instances, image.shape[:2]))


def read_map(path: Path, size: tuple[int, int]) -> Map:
    """A map of indices: 8-bit grey, or the indices of a palette; (height, width) has to be the photograph's."""
    try:
        with PillowImage.open(path) as picture:
            if picture.mode not in ("L", "P"):
                raise TrainingError(f"{path}: expected an 8-bit map of indices, found mode {picture.mode}")
            values = np.array(picture)
    except (OSError, UnidentifiedImageError) as error:
        raise TrainingError(f"{path}: expected a PNG file, found something else") from error
    if values.shape != size:
        raise TrainingError(
            f"{path}: expected the photograph's size {size[1]} × {size[0]}, found {values.shape[1]} × {values.shape[0]}")
    return values


def read_sources(paths: list[Path], root: Path | None = None) -> list[Source]:
    """Sources out of folders (with `images`, `labels` and perhaps `instances` in them) and of TOML files.

    A TOML file has a table `[[source]]` for each, with the fields of `Source`; its paths are relative to `root`, or to the
    file's own folder.
    """
    sources: list[Source] = []
    for path in paths:
        if path.suffix == ".toml":
            sources += _read_toml(path, root or path.parent)
        else:
            instances = path / "instances"
            sources.append(Source(path / "images", (path / "labels",), instances if instances.is_dir() else None))
    return sources


def _read_toml(path: Path, root: Path) -> list[Source]:
    try:
        document = tomllib.loads(path.read_text())
    except OSError as error:
        raise TrainingError(f"{path}: expected a list of sources, found none ({error.strerror})") from error
    except tomllib.TOMLDecodeError as error:
        raise TrainingError(f"{path}: expected TOML, found something else ({error})") from error
    sources = []
    for table in document.get("source", []):
        unknown = set(table) - {"images", "labels", "instances", "share", "exclude"}
        if unknown or "images" not in table or "labels" not in table:
            raise TrainingError(f"{path}: a source has images, labels, instances, share and exclude, found {sorted(table)}")
        labels = [table["labels"]] if isinstance(table["labels"], str) else table["labels"]
        sources.append(Source(
            root / table["images"], tuple(root / folder for folder in labels),
            root / table["instances"] if "instances" in table else None, float(table.get("share", 1)),
            table.get("exclude")))
    return sources


def photographs(sources: list[Source]) -> list[Photograph]:
    """The photographs of all sources that have a label map, by name; those without one are passed over."""
    found: list[Photograph] = []
    for source in sources:
        if not source.images.is_dir():
            raise TrainingError(f"{source.images}: expected a folder of photographs, found none")
        before = len(found)
        for image in sorted(source.images.iterdir()):
            if image.suffix.lower() not in EXTENSIONS or (source.exclude and re.search(source.exclude, image.stem)):
                continue
            labels = next((p for p in (d / f"{image.stem}.png" for d in source.labels) if p.is_file()), None)
            instances = source.instances / f"{image.stem}.png" if source.instances else None
            if instances and not instances.is_file():
                instances = None
            if labels:
                found.append(Photograph(image, labels, instances, source.share))
        if len(found) == before:
            raise TrainingError(f"{source.images}: expected photographs with label maps of the same name, found none")
    return found


@dataclass
class PictureCache:
    """Decoded pictures, the least recently used of which go when they take more than `limit` bytes together."""

    limit: int
    _kept: OrderedDict[Path, tuple[Picture, np.ndarray]] = field(default_factory=OrderedDict)
    _bytes: int = 0

    def load(self, photograph: Photograph) -> tuple[Picture, np.ndarray]:
        """The picture, and the photograph with its people dissolved into the surroundings."""
        key = photograph.image
        if key not in self._kept:
            self._keep(photograph, _decoded(photograph))
        self._kept.move_to_end(key)
        return self._kept[key]

    def preload(self, photographs: list[Photograph]) -> None:
        """Decodes all of them, as many at a time as there are processors, however many bytes they take: processes that are
        forked afterwards share the memory."""
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            decoded = list(pool.map(_decoded, photographs))
        self.limit = max(self.limit, sum(_size(pair) for pair in decoded))
        for photograph, pair in zip(photographs, decoded):
            self._keep(photograph, pair)
        gc.freeze()  # Collecting garbage would write to the objects, and so copy their memory.

    def _keep(self, photograph: Photograph, pair: tuple[Picture, np.ndarray]) -> None:
        self._kept[photograph.image] = pair
        self._bytes += _size(pair)
        while self._bytes > self.limit and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= _size(oldest)


def _decoded(photograph: Photograph) -> tuple[Picture, np.ndarray]:
    picture = photograph.load()
    return picture, dissolved(picture.image, (picture.instances > 0).astype(np.uint8))


def _size(pair: tuple[Picture, np.ndarray]) -> int:
    picture, background = pair
    return picture.image.nbytes + picture.labels.nbytes + picture.instances.nbytes + background.nbytes
