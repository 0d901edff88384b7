"""The operator's gradients, the network against the package's, and every layout of weights that training starts from."""
import copy
import json
import os
import subprocess
import sys
import tempfile
import unittest
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image

from training import checkpoints, configuration
from training.data.picture import UNKNOWN, Picture, placement
from training.data.sources import read_map
from training.distillation import Distillation, read_teacher
from training.errors import TrainingError
from training.network import M2FP, normalize
from training.network.deformable_attention import (
    _DeformableAttention, operator_is_available, plain_deformable_attention)
from training.network.vision_transformer import from_state
from training.pseudo_labels import Labeller, label_folder

REPOSITORY = Path(__file__).resolve().parents[2]
STARTER = REPOSITORY / "Weights/starter-fp16.safetensors"
M2FP_TOOL = os.environ.get("M2FP", str(REPOSITORY / ".build/release/m2fp"))


def random_inputs(channels: int, kind: torch.dtype, shapes: list[tuple[int, int]]) -> tuple[torch.Tensor, ...]:
    """Values, locations (some outside of the maps) and weights of 2 images, 3 heads, 4 queries, 2 points."""
    generator = torch.Generator().manual_seed(channels)
    tokens = sum(h * w for h, w in shapes)
    value = torch.randn(2, tokens, 3, channels, generator=generator, dtype=kind)
    locations = torch.rand(2, 4, 3, len(shapes), 2, 2, generator=generator, dtype=kind) * 1.4 - 0.2
    weights = torch.rand(2, 4, 3, len(shapes), 2, generator=generator, dtype=kind)
    return tuple(x.requires_grad_() for x in (value, locations, weights))


class DeformableAttention(unittest.TestCase):
    shapes = [(1, 2), (3, 2), (5, 4)]

    def setUp(self) -> None:
        self.assertTrue(operator_is_available())
        self.extents = torch.tensor(self.shapes)

    def test_gradients_are_those_of_finite_differences(self) -> None:
        value, locations, weights = random_inputs(5, torch.float64, self.shapes)
        self.assertTrue(torch.autograd.gradcheck(
            lambda v, l, w: _DeformableAttention.apply(v, self.extents, l, w), (value, locations, weights)))

    def test_equals_grid_sample_for_every_number_of_channels(self) -> None:
        for channels in (3, 8, 16, 32, 64):
            inputs = random_inputs(channels, torch.float32, self.shapes)
            value, locations, weights = inputs
            ours = _DeformableAttention.apply(value, self.extents, locations, weights)
            plain = plain_deformable_attention(value, self.shapes, locations, weights)
            torch.testing.assert_close(ours, plain, rtol=1e-5, atol=1e-5)
            for a, b in zip(torch.autograd.grad(ours.square().sum(), inputs),
                            torch.autograd.grad(plain.square().sum(), inputs)):
                torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)


class Layouts(unittest.TestCase):
    def test_every_stage_equals_the_reference(self) -> None:
        """Networks with random weights, whose intermediate tensors ModelScope's code has computed."""
        for name in ("multi-r101-narrow", "variant-r34", "variant-r50-dilated"):
            with self.subTest(name):
                folder = REPOSITORY / "Tests/Goldens" / name
                stages, _ = checkpoints.read_safetensors(folder / "stages.safetensors")
                network, _ = checkpoints.initial_network(folder / "pytorch_model.pt", None)
                with torch.no_grad():
                    output = network(
                        stages["input"] if "input" in stages else padded_input(folder / "input.png", (216, 160)))
                for tensor, expected in ((output.class_logits[-1], "pred_logits"), (output.masks(), "pred_masks")):
                    torch.testing.assert_close(tensor, stages[expected], rtol=0, atol=2e-4)

    def test_starter_sees_what_the_package_sees(self) -> None:
        """The semantic map of the starter weights against that of `m2fp parse`, which takes a single human's photograph
        of just this size as it is."""
        network, loaded = checkpoints.initial_network(STARTER, None)
        starter = configuration.preset("starter")
        self.assertEqual((loaded.backbone, loaded.pixel_decoder, loaded.decoder),
                         (starter.backbone, starter.pixel_decoder, starter.decoder))
        width, height = 384, 512
        photograph = Image.open(REPOSITORY / "Docs/Samples/astronaut.png").convert("RGB").resize((width, height))
        document = copy.deepcopy(loaded.document)
        document["model"].update(single_human=True, parsing_on=False, num_parsing=len(loaded.classes))
        with tempfile.TemporaryDirectory() as folder:
            checkpoint = checkpoints.export(network.state_dict(), replace(loaded, document=document), Path(folder))
            photograph.save(f"{folder}/small.png")
            for command in (["convert", checkpoint, "-o", f"{folder}/starter.safetensors"],
                            ["parse", f"{folder}/small.png", "-m", f"{folder}/starter.safetensors", "-o", folder,
                             "--output", "labels"]):
                subprocess.run([M2FP_TOOL, *command], check=True, stdout=subprocess.DEVNULL)
            package = torch.from_numpy(np.array(Image.open(f"{folder}/small.labels.png")))
        with torch.no_grad():
            output = network(normalize(torch.from_numpy(np.array(photograph)).permute(2, 0, 1)[None]))
            masks = torch.nn.functional.interpolate(
                output.masks(), (height, width), mode="bilinear", align_corners=False)[0].sigmoid()
            semantic = torch.einsum("qc,qhw->chw", output.class_logits[-1, 0].softmax(1)[:, :-1], masks)
        self.assertGreater((semantic.argmax(0) == package).float().mean().item(), 0.998)

    def test_export_can_be_read_again(self) -> None:
        tiny = configuration.preset("tiny")
        network = M2FP(tiny)
        with tempfile.TemporaryDirectory() as folder:
            checkpoint = checkpoints.export(network.state_dict(), tiny, Path(folder))
            again, loaded = checkpoints.initial_network(checkpoint, None)
        self.assertEqual(loaded, tiny)
        for name, value in again.state_dict().items():
            torch.testing.assert_close(value, network.state_dict()[name], rtol=0, atol=0)

    def test_torchvision_names_become_the_backbone(self) -> None:
        resnet = torchvision_resnet18()
        tiny = configuration.preset("tiny")
        document = json.loads(json.dumps(tiny.document))
        document["model"]["backbone"].update(stem_out_channels=64, res2_out_channels=64, width_per_group=64)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "resnet18.pth"
            torch.save(resnet, path)
            network, _ = checkpoints.initial_network(path, configuration.parse(document, "resnet18"))
            document["model"]["backbone"].update(stem_type="deeplab", stem_out_channels=32)
            other, _ = checkpoints.initial_network(path, configuration.parse(document, "another stem"))
            with self.assertRaisesRegex(TrainingError, "another ResNet|must have shape"):
                checkpoints.initial_network(path, configuration.preset("resnet101"))
        state = network.state_dict()
        for ours, theirs in (("stem.conv1.weight", "conv1.weight"),
                             ("res3.0.shortcut.norm.bias", "layer2.0.downsample.1.bias"),
                             ("res5.1.conv2.norm.running_var", "layer4.1.bn2.running_var")):
            torch.testing.assert_close(state[f"backbone.{ours}"], resnet[theirs])
        torch.testing.assert_close(other.backbone.res2[0].conv2.weight, resnet["layer1.0.conv2.weight"])

    def test_int8_weights_are_refused(self) -> None:
        with self.assertRaisesRegex(TrainingError, "found int8"):
            checkpoints.read(REPOSITORY / "Weights/starter-int8.safetensors")


class Teacher(unittest.TestCase):
    """DINOv2 in Hugging Face's layout; that its features are DINOv2's was compared with ONNX Runtime once."""

    def test_layouts_give_the_same_network(self) -> None:
        state = small_dinov2()
        image = torch.randn(1, 3, 28, 42)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.safetensors"
            write_safetensors(path, state)
            teacher = read_teacher(path)
        self.assertEqual(teacher(image).shape, (1, 64, 2, 3))
        self.assertFalse(any(parameter.requires_grad for parameter in teacher.parameters()))
        prefixed = from_state({f"backbone.{name}": value for name, value in state.items()})
        torch.testing.assert_close(prefixed(image), teacher(image), rtol=0, atol=0)

    def test_position_embedding_of_its_own_size_is_used_as_it_is(self) -> None:
        teacher = from_state(small_dinov2())
        torch.testing.assert_close(teacher._positions(torch.Size((2, 2))), teacher.position)
        features = teacher(torch.zeros(1, 3, 28, 28)).flatten(2)
        self.assertGreater((features[..., 0] - features[..., 3]).abs().max(), 0.01, "places of a blank image are the same")

    def test_another_network_is_refused(self) -> None:
        with self.assertRaisesRegex(TrainingError, "expected DINOv2 in Hugging Face's layout"):
            read_teacher(STARTER)

    def test_loss_is_least_where_the_features_are_the_teacher_s(self) -> None:
        distillation = Distillation(from_state(small_dinov2()), [4, 4, 32, 32])
        images = torch.randn(2, 3, 64, 96)
        expected = distillation.expected(images)
        self.assertEqual(expected.shape, (2, 64, 4, 6))
        with torch.no_grad():  # The head passes both features on, scaled: the cosine does not see that.
            distillation.head.weight.copy_(3 * torch.eye(64)[..., None, None])
            distillation.head.bias.zero_()
        res5 = expected[:, 32:, ::2, ::2]
        exact = torch.nn.functional.interpolate(res5, expected.shape[2:], mode="bilinear", align_corners=False)
        wanted = torch.cat([expected[:, :32], exact], dim=1)
        features = [torch.empty(0), torch.empty(0), expected[:, :32], res5]
        self.assertLess(distillation.loss(features, wanted).abs(), 1e-6)
        self.assertGreater(distillation.loss(features, -wanted), 1.99)


class PseudoLabels(unittest.TestCase):
    """Labels of a sample as the starter weights see it, with the golden label map's outline as the truth."""

    @classmethod
    def setUpClass(cls) -> None:
        network, found = checkpoints.initial_network(STARTER, None)
        cls.labeller = Labeller(network.eval(), found, torch.device("cpu"), sure=0.6)
        cls.image = np.array(Image.open(REPOSITORY / "Docs/Samples/astronaut.png").convert("RGB"))
        cls.golden = np.array(Image.open(REPOSITORY / "Tests/Goldens/samples/astronaut.labels.png"))
        cls.instances = (cls.golden > 0).astype(np.uint8)
        cls.instances[:, -40:] = UNKNOWN
        cls.labels = cls.labeller.label(cls.image, cls.instances)

    def test_outlines_count_for_more_than_the_network(self) -> None:
        self.assertTrue((self.labels[self.instances == 0] == 0).all())
        self.assertTrue((self.labels[self.instances == UNKNOWN] == UNKNOWN).all())
        self.assertTrue((self.labels[self.instances == 1] > 0).all())
        sure = (self.instances == 1) & (self.labels != UNKNOWN)
        self.assertGreater(sure.sum() / (self.instances == 1).sum(), 0.25)
        # The suit is a coat in the crop and upper clothes in the whole picture, in places.
        self.assertGreater((self.labels == self.golden)[sure].mean(), 0.75)

    def test_a_mirrored_photograph_has_mirrored_labels(self) -> None:
        mirrored = Picture(self.image, self.labels, self.instances).warped(
            placement((255.5, 0), (255.5, 0), (-1, 1)), 512, self.labeller.configuration.pairs, cv2.BORDER_CONSTANT)
        again = self.labeller.label(mirrored.image, mirrored.instances)
        self.assertGreater((again == mirrored.labels).mean(), 0.99)

    def test_the_mirror_image_s_left_is_right(self) -> None:
        configuration = self.labeller.configuration
        left, right = (configuration.classes.index(name) for name in ("Left-arm", "Right-arm"))
        maps = torch.randn(configuration.num_parsing, 2, 3)
        mirrored = self.labeller._mirrored(maps)
        torch.testing.assert_close(mirrored[left], maps[right].flip(1), rtol=0, atol=0)
        torch.testing.assert_close(mirrored[0], maps[0].flip(1), rtol=0, atol=0)

    def test_without_outlines_the_network_decides_what_is_background(self) -> None:
        labels = self.labeller.label(self.image, None)
        sure = labels != UNKNOWN
        self.assertGreater(sure.mean(), 0.6)
        self.assertGreater((labels == self.golden)[sure].mean(), 0.95)

    def test_photographs_that_have_labels_are_left_alone(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "images").mkdir()
            Image.fromarray(self.image).save(folder / "images/a.png")
            Image.fromarray(self.image[:, :400]).save(folder / "images/b.png")
            (folder / "labels").mkdir()
            (folder / "labels/a.png").write_text("mine")
            self.assertEqual(label_folder(self.labeller, folder / "images", None, folder / "labels"), 1)
            self.assertEqual((folder / "labels/a.png").read_text(), "mine")
            self.assertEqual(read_map(folder / "labels/b.png", (512, 400)).shape, (512, 400))


def small_dinov2() -> dict[str, torch.Tensor]:
    """Random parameters with Hugging Face's names: one layer, 64 channels, learnt on 2 × 2 patches."""
    generator = torch.Generator().manual_seed(0)
    layer = "encoder.layer.0"
    shapes = {"embeddings.cls_token": (1, 1, 64), "embeddings.mask_token": (1, 64),
              "embeddings.position_embeddings": (1, 5, 64),
              "embeddings.patch_embeddings.projection.weight": (64, 3, 14, 14),
              "embeddings.patch_embeddings.projection.bias": (64,),
              f"{layer}.layer_scale1.lambda1": (64,), f"{layer}.layer_scale2.lambda1": (64,),
              f"{layer}.mlp.fc1.weight": (128, 64), f"{layer}.mlp.fc1.bias": (128,), f"{layer}.mlp.fc2.weight": (64, 128),
              f"{layer}.mlp.fc2.bias": (64,)}
    for norm in (f"{layer}.norm1", f"{layer}.norm2", "layernorm"):
        shapes |= {f"{norm}.weight": (64,), f"{norm}.bias": (64,)}
    for name in ("attention.query", "attention.key", "attention.value", "output.dense"):
        shapes |= {f"{layer}.attention.{name}.weight": (64, 64), f"{layer}.attention.{name}.bias": (64,)}
    return {name: 0.2 * torch.randn(shape, generator=generator) for name, shape in shapes.items()}


def write_safetensors(path: Path, state: dict[str, torch.Tensor]) -> None:
    header, offset = {}, 0
    for name, value in state.items():
        header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [offset, offset + 4 * value.numel()]}
        offset += 4 * value.numel()
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(v.numpy().tobytes() for v in state.values()))


def padded_input(file: Path, size: tuple[int, int]) -> torch.Tensor:
    """A photograph as the pipeline gives it to the network: resized, normalized, zeros up to multiples of 32."""
    pixels = np.array(Image.open(file).convert("RGB").resize(size, Image.Resampling.BILINEAR))
    image = normalize(torch.from_numpy(pixels).permute(2, 0, 1)[None])
    return torch.nn.functional.pad(image, (0, -size[0] % 32, 0, -size[1] % 32))


def torchvision_resnet18() -> dict[str, torch.Tensor]:
    """Random tensors with the names and shapes of torchvision's ResNet-18."""
    state: dict[str, torch.Tensor] = {}

    def layer(convolution: str, norm: str, inputs: int, outputs: int, kernel: int) -> None:
        state[f"{convolution}.weight"] = torch.randn(outputs, inputs, kernel, kernel)
        for name in ("weight", "bias", "running_mean", "running_var"):
            state[f"{norm}.{name}"] = torch.rand(outputs)
        state[f"{norm}.num_batches_tracked"] = torch.tensor(1)

    layer("conv1", "bn1", 3, 64, 7)
    inputs = 64
    for stage, outputs in enumerate((64, 128, 256, 512), start=1):
        for block in range(2):
            name = f"layer{stage}.{block}"
            layer(f"{name}.conv1", f"{name}.bn1", inputs, outputs, 3)
            layer(f"{name}.conv2", f"{name}.bn2", outputs, outputs, 3)
            if inputs != outputs:
                layer(f"{name}.downsample.0", f"{name}.downsample.1", inputs, outputs, 1)
            inputs = outputs
    return state | {"fc.weight": torch.zeros(1000, 512), "fc.bias": torch.zeros(1000)}


if __name__ == "__main__":
    unittest.main(verbosity=2)
