"""Accuracy as the package itself measures it, and the way of a checkpoint into the package's file."""
from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import checkpoints
from .errors import TrainingError


def program(given: str | None) -> str:
    """The `m2fp` to run: the given one, `$M2FP`, the package's release build, or what PATH has."""
    built = Path(__file__).resolve().parents[2] / ".build/release/m2fp"
    found = given or os.environ.get("M2FP") or (str(built) if built.is_file() else shutil.which("m2fp"))
    if not found or not shutil.which(found):
        raise TrainingError(f"--m2fp: expected the program m2fp, found {found or 'none'}; `make build` makes it")
    return found


def convert(source: Path, target: Path, m2fp: str) -> None:
    """A checkpoint of any layout → the package's `.safetensors`, fp32."""
    weights = checkpoints.read(source)
    if weights.configuration is None:
        raise TrainingError(f"{source}: expected a configuration.json beside it, found none")
    with tempfile.TemporaryDirectory() as folder:
        exported = checkpoints.export(weights.state, weights.configuration, Path(folder))
        run([m2fp, "convert", str(exported), "-o", str(target)], stdout=subprocess.DEVNULL)


def evaluate(
    source: Path, images: Path, labels: Path, instances: Path | None, m2fp: str, as_json: bool = False
) -> None:
    """Prints what `m2fp evaluate` says of a checkpoint, or of a file of the package, on labelled photographs."""
    with tempfile.TemporaryDirectory() as folder:
        weights = source
        if source.suffix != ".safetensors":
            weights = Path(folder) / "network.safetensors"
            convert(source, weights, m2fp)
        command = [m2fp, "evaluate", "--images", str(images), "--labels", str(labels), "-m", str(weights)]
        run(command + (["--instances", str(instances)] if instances else []) + (["--json"] if as_json else []))


def run(command: list[str], stdout: int | None = None) -> None:
    """Runs a program; its output goes where ours goes, unless `stdout` says otherwise."""
    status = subprocess.run(command, stdout=stdout).returncode
    if status:
        raise TrainingError(f"{' '.join(command[:2])}: expected success, found status {status}")
