"""Runs the examples of a Markdown file that follow a line `<!-- runs -->`, in a folder with a photo.jpg.

    examples.py FILE
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

top = pathlib.Path(__file__).resolve().parents[2]
examples = re.findall(r"<!-- runs -->\n+```(sh|python)\n(.*?)```", pathlib.Path(sys.argv[1]).read_text(), re.DOTALL)
assert examples, f"{sys.argv[1]} has no examples"
with tempfile.TemporaryDirectory() as folder:
    shutil.copy(top / "Docs/Samples/grace-hopper.jpg", pathlib.Path(folder) / "photo.jpg")
    for language, text in examples:
        command = ["bash", "-euo", "pipefail", "-c"] if language == "sh" else [sys.executable, "-c"]
        print(f"--- {language}\n{text}", flush=True)
        subprocess.run([*command, text], cwd=folder, check=True)
