"""Reader of ESC-50 releases, from a folder or an unextracted zip.

K. J. Piczak, "ESC: Dataset for Environmental Sound Classification", ACM Multimedia 2015.
`meta/esc50.csv` lists the clips, which are `audio/{fold}-{freesound id}-{take}-{target}.wav`.
`LICENSE` has a line for each, without the target number: `- [1-100032-A.ogg]: clip derived from
TITLE (URL) by AUTHOR [CC0|CC-BY|CC-Sampling+]`.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from soundscapes.engine.catalogue import load_catalogue
from soundscapes.engine.errors import EngineError

RELEASE_URL = "https://github.com/karolpiczak/ESC-50/archive/refs/heads/master.zip"
ESC50_TERMS = "ESC-50 (K. J. Piczak), CC BY-NC 3.0"
ESC10_TERMS = "ESC-10 (K. J. Piczak), CC BY 3.0"

META = "meta/esc50.csv"
LICENCES = "LICENSE"
COLUMNS = ("filename", "fold", "target", "category", "esc10", "src_file", "take")
MAX_FILE_BYTES = 32 * 1024 * 1024
"""Seventy times a five-second clip; a larger file is no clip, whatever the zip declares."""

_NAME = re.compile(
    r"(?P<stem>(?P<fold>[1-9])-(?P<source>\d+)-(?P<take>[A-Z]))-(?P<target>\d+)\.wav"
)
_CREDIT = re.compile(
    r"-\s+\[(?P<stem>[^\]]+)\.ogg\]:\s+clip\s+derived\s+from\s+(?P<title>.*?)\s*"
    r"\((?P<url>https?://\S+)\)\s+by\s+(?P<author>.+?)\s+\[(?P<licence>[^\]]+)\]"
)
_LINKED = re.compile(r"\[(.*)\]")  # a title in the brackets of a link
_ESCAPED = re.compile(r"\\x([0-9a-fA-F]{2})|\\u([0-9a-fA-F]{4})")


_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, EOFError, ValueError)
"""Errors raised by reading a damaged, encrypted or oddly compressed zip member."""


class ReleaseError(EngineError):
    """The path is not a readable ESC-50 release."""


@dataclass(frozen=True, slots=True)
class ReleasedClip:
    """A clip of the release: file name, category and credits.

    `licence` is the recording's. `collection` names the data set and its licence, which differs for
    ESC-10.
    """

    filename: str
    category: str
    is_esc10: bool
    title: str
    author: str
    url: str
    licence: str
    collection: str


@dataclass(frozen=True, slots=True)
class Problem:
    where: str
    reason: str

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


class _Files(Protocol):
    """Access to the release's files by its own names, with forward slashes."""

    def read(self, name: str) -> bytes:
        """Read a file. Raise KeyError if it is missing, ReleaseError if it is broken."""


class _Folder:
    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, name: str) -> bytes:
        path = self._root / name
        try:
            if path.stat().st_size > MAX_FILE_BYTES:
                raise ReleaseError("it is far too large")
            return path.read_bytes()
        except FileNotFoundError:
            raise KeyError(name) from None
        except OSError as error:
            raise ReleaseError(f"it cannot be read ({error.strerror})") from error


class _Zip:
    """Members of a zip, below its root folder if it has one (`ESC-50-master/`)."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        found = [name for name in archive.namelist() if f"/{name}".endswith(f"/{META}")]
        self._prefix = min(found, key=len)[: -len(META)] if found else ""

    def read(self, name: str) -> bytes:
        try:
            with self._archive.open(self._prefix + name) as member:
                data = member.read(MAX_FILE_BYTES + 1)
        except _ZIP_ERRORS as error:
            raise ReleaseError("it is damaged in the zip") from error
        if len(data) > MAX_FILE_BYTES:
            raise ReleaseError("it is far too large")
        return data


class Release:
    """An open release: `clips` has the usable rows, `problems` the others."""

    def __init__(self, files: _Files) -> None:
        self._files = files
        self.clips: list[ReleasedClip] = []
        self.problems: list[Problem] = []
        thanks = _credits(self._text(LICENCES))
        seen: set[str] = set()
        for number, row in self._rows():
            try:
                clip = _released_clip(row, thanks)
                if clip.filename in seen:
                    raise ValueError("the file is listed twice")
            except ValueError as error:
                self.problems.append(Problem(f"{META}, line {number}", str(error)))
                continue
            seen.add(clip.filename)
            self.clips.append(clip)

    def read(self, clip: ReleasedClip) -> bytes:
        """Return a clip's WAV. Raise ReleaseError if it is unreadable."""
        try:
            return self._files.read(f"audio/{clip.filename}")
        except KeyError:
            raise ReleaseError("the file is missing") from None

    def _rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        reader = csv.DictReader(io.StringIO(self._text(META), newline=""))
        try:
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise ReleaseError(f"{META} has no column {', '.join(missing)}.")
            for row in reader:
                yield reader.line_num, row
        except csv.Error as error:
            self.problems.append(Problem(f"{META}, line {reader.line_num + 1}", str(error)))

    def _text(self, name: str) -> str:
        try:
            return self._files.read(name).decode("utf-8-sig", "replace")
        except KeyError:
            raise ReleaseError(
                f"This is not an ESC-50 release: it has no {name}. "
                "Give the path of its folder or zip."
            ) from None
        except ReleaseError as error:
            raise ReleaseError(f"{name} of this release is unusable: {error}.") from error


def is_whole_zip(path: Path) -> bool:
    """Return whether every member of a ZIP matches its checksum."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None
    except _ZIP_ERRORS:
        return False


@contextmanager
def open_release(path: Path) -> Iterator[Release]:
    """Open the release in a folder or a zip. Raise ReleaseError if there is none.

    Names from the zip never become paths: members are looked up by the valid names in the table and
    read into memory one by one.
    """
    if path.is_dir():
        yield Release(_Folder(_root(path)))
        return
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError:
        raise ReleaseError(f"{path} does not exist.") from None
    except (zipfile.BadZipFile, OSError) as error:
        raise ReleaseError(f"{path} is neither a folder nor a complete zip.") from error
    with archive:
        yield Release(_Zip(archive))


def _root(folder: Path) -> Path:
    """Return `folder`, or its only subfolder if the release was unpacked into one."""
    inner = [path.parent.parent for path in folder.glob(f"*/{META}")]
    return inner[0] if len(inner) == 1 and not (folder / META).exists() else folder


@dataclass(frozen=True, slots=True)
class _Credit:
    title: str
    author: str
    url: str
    licence: str


def _credits(text: str) -> dict[str, _Credit]:
    """Map file names, without target number and suffix, to credits."""
    matches = (_CREDIT.fullmatch(line.strip()) for line in text.splitlines())
    return {
        match["stem"]: _Credit(
            _title(match["title"]), _unescaped(match["author"]), match["url"], match["licence"]
        )
        for match in matches
        if match
    }


def words_of(title: str) -> str:
    """Return a title as words: “sea_water_passing_through_pier_hole.wav” has underscores."""
    return " ".join(re.sub(r"\.(wav|aiff?|mp3|flac|ogg)$|[_\W]+", " ", title, flags=re.I).split())


def _title(text: str) -> str:
    linked = _LINKED.fullmatch(text)
    return _unescaped(linked[1] if linked else text)


def _unescaped(text: str) -> str:
    """Decode Python escapes in the release: sy\\xf6v\\xe4t is syövät."""
    return _ESCAPED.sub(lambda found: chr(int(found[1] or found[2], 16)), text)


def _released_clip(row: dict[str, str], thanks: dict[str, _Credit]) -> ReleasedClip:
    """Convert a row and its credit. Raise ValueError with the reason."""
    filename = row["filename"] or ""
    name = _NAME.fullmatch(filename)
    if name is None:
        raise ValueError(f"{filename!r:.60} is not a valid clip name")
    category = {str(each.target): each.slug for each in load_catalogue()}.get(row["target"] or "")
    if category is None or category != row["category"] or name["target"] != row["target"]:
        raise ValueError(f"{filename} does not match target {row['target']}, {row['category']}")
    parts = {"fold": row["fold"], "source": row["src_file"], "take": row["take"]}
    if any(name[part] != value for part, value in parts.items()):
        raise ValueError(f"{filename} does not match its fold, source or take")
    if row["esc10"] not in ("True", "False"):
        raise ValueError(f"the esc10 value of {filename} is neither True nor False")
    credit = thanks.get(name["stem"])
    if credit is None:
        raise ValueError(f"{LICENCES} has no line for {filename}, so its author is unknown")
    is_esc10 = row["esc10"] == "True"
    return ReleasedClip(
        filename=filename,
        category=category,
        is_esc10=is_esc10,
        title=credit.title,
        author=credit.author,
        url=credit.url,
        licence=credit.licence,
        collection=ESC10_TERMS if is_esc10 else ESC50_TERMS,
    )
