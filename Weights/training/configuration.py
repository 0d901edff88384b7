"""ModelScope's `configuration.json`: the architecture that the network, the checkpoint and the Swift package agree on."""
from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import TrainingError
from .files import write_atomically

#: CIHP's classes (Gong et al., arXiv 1808.00157) in ModelScope's order; the last one is the whole person.
CIHP_CLASSES = [
    "Background", "Hat", "Hair", "Glove", "Sunglasses", "UpperClothes", "Dress", "Coat", "Socks", "Pants",
    "Torso-skin", "Scarf", "Skirt", "Face", "Left-arm", "Right-arm", "Left-leg", "Right-leg", "Left-shoe",
    "Right-shoe", "Human",
]
#: Classes of clothes that are recognized by themselves, in the spellings of CIHP, LIP and ATR.
GARMENTS = frozenset((
    "Hat", "UpperClothes", "Upper-clothes", "Dress", "Coat", "Pants", "Jumpsuits", "Scarf", "Skirt", "Left-shoe",
    "Right-shoe"))
FEATURES = ["res2", "res3", "res4", "res5"]
TRANSFORMER_FEATURES = ["res3", "res4", "res5"]


@dataclass(frozen=True)
class Backbone:
    depth: int
    stem_type: str
    stem_channels: int
    width: int
    res2_channels: int
    stride_in_1x1: bool
    res4_dilation: int
    res5_dilation: int
    res5_multi_grid: tuple[int, ...]

    @property
    def channels(self) -> list[int]:
        """Channels of `res2` to `res5`."""
        return [self.res2_channels << stage for stage in range(4)]


@dataclass(frozen=True)
class PixelDecoder:
    dim: int
    mask_dim: int
    heads: int
    layers: int
    feed_forward: int
    points: int = 4


@dataclass(frozen=True)
class TransformerDecoder:
    num_classes: int
    dim: int
    num_queries: int
    heads: int
    layers: int
    feed_forward: int
    enforce_input_projection: bool


@dataclass(frozen=True)
class Configuration:
    """The parts of the document that the network needs, and the document itself, which is exported unchanged."""

    backbone: Backbone
    pixel_decoder: PixelDecoder
    decoder: TransformerDecoder
    classes: tuple[str, ...]
    num_parsing: int
    document: dict[str, Any]

    @property
    def person_class(self) -> int:
        """Index of the whole person, which follows the `num_parsing` parts."""
        return self.num_parsing

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Indices of the classes that a mirrored photograph exchanges: `Left-arm` and `Right-arm`, and so on."""
        index = {name: k for k, name in enumerate(self.classes)}
        return [
            (k, index[name.replace("Left-", "Right-")])
            for name, k in index.items()
            if name.startswith("Left-") and name.replace("Left-", "Right-") in index
        ]

    @property
    def garments(self) -> list[int]:
        """Indices of the classes that also lie or hang somewhere when nobody wears them."""
        return [k for k, name in enumerate(self.classes) if name in GARMENTS]

    def write(self, path: Path) -> None:
        write_atomically(path, (json.dumps(self.document, indent=1) + "\n").encode())


def parse(document: dict[str, Any], name: str) -> Configuration:
    """A decoded `configuration.json`, checked. `name` is the file, for messages."""
    check = _Section(document, name, "")
    model = check.section("model")
    backbone, encoder, decoder = model.section("backbone"), model.section("encoder"), model.section("decoder")
    backbone.expect("out_features", FEATURES)
    backbone.expect("norm", "BN", default="BN")
    backbone.expect("num_groups", 1, default=1)
    encoder.expect("type", "msdeformattn", default="msdeformattn")
    encoder.expect("in_features", FEATURES)
    encoder.expect("transformer_in_features", TRANSFORMER_FEATURES)
    encoder.expect("common_stride", 4, default=4)
    decoder.expect("pre_norm", False, default=False)
    model.expect("single_human", False, default=False)
    classes = tuple(model.get("classes"))
    model.expect("num_parsing", len(classes) - 1, default=len(classes) - 1)
    decoder.expect("num_classes", len(classes))
    return Configuration(
        backbone=Backbone(
            depth=backbone.choice("depth", [18, 34, 50, 101, 152]),
            stem_type=backbone.choice("stem_type", ["deeplab", "basic"], default="deeplab"),
            stem_channels=backbone.positive("stem_out_channels"),
            width=backbone.positive("width_per_group"),
            res2_channels=backbone.positive("res2_out_channels"),
            stride_in_1x1=bool(backbone.get("stride_in_1x1")),
            res4_dilation=backbone.choice("res4_dilation", [1, 2]),
            res5_dilation=backbone.choice("res5_dilation", [1, 2, 4]),
            res5_multi_grid=tuple(backbone.get("res5_multi_grid"))),
        pixel_decoder=PixelDecoder(
            dim=encoder.positive("conv_dim", multiple_of=32),
            mask_dim=encoder.positive("mask_dim"),
            heads=encoder.positive("transformer_nheads"),
            layers=encoder.positive("transformer_enc_layers"),
            feed_forward=encoder.positive("transformer_dim_feedforward")),
        decoder=TransformerDecoder(
            num_classes=len(classes),
            dim=decoder.positive("hidden_dim", multiple_of=4),
            num_queries=decoder.positive("num_queries"),
            heads=decoder.positive("nheads"),
            layers=decoder.positive("dec_layers"),
            feed_forward=decoder.positive("dim_feedforward"),
            enforce_input_projection=bool(decoder.get("enforce_input_project"))),
        classes=classes, num_parsing=len(classes) - 1, document=copy.deepcopy(document))


def read(path: Path) -> Configuration:
    """A `configuration.json`."""
    try:
        document = json.loads(path.read_text())
    except OSError as error:
        raise TrainingError(f"{path}: expected a configuration, found none ({error.strerror})") from error
    except ValueError as error:
        raise TrainingError(f"{path}: expected JSON, found something else ({error})") from error
    return parse(document, path.name)


def preset(name: str) -> Configuration:
    """The configuration of this name: `starter`, `resnet101`, or the path of a `configuration.json`."""
    if name in PRESETS:
        return parse(_document(**PRESETS[name]), name)
    if Path(name).suffix == ".json":
        return read(Path(name))
    raise TrainingError(f"--configuration: expected {', '.join(PRESETS)} or a .json file, found {name}")


#: `starter` ships with this package; `resnet101` is the published model's, and `resnet101-basic` the same with the stem that
#: torchvision's ImageNet weights have; `tiny` is for tests.
PRESETS: dict[str, dict[str, Any]] = {
    "starter": dict(
        depth=50, stem="basic", stem_channels=64, width=32, res2=128, stride_in_1x1=True, dim=128, encoder_layers=3,
        encoder_feed_forward=512, decoder_layers=6, decoder_feed_forward=512, queries=80, threshold=0.3, short_edge=320,
        max_size=640),
    "resnet101": dict(
        depth=101, stem="deeplab", stem_channels=128, width=64, res2=256, stride_in_1x1=False, dim=256,
        encoder_layers=6, encoder_feed_forward=1024, decoder_layers=9, decoder_feed_forward=2048, queries=100,
        threshold=0.5, short_edge=640, max_size=1333),
    "resnet101-basic": dict(
        depth=101, stem="basic", stem_channels=64, width=64, res2=256, stride_in_1x1=False, dim=256,
        encoder_layers=6, encoder_feed_forward=1024, decoder_layers=9, decoder_feed_forward=2048, queries=100,
        threshold=0.5, short_edge=640, max_size=1333),
    "tiny": dict(
        depth=18, stem="basic", stem_channels=16, width=16, res2=16, stride_in_1x1=False, dim=32, encoder_layers=1,
        encoder_feed_forward=64, decoder_layers=3, decoder_feed_forward=64, queries=30, threshold=0.3, short_edge=128,
        max_size=256),
}


def _document(
    *, depth: int, stem: str, stem_channels: int, width: int, res2: int, stride_in_1x1: bool, dim: int,
    encoder_layers: int, encoder_feed_forward: int, decoder_layers: int, decoder_feed_forward: int, queries: int,
    threshold: float, short_edge: int, max_size: int,
) -> dict[str, Any]:
    backbone: dict[str, Any] = dict(
        out_features=FEATURES, depth=depth, num_groups=1, width_per_group=width, norm="BN",
        stem_out_channels=stem_channels, res2_out_channels=res2, stride_in_1x1=stride_in_1x1, res4_dilation=1,
        res5_dilation=1, res5_multi_grid=[1, 1, 1])
    if stem != "deeplab":  # ModelScope's port knows no other and refuses the key.
        backbone["stem_type"] = stem
    encoder = dict(
        in_features=FEATURES, transformer_dropout=0.0, transformer_nheads=8,
        transformer_dim_feedforward=encoder_feed_forward, transformer_enc_layers=encoder_layers, conv_dim=dim,
        mask_dim=dim, transformer_in_features=TRANSFORMER_FEATURES, common_stride=4)
    decoder = dict(
        num_classes=len(CIHP_CLASSES), hidden_dim=dim, num_queries=queries, nheads=8,
        dim_feedforward=decoder_feed_forward, dec_layers=decoder_layers, pre_norm=False, mask_dim=dim,
        enforce_input_project=False)
    model = dict(
        type="M2FP", pretrained=True, backbone=backbone, encoder=encoder, decoder=decoder,
        input_single_human=dict(sizes=[[384, 512]]), classes=CIHP_CLASSES, num_parsing=len(CIHP_CLASSES) - 1,
        single_human=False, parsing_ins_score_thr=threshold, parsing_on=True, semantic_on=True,
        sem_seg_postprocess_before_inference=True)
    return dict(
        framework="pytorch", task="image-segmentation", pipeline=dict(type="image-human-parsing"), model=model,
        preprocess=dict(short_edge=short_edge, max_size=max_size))


class _Section:
    """An object of the document; every complaint names the file and the path of the field."""

    def __init__(self, values: Any, file: str, path: str):
        if not isinstance(values, dict):
            raise TrainingError(f"{file}: {path or 'the document'} must be an object, found {type(values).__name__}")
        self.values, self.file, self.path = values, file, path

    def _field(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def get(self, key: str, default: Any = None) -> Any:
        value = self.values.get(key, default)
        if value is None:
            raise TrainingError(f"{self.file}: the configuration lacks {self._field(key)}")
        return value

    def section(self, key: str) -> _Section:
        return _Section(self.get(key), self.file, self._field(key))

    def choice(self, key: str, choices: list[Any], default: Any = None) -> Any:
        value = self.get(key, default)
        if value not in choices:
            expected = ", ".join(str(choice) for choice in choices)
            raise TrainingError(f"{self.file}: {self._field(key)} must be one of {expected}, found {value}")
        return value

    def expect(self, key: str, expected: Any, default: Any = None) -> None:
        value = self.get(key, default)
        if value != expected:
            raise TrainingError(f"{self.file}: {self._field(key)} must be {expected}, found {value}")

    def positive(self, key: str, multiple_of: int = 1) -> int:
        value = self.get(key)
        if not isinstance(value, int) or value < 1 or value % multiple_of:
            raise TrainingError(
                f"{self.file}: {self._field(key)} must be a positive multiple of {multiple_of}, found {value}")
        return value
