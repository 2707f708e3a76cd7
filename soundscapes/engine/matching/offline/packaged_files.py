"""Files of models inside installed packages, checked before they are loaded."""

import hashlib
from pathlib import Path

from soundscapes.engine.errors import EncoderUnavailableError


def checked(path: Path, sha256: str) -> Path:
    """Return `path`. Raises EncoderUnavailableError for a file with another SHA-256, or none."""
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        found = ""
    if found != sha256:
        raise EncoderUnavailableError(
            f"{path} is missing or is not the published file. Install the packages again: "
            "make clean, then make run."
        )
    return path
