"""Files that appear whole or not at all, so that a process killed at any moment leaves the previous file readable."""
from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO, Callable


def write_with(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """Lets `write` fill a temporary file beside `path`, flushes it to the disk, then renames it to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    with open(temporary, "wb") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def write_atomically(path: Path, contents: bytes) -> None:
    write_with(path, lambda file: file.write(contents) and None)
