"""A run of ten steps: the loss falls, a killed run goes on to the same bits, and the result goes through `m2fp`."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import torch

from test_network import small_dinov2, write_safetensors

REPOSITORY = Path(__file__).resolve().parents[2]
M2FP_TOOL = os.environ.get("M2FP", str(REPOSITORY / ".build/release/m2fp"))
DATA: Path
TINY_RUN = (
    "--configuration tiny --side 128 --batch 4 --steps 10 --warm-up 2 --learning-rate 2e-3 --average 0.9 --save-every 3 "
    "--log-every 1 --device cpu --threads 1").split()


def training(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "training", *map(str, arguments)]


def train(folder: Path, *more: object) -> list[str]:
    return training("train", "--data", DATA / "data.toml", "-o", folder, *TINY_RUN, *more)


def run(command: list[str], **options) -> str:
    result = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    if result.returncode:
        raise AssertionError(f"{' '.join(command)}: {result.stderr}")
    return result.stdout


def losses(folder: Path, term: str = "loss") -> list[float]:
    file = folder / "log.jsonl"
    return [json.loads(line)[term] for line in file.read_text().splitlines()] if file.is_file() else []


class TenSteps(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = Path(cls.temporary.name) / "run"
        run(train(cls.folder))
        cls.exported = cls.folder / "exported/pytorch_model.pt"

    @classmethod
    def tearDownClass(cls) -> None:
        cls.temporary.cleanup()

    def test_loss_falls(self) -> None:
        values = losses(self.folder)
        self.assertEqual(len(values), 10)
        self.assertLess(sum(values[-3:]), 0.9 * sum(values[:3]))

    def test_killed_run_goes_on_to_the_same_bits(self) -> None:
        folder = Path(self.temporary.name) / "killed"
        process = subprocess.Popen(train(folder), stderr=subprocess.DEVNULL, start_new_session=True)
        while len(losses(folder)) < 5:
            self.assertIsNone(process.poll(), "the run ended before it could be killed")
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.assertIn(torch.load(folder / "last.pt")["step"], (3, 6), "killed between two checkpoints")
        run(train(folder))
        self.compare(torch.load(self.folder / "last.pt"), torch.load(folder / "last.pt"), "last.pt")
        self.compare(torch.load(self.exported), torch.load(folder / "exported/pytorch_model.pt"), "exported")

    def compare(self, a, b, name: str) -> None:
        """Both are the same bit by bit, but for the seconds that they took."""
        self.assertIs(type(a), type(b), name)
        if isinstance(a, dict):
            self.assertEqual(a.keys(), b.keys(), name)
            for key in a:
                if key != "seconds":
                    self.compare(a[key], b[key], f"{name}.{key}")
        elif isinstance(a, torch.Tensor):
            self.assertTrue(torch.equal(a, b), name)
        elif isinstance(a, list):
            for index, pair in enumerate(zip(a, b, strict=True)):
                self.compare(*pair, f"{name}.{index}")
        else:
            self.assertEqual(a, b, name)

    def test_another_run_needs_another_folder(self) -> None:
        result = subprocess.run(train(self.folder, "--seed", 1), text=True, stderr=subprocess.PIPE)
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr.splitlines()[-1], "last.pt: expected a run with seed 1, found 0")
        result = subprocess.run(
            train(self.folder, "--configuration", "starter"), text=True, stderr=subprocess.PIPE)
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr.splitlines()[-1], "last.pt: expected a run of the same network, found another")

    def test_result_goes_through_the_package(self) -> None:
        folder = Path(self.temporary.name)
        run(training("export", self.folder / "last.pt", "-o", folder / "again"))
        self.compare(torch.load(self.exported), torch.load(folder / "again/pytorch_model.pt"), "exported")
        run(training("export", self.folder / "last.pt", "--averaged", 0.25, "-o", folder / "mixed"))
        state, mixed = torch.load(self.folder / "last.pt"), torch.load(folder / "mixed/pytorch_model.pt")["model"]
        for name in (name for name, value in mixed.items() if value.is_floating_point()):
            torch.testing.assert_close(mixed[name], 0.25 * state["average"][name] + 0.75 * state["network"][name])
        weights = folder / "tiny.safetensors"
        run([M2FP_TOOL, "convert", str(self.exported), "-o", str(weights)])
        photograph = REPOSITORY / "Docs/Samples/astronaut.png"
        run([M2FP_TOOL, "parse", str(photograph), "-m", str(weights), "-o", str(folder), "--output", "labels"])
        self.assertTrue((folder / "astronaut.labels.png").is_file())

    def test_fine_tuned_weights_go_half_way_back(self) -> None:
        tuned = Path(self.temporary.name) / "half-way"
        run(training(
            "finetune", "--images", DATA / "images", "--labels", DATA / "labels", "--init", self.exported, "-o", tuned,
            *"--side 128 --batch 2 --steps 4 --warm-up 1 --learning-rate 1e-2 --average 0".split(),
            *"--device cpu --threads 1".split()))
        run(training(
            "export", tuned / "last.pt", "--init", self.exported, "--initial-share", 0.25, "-o", tuned / "quarter"))
        initial, average = torch.load(self.exported)["model"], torch.load(tuned / "last.pt")["average"]
        for folder, share in (("exported", 0.5), ("quarter", 0.25)):
            mixed = torch.load(tuned / folder / "pytorch_model.pt")["model"]
            for name in (name for name, value in mixed.items() if value.is_floating_point()):
                torch.testing.assert_close(mixed[name], share * initial[name] + (1 - share) * average[name])
        self.assertFalse(all(torch.equal(average[name], value) for name, value in initial.items()))

    def test_evaluation_is_the_package_s(self) -> None:
        arguments = ["--images", DATA / "images", "--labels", DATA / "labels", "--json"]
        if "--instances" in run([M2FP_TOOL, "evaluate", "--help"]):
            arguments += ["--instances", DATA / "instances"]
        report = json.loads(run(training("evaluate", self.folder / "last.pt", *arguments)))
        self.assertTrue(report)

    def test_backbone_learns_the_teacher_s_features(self) -> None:
        folder = Path(self.temporary.name)
        write_safetensors(folder / "dinov2.safetensors", small_dinov2())
        run(train(folder / "taught", "--teacher", folder / "dinov2.safetensors", "--preload"))
        values = losses(folder / "taught", "distillation")
        self.assertLess(sum(values[-3:]), 0.9 * sum(values[:3]))

    def test_fine_tuning_starts_from_the_weights_that_ship(self) -> None:
        folder = Path(self.temporary.name) / "tuned"
        shipped = REPOSITORY / "Weights/starter-fp16.safetensors"
        run(training(
            "finetune", "--images", DATA / "images", "--labels", DATA / "labels", "--instances", DATA / "instances",
            "--init", shipped, "-o", folder, "--steps", 2, "--batch", 2, "--side", 128, "--log-every", 1))
        self.assertEqual(len(losses(folder)), 2)
        self.assertLess(losses(folder)[0], losses(self.folder)[0], "the starter knows more than random weights")


if __name__ == "__main__":
    DATA = Path(sys.argv.pop(1))
    unittest.main(verbosity=2)
