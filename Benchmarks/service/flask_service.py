"""The usual alternative: a Flask service around ModelScope's PyTorch classes, with the same weights and the same
answer as `/api/masks` - for each part of each person a PNG of the picture's size in base64.

    flask_service.py REFERENCE.py CHECKPOINT.pt CONFIGURATION.json [--port 7861] [--threads 2]

REFERENCE.py is a Python file that offers ModelScope's model as `from_configuration(section)` and its pipeline as
`run_pipeline(model, picture, short_edge, max_size)`. Needs flask and waitress beside what that file needs.
"""

import argparse
import base64
import importlib.util
import io
import json

import flask
import torch
import waitress
from PIL import Image


def load(arguments):
    spec = importlib.util.spec_from_file_location("reference", arguments.reference)
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)
    with open(arguments.configuration) as file:
        configuration = json.load(file)
    model = reference.from_configuration(configuration["model"])
    model.load_state_dict(torch.load(arguments.checkpoint, map_location="cpu")["model"], strict=True)
    return lambda picture: reference.run_pipeline(model, picture, **configuration["preprocess"])


def png(mask):
    file = io.BytesIO()
    Image.fromarray((mask * 255).to(torch.uint8).numpy()).save(file, "PNG", compress_level=1)
    return base64.b64encode(file.getvalue()).decode()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("reference")
    parser.add_argument("checkpoint")
    parser.add_argument("configuration")
    parser.add_argument("--port", type=int, default=7861)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    parse = load(arguments)
    application = flask.Flask(__name__)

    @application.post("/api/masks")
    def masks():
        picture = Image.open(io.BytesIO(flask.request.get_data()))
        parts = parse(picture)["parsing"]["part_outputs"]
        return [{"label": part["category_id"], "score": float(part["score"]), "mask": png(part["mask"])} for part in parts]

    @application.get("/api/ready")
    def ready():
        return {"status": "ready"}

    waitress.serve(application, host="127.0.0.1", port=arguments.port, threads=arguments.threads)


main()
