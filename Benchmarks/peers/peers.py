"""Times other engines on a weights file of this package: PyTorch, ONNX Runtime and OpenVINO in fp32, bf16 and int8.

    Weights/training/environment VENV && VENV/bin/pip install -r Benchmarks/peers/requirements.txt
    VENV/bin/python Benchmarks/peers/peers.py WEIGHTS.safetensors [--size 640 1152] [--threads 2] [--runs 5]
                                              [--engines pytorch,onnxruntime,openvino-fp32,openvino-bf16,openvino-int8]

The network is that of Weights/training, which reads fp32 and fp16 files: one frame of random values in, class and mask
logits out. PyTorch runs it as it is. The others get it as an ONNX file; openvino-int8 after NNCF has quantized it by one
frame, which says nothing about accuracy and all about time. Every engine runs in a process of its own, so that its memory is
its own, and prints one line of JSON: the median and the best of the passes after one that is not counted, the most memory,
and, where PyTorch ran before it, by how much its mask logits differ from PyTorch's at most.

`bench peers` calls this script, one `--step` at a time, and measures this package in turns with it.
"""
from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "Weights"))
ENGINES = ["pytorch", "onnxruntime", "openvino-fp32", "openvino-bf16", "openvino-int8"]
Infer = Callable[[np.ndarray], list[np.ndarray]]


def frame(options: argparse.Namespace) -> np.ndarray:
    """The input of the network, (1, 3, H, W)."""
    return np.random.default_rng(0).standard_normal((1, 3, *options.size), dtype=np.float32)


def network(options: argparse.Namespace):
    """The network in PyTorch, which returns class logits (1, Q, classes + 1) and mask logits (1, Q, H/4, W/4)."""
    import torch
    from training import checkpoints

    class Forward(torch.nn.Module):
        def __init__(self, m2fp: torch.nn.Module):
            super().__init__()
            self.m2fp = m2fp

        def forward(self, images):
            output = self.m2fp(images)
            return output.class_logits[-1], output.masks()

    m2fp, _ = checkpoints.initial_network(options.weights, None)
    return Forward(m2fp).eval()


def export(options: argparse.Namespace) -> None:
    import torch
    from training.network.deformable_attention import plain_operations

    module = network(options)
    with torch.no_grad(), plain_operations():
        torch.onnx.export(
            module, (torch.from_numpy(frame(options)),), options.model, input_names=["image"],
            output_names=["logits", "masks"], dynamo=True, verbose=False)


def quantize(options: argparse.Namespace) -> None:
    import nncf
    import openvino

    model = openvino.Core().read_model(options.model)
    calibration = nncf.Dataset([frame(options)], lambda image: {"image": image})
    quantized = nncf.quantize(model, calibration, subset_size=1, model_type=nncf.ModelType.TRANSFORMER)
    openvino.save_model(quantized, options.quantized_model)


def run_pytorch(options: argparse.Namespace) -> Infer:
    import torch

    torch.set_num_threads(options.threads)
    module = network(options)

    def infer(image: np.ndarray) -> list[np.ndarray]:
        with torch.no_grad():
            return [output.numpy() for output in module(torch.from_numpy(image))]

    return infer


def run_onnxruntime(options: argparse.Namespace) -> Infer:
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    session = onnxruntime.InferenceSession(str(options.model), settings, providers=["CPUExecutionProvider"])
    return lambda image: session.run(None, {"image": image})


def run_openvino(options: argparse.Namespace, precision: str) -> Infer:
    import openvino

    settings = {"INFERENCE_NUM_THREADS": options.threads, "PERFORMANCE_HINT": "LATENCY"}
    if precision != "int8":
        settings["INFERENCE_PRECISION_HINT"] = {"fp32": "f32", "bf16": "bf16"}[precision]
    core = openvino.Core()
    model = core.read_model(options.quantized_model if precision == "int8" else options.model)
    request = core.compile_model(model, "CPU", settings).create_infer_request()

    def infer(image: np.ndarray) -> list[np.ndarray]:
        request.infer({"image": image})
        return [request.get_output_tensor(index).data for index in range(2)]

    return infer


def measure(engine: str, options: argparse.Namespace) -> None:
    if engine == "pytorch":
        infer = run_pytorch(options)
    elif engine == "onnxruntime":
        infer = run_onnxruntime(options)
    else:
        infer = run_openvino(options, engine.removeprefix("openvino-"))
    image = frame(options)
    masks = infer(image)[1].copy()
    times = []
    for _ in range(options.runs):
        start = time.perf_counter()
        infer(image)
        times.append(time.perf_counter() - start)
    line = {
        "engine": engine, "forward_s": round(float(np.median(times)), 4), "best_s": round(min(times), 4),
        # Kibibytes on Linux.
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    expected = options.work / "masks.npy"
    if engine == "pytorch":
        np.save(expected, masks)
    elif expected.is_file():
        line["difference"] = round(float(np.abs(masks - np.load(expected)).max()), 5)
    print(json.dumps(line), flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path, help="a weights file of this package, fp32 or fp16")
    parser.add_argument("--size", nargs=2, type=int, default=[640, 1152], metavar=("HEIGHT", "WIDTH"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--work", type=Path, help="folder for the files that one step leaves to the next")
    parser.add_argument("--step", choices=["export", "quantize", *ENGINES], help="do this alone")
    options = parser.parse_args()
    options.engines = options.engines.split(",")
    unknown = [name for name in options.engines if name not in ENGINES]
    if unknown:
        parser.error(f"--engines: expected some of {', '.join(ENGINES)}, found {', '.join(unknown)}")
    return options


def main() -> None:
    options = arguments()
    if not options.step:
        with tempfile.TemporaryDirectory() as work:
            steps = ["export"] if options.engines != ["pytorch"] else []
            steps += ["quantize"] if "openvino-int8" in options.engines else []
            for step in steps + options.engines:
                # Exporters and quantizers tell long stories, which matter where they fail.
                result = subprocess.run(
                    [sys.executable, __file__, *sys.argv[1:], "--work", work, "--step", step], text=True,
                    stdout=None if step in ENGINES else subprocess.DEVNULL,
                    stderr=None if step in ENGINES else subprocess.PIPE)
                if result.returncode:
                    sys.exit(f"{result.stderr or ''}{step} ended with status {result.returncode}")
        return
    options.work = options.work or Path(tempfile.gettempdir())
    options.model = options.work / "m2fp.onnx"
    options.quantized_model = options.work / "m2fp-int8.xml"
    if options.step == "export":
        export(options)
    elif options.step == "quantize":
        quantize(options)
    else:
        measure(options.step, options)


if __name__ == "__main__":
    main()
