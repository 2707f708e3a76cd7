"""Bundles of untrusted files: single files, a folder or a ZIP.

Nothing is unpacked to disk. ZIP members are read into memory one by one with a size limit, and
their names never become paths.
"""

import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from soundscapes.engine.errors import EngineError
from soundscapes.models.text import cleaned

MAX_ITEMS = 5000
MAX_UNPACKED = 4 * 2**30  # bytes of a whole ZIP
MAX_RATIO = 100  # images and audio barely compress, so a higher ratio means a zip bomb
CREDITS_NAME = "credits.csv"

_ARCHIVES = (".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".7z", ".rar")
_CLUTTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")
_ENCRYPTED = 0x1
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, EOFError, ValueError)


class BundleError(EngineError):
    """The bundle cannot be read."""


class RefusedItemError(EngineError):
    """A file of the bundle is rejected before it is decoded."""


@dataclass(frozen=True, slots=True)
class Item:
    """A file of the bundle; `read` returns its bytes or raises RefusedItemError."""

    name: str
    read: Callable[[], bytes]

    @property
    def title(self) -> str:
        """The name as words: "holiday 2" for photos/holiday_2.jpg."""
        return " ".join(PurePosixPath(self.name).stem.replace("_", " ").split())[:200]


@dataclass(frozen=True, slots=True)
class Source:
    name: str
    open: Callable[[], IO[bytes]]


@contextmanager
def open_bundle(sources: Sequence[Source], max_bytes: int) -> Iterator[list[Item]]:
    """Yield all files in order, including those in ZIPs; `max_bytes` limits the size of each.

    Raises BundleError for no files, too many files, or too much data.
    """
    items: list[Item] = []
    with ExitStack() as stack:
        for source in sources:
            if source.name.lower().endswith(".zip"):
                items += _members(_open_zip(source, stack), max_bytes)
            elif not _is_clutter(source.name):
                items.append(_single(source, max_bytes))
        if not items:
            raise BundleError(
                "There are no files in this upload. Choose files, or a ZIP that contains files."
            )
        if len(items) > MAX_ITEMS:
            raise BundleError(
                f"The upload contains {len(items):,} files, and the maximum is {MAX_ITEMS:,}. "
                "Split it into several uploads."
            )
        yield items


def folder_sources(path: Path) -> list[Source]:
    """Return a file, or all files below a folder without following links. Raises BundleError."""
    if path.is_file():
        return [Source(path.name, lambda: path.open("rb"))]
    if not path.is_dir():
        raise BundleError(f"{path} does not exist. Name a folder or a ZIP.")
    files = sorted(each for each in path.rglob("*") if each.is_file() and not each.is_symlink())
    return [Source(str(each.relative_to(path)), _opener(each)) for each in files]


def _opener(path: Path) -> Callable[[], IO[bytes]]:
    return lambda: path.open("rb")


def _storable(name: str) -> str:
    """Remove invalid text, which databases cannot store, and control characters."""
    return cleaned(name.encode("utf-8", "replace").decode())


def _is_clutter(name: str) -> bool:
    return any(part in _CLUTTER or part.startswith("._") for part in PurePosixPath(name).parts)


def _single(source: Source, max_bytes: int) -> Item:
    def read() -> bytes:
        if source.name.lower().endswith(_ARCHIVES):
            raise RefusedItemError("This archive format is not supported. Upload a ZIP.")
        try:
            with source.open() as file:
                data = file.read(max_bytes + 1)
        except OSError as error:
            raise RefusedItemError("The file can no longer be read. Upload it again.") from error
        return _bounded(data, max_bytes)

    return Item(_storable(source.name), read)


def _bounded(data: bytes, max_bytes: int) -> bytes:
    if len(data) > max_bytes:
        raise RefusedItemError(
            f"The file is larger than {max_bytes // 2**20} MB. Upload a smaller one."
        )
    return data


def _open_zip(source: Source, stack: ExitStack) -> zipfile.ZipFile:
    file = stack.enter_context(source.open())
    try:
        archive = zipfile.ZipFile(file)
    except _ZIP_ERRORS as error:
        raise BundleError(f"{source.name} is not a valid ZIP. Create it again.") from error
    return stack.enter_context(archive)


def _members(archive: zipfile.ZipFile, max_bytes: int) -> Iterator[Item]:
    infos = [info for info in archive.infolist() if not info.is_dir()]
    unpacked = sum(info.file_size for info in infos)
    if unpacked > MAX_UNPACKED:
        raise BundleError(
            f"This ZIP unpacks to {unpacked / 2**30:.1f} GB, and the maximum is "
            f"{MAX_UNPACKED // 2**30} GB. Split it into several uploads."
        )
    for info in infos:
        if not _is_clutter(info.filename):
            yield Item(_storable(info.filename), _member_reader(archive, info, max_bytes))


def _member_reader(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, max_bytes: int
) -> Callable[[], bytes]:
    def read() -> bytes:
        if reason := _refusal(info):
            raise RefusedItemError(reason)
        try:
            with archive.open(info) as member:
                data = member.read(max_bytes + 1)
        except Exception as error:  # what a method of packing ends in, such as LZMAError
            raise RefusedItemError("The file is damaged in the ZIP. Create it again.") from error
        if data.startswith(b"PK\x03\x04"):
            raise RefusedItemError("A ZIP inside a ZIP is not opened. Upload it separately.")
        return _bounded(data, max_bytes)

    return read


def _refusal(info: zipfile.ZipInfo) -> str:
    """Return why a member is rejected by its directory entry, or an empty string."""
    # zipfile truncates names at NUL and converts backslashes on Windows, so use the original name.
    path = PurePosixPath(info.orig_filename.replace("\\", "/"))
    is_drive = any(part.endswith(":") for part in path.parts[:1])
    if path.is_absolute() or ".." in path.parts or is_drive or "\0" in str(path):
        return "Its path points outside the ZIP. Rename it and create the ZIP again."
    if stat.S_ISLNK(info.external_attr >> 16):
        return "It is a link, not a file. Add the file itself to the ZIP."
    if info.flag_bits & _ENCRYPTED:
        return "It is encrypted. Create the ZIP without a password."
    if info.filename.lower().endswith(_ARCHIVES):
        return "An archive inside a ZIP is not opened. Upload it separately."
    if info.file_size > MAX_RATIO * max(info.compress_size, 1024):
        return "It unpacks to more than a hundred times its size. Upload the file separately."
    return ""
