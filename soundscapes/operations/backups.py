"""Backups of rows, files and the signing key: everything that cannot be regenerated.

A key from the environment is not copied, because it is stored elsewhere. The backup contains its
digest, and has to be restored under the same key.

Rows are copied first, so that their files exist. Files deleted during the backup are missing, and
new files have no row. Neither prevents playback.
"""

import filecmp
import os
import shutil
import sqlite3
import subprocess  # nosec B404  # for our own commands
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import groupby, islice
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection
from django.db.backends.postgresql.client import DatabaseClient
from django.utils.crypto import salted_hmac

from soundscapes.engine.errors import EngineError
from soundscapes.engine.paths import keep_private
from soundscapes.files import columns, journal
from soundscapes.files.local_copies import local_copy

SQLITE_ROWS, POSTGRES_ROWS = "rows.sqlite3", "rows.dump"
FILES = "files"
KEY = "secret_key"
KEY_DIGEST = "secret_key.sha256"
MTIME_PRECISION = 0.001  # seconds
BATCH = 500

Progress = Callable[[int, int], None]


class BackupError(EngineError):
    """The backup failed or is incomplete."""


def back_up(folder: Path, progress: Progress) -> int:
    """Copy everything while the application runs; return the number of new files.

    Updates an earlier backup, and deletes what has been deleted since. Only the current user can
    read it. Raises BackupError, also for a folder in which it would replace or copy itself.
    """
    _require_other_folder(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in (folder, folder / SQLITE_ROWS, folder / POSTGRES_ROWS, folder / KEY):
        keep_private(path)  # earlier versions did not
    with _creating_private_files():
        if connection.vendor == "sqlite":
            _copy_sqlite(folder / SQLITE_ROWS)
        else:
            _run_postgres("pg_dump", "--format=custom", f"--file={folder / POSTGRES_ROWS}")
        _copy_key(folder)
        names = list(_stored_names())
        missing = [name for name in names if not _is_same(folder / FILES / name, name)]
        for number, name in enumerate(missing, start=1):
            _fetch(name, folder / FILES / name)
            progress(number, len(missing))
        _delete_copies_without(set(names), folder)
    return len(missing)


def has_key(folder: Path) -> bool:
    return (folder / KEY).exists()


def _require_other_folder(folder: Path) -> None:
    """Raise BackupError for the data folder, whose key has a backup's name, and below the media."""
    target, media = folder.resolve(), Path(settings.MEDIA_ROOT).resolve()
    if target == Path(settings.DATA_DIR).resolve() or target.is_relative_to(media):
        raise BackupError(
            f"{folder} holds the application's own files. Name another folder, if possible on "
            "another disk."
        )


@contextmanager
def _creating_private_files() -> Iterator[None]:
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _local_key() -> Path | None:
    """Return the file of the current key, or None if the key comes from the environment."""
    path = Path(settings.DATA_DIR) / KEY
    is_used = path.exists() and path.read_text().strip() == settings.SECRET_KEY
    return path if is_used else None


def _key_digest(key: str) -> str:
    return salted_hmac("soundscapes.backup", "key", secret=key, algorithm="sha256").hexdigest()


def _copy_key(folder: Path) -> None:
    (folder / KEY_DIGEST).write_text(_key_digest(settings.SECRET_KEY))
    (folder / KEY).unlink(missing_ok=True)  # an earlier key that was not in the environment
    if key := _local_key():
        shutil.copyfile(key, folder / KEY)


def _check_key(folder: Path) -> None:
    """Raise BackupError if the rows would be restored under another key."""
    digest = folder / KEY_DIGEST
    if not digest.exists() or (has_key(folder) and _local_key()):
        return
    if digest.read_text().strip() != _key_digest(settings.SECRET_KEY):
        where = f"in {folder / KEY}" if has_key(folder) else "not in the backup"
        raise BackupError(
            f"This backup was made with another SECRET_KEY, which is {where}. Set SECRET_KEY to "
            "that key and restore again. If it is lost, add --with-another-key. All users then "
            "have to sign in again."
        )


def restore(folder: Path, progress: Progress, *, with_another_key: bool = False) -> int:
    """Restore into a stopped application; return the number of restored files.

    Raises BackupError, with the rows unchanged, for a folder without a backup or with a damaged
    one. The same holds for a backup made with another SECRET_KEY, unless `with_another_key` is
    true.
    """
    rows = folder / (SQLITE_ROWS if connection.vendor == "sqlite" else POSTGRES_ROWS)
    if not rows.exists():
        raise BackupError(f"{rows} does not exist. Name the folder of a backup of this database.")
    if not with_another_key:
        _check_key(folder)
    if connection.vendor == "sqlite":
        _restore_sqlite(rows)
    else:
        options = ("--clean", "--if-exists", "--no-owner", "--single-transaction")
        _run_postgres("pg_restore", *options, file=rows)
    if has_key(folder):
        shutil.copy2(folder / KEY, Path(settings.DATA_DIR) / KEY)
        keep_private(Path(settings.DATA_DIR) / KEY)
    kept = [path for path in (folder / FILES).rglob("*") if path.is_file()]
    missing = [path for path in kept if not _is_same(path, _name(folder, path))]
    for number, path in enumerate(missing, start=1):
        _put_back(path, _name(folder, path))
        progress(number, len(missing))
    return len(missing)


def _copy_sqlite(target: Path) -> None:
    """Copy a consistent snapshot while other processes write."""
    part = target.with_suffix(".part")
    part.unlink(missing_ok=True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(part)])
    part.replace(target)


def _restore_sqlite(rows: Path) -> None:
    connection.close()
    with closing(sqlite3.connect(rows)) as source:
        _require_whole(source, rows)
        with closing(sqlite3.connect(connection.settings_dict["NAME"])) as target:
            source.backup(target)


def _require_whole(source: sqlite3.Connection, rows: Path) -> None:
    """Raise BackupError for a damaged file; to SQLite, an empty one is a database without rows."""
    try:
        findings = source.execute("PRAGMA quick_check").fetchall()
        source.execute("SELECT 1 FROM django_migrations LIMIT 1")
    except sqlite3.DatabaseError as error:
        findings = [(str(error),)]
    if findings != [("ok",)]:
        raise BackupError(
            f"{rows} is damaged or not a backup ({findings[0][0]}). Nothing was restored. Use "
            "another copy of the backup."
        )


def _run_postgres(program: str, *options: str, file: Path | None = None) -> None:
    arguments, named = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    command = [program, *options, *arguments[1:-1], f"--dbname={arguments[-1]}"]
    command += [str(file)] if file else []
    try:
        subprocess.run(  # noqa: S603  # nosec B603  # our own command
            command, env=os.environ | (named or {}), check=True, capture_output=True, text=True
        )
    except FileNotFoundError as error:
        raise BackupError(
            f"{program} is not installed. On Debian: apt install postgresql-client"
        ) from error
    except subprocess.CalledProcessError as error:
        raise BackupError(f"{program} failed: {error.stderr.strip()}") from error


def _stored_names(folder: str = "") -> Iterator[str]:
    """Yield the names of stored files, without working folders, which begin with a dot."""
    folders, names = default_storage.listdir(folder)
    yield from (f"{folder}{name}" for name in names if not name.startswith("."))
    for name in folders:
        if not name.startswith("."):
            yield from _stored_names(f"{folder}{name}/")


def _is_same(path: Path, name: str) -> bool:
    """Compare the sizes and modification times; if only the times differ, the contents."""
    try:
        copy = path.stat()
        if copy.st_size != default_storage.size(name):
            return False
        if abs(copy.st_mtime - _modified_at(name)) < MTIME_PRECISION:
            return True
        with local_copy(name) as stored:
            return filecmp.cmp(path, stored, shallow=False)
    except FileNotFoundError:
        return False


def _modified_at(name: str) -> float:
    return default_storage.get_modified_time(name).timestamp()


def _fetch(name: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with default_storage.open(name, "rb") as file, path.open("wb") as copy:
            shutil.copyfileobj(file, copy)
        modified_at = _modified_at(name)
        os.utime(path, (modified_at, modified_at))
    except FileNotFoundError:  # deleted since it was listed
        path.unlink(missing_ok=True)


def _delete_copies_without(names: set[str], folder: Path) -> None:
    """Delete copies of files that are not stored under `names`, and that no row names.

    A row's file stays, because it may only be missing now, on a disk that is not mounted.
    """
    copies = (_name(folder, path) for path in (folder / FILES).rglob("*") if path.is_file())
    gone = sorted(set(copies) - names)
    for top, listed in groupby(gone, lambda name: name.partition("/")[0]):
        while top in columns.folders() and (batch := list(islice(listed, BATCH))):
            for name in set(batch) - journal.named(top, batch):
                path = folder / FILES / name
                path.unlink()
                with suppress(OSError):  # it has other files
                    path.parent.rmdir()


def _put_back(path: Path, name: str) -> None:
    default_storage.delete(name)
    with path.open("rb") as file:
        default_storage.save(name, File(file))


def _name(folder: Path, path: Path) -> str:
    return path.relative_to(folder / FILES).as_posix()
