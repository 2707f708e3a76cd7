"""Many copies of one soundscape, made by the database itself, and the queries of workers.

Runs inside the application for benchmarks/sizing.py. Each copy has its own image with vectors and
the scores of all categories, its own layers and its own plan. Files are not copied.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from time import perf_counter

from django.db import connection, models

from soundscapes.jobs import heartbeat, scheduler
from soundscapes.jobs.kinds import count_unfinished
from soundscapes.models import Embedding, Generation, Image, Layer, Similarity, User
from soundscapes.operations import integrity, maintenance

DAYS = 10  # over which the copies are spread
IMAGES = "SELECT id, owner_id, created_at FROM soundscapes_image WHERE title = 'copy'"
SOUNDSCAPES = (
    "SELECT made.id FROM soundscapes_generation AS made "
    "JOIN soundscapes_image AS image ON image.id = made.image_id WHERE image.title = 'copy'"
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """SQL that differs between the two databases."""

    new_id: str
    numbers: str
    moment: str


DIALECTS = {
    "postgresql": Dialect(
        "gen_random_uuid()",
        "SELECT n FROM generate_series(0, {last}) AS n",
        "made.created_at - {seconds} * interval '1 second'",
    ),
    "sqlite": Dialect(
        "lower(hex(randomblob(16)))",
        "WITH RECURSIVE up(n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM up WHERE n < {last}) "
        "SELECT n FROM up",
        "strftime('%%Y-%%m-%%d %%H:%%M:%%f', made.created_at, '-' || ({seconds}) || ' seconds')",
    ),
}


def fill(key: str, count: int, people: int) -> None:
    """Copy the rows of a soundscape; a tenth belong to its owner, who gets every permission.

    On PostgreSQL this takes a superuser, to skip the foreign key checks of fifty million rows.
    """
    made = Generation.objects.get(pk=key)
    owner = User.objects.filter(pk=made.owner_id)
    owner.update(is_staff=True, is_superuser=True)
    User.objects.bulk_create(User(username=f"user-{number}") for number in range(people))
    first = User.objects.get(username="user-0").pk
    words = DIALECTS[connection.vendor]
    numbers = words.numbers.format(last=count - 1)
    belongs = (
        f"CASE WHEN source.n %% 10 = 0 THEN {made.owner_id} ELSE {first} + source.n %% {people} END"
    )
    if connection.vendor == "postgresql":
        _run("SET session_replication_role = replica")
    _copy(
        Image,
        ("id", made.image_id),
        numbers,
        id=words.new_id,
        checksum=f"CAST({words.new_id} AS text)",
        title="'copy'",
        owner_id=belongs,
        created_at=words.moment.format(seconds=f"source.n * {DAYS * 86_400 / count}"),
    )
    _copy(Embedding, ("image_id", made.image_id), IMAGES, image_id="source.id")
    _copy(Similarity, ("image_id", made.image_id), IMAGES, image_id="source.id")
    same = {name: f"source.{name}" for name in ("owner_id", "created_at")}
    _copy(Generation, ("id", made.pk), IMAGES, id=words.new_id, image_id="source.id", **same)
    _copy(Layer, ("generation_id", made.pk), SOUNDSCAPES, generation_id="source.id")
    # PostgreSQL does this by itself after a while.
    _run("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _copy(model: type[models.Model], of: tuple[str, object], source: str, **changed: str) -> None:
    """For each row of the source, insert the rows that belong to one soundscape again."""
    fields = [
        field
        for field in model._meta.concrete_fields
        if field.column in changed or not isinstance(field, models.AutoField)
    ]
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column) for field in fields)
    values = ", ".join(changed.get(field.column, f"made.{quote(field.column)}") for field in fields)
    column, value = of
    table = quote(model._meta.db_table)
    known = next(field for field in fields if field.column == column)
    _run(
        f"INSERT INTO {table} ({names}) SELECT {values} FROM ({source}) AS source "  # noqa: S608
        f"CROSS JOIN {table} AS made WHERE made.{quote(column)} = %s",
        known.get_db_prep_value(value, connection),
    )


def _run(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def print_sizes() -> None:
    """Print the bytes of each table with its indexes as JSON."""
    sizes = {}
    for model in (Generation, Layer, Image, Embedding, Similarity):
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SELECT pg_total_relation_size(%s)", [model._meta.db_table])
            else:
                cursor.execute(
                    "SELECT sum(pgsize) FROM dbstat WHERE name IN "
                    "(SELECT name FROM sqlite_master WHERE tbl_name = %s)",
                    [model._meta.db_table],
                )
            sizes[model.__name__] = cursor.fetchone()[0]
    print(json.dumps(sizes))


def print_times(name: str) -> None:
    """Print the times of queries by workers, probes and administrators, in ms, second run."""
    user = User.objects.get(username=name)
    for title, work, rounds in (
        ("next jobs", scheduler.next_jobs, 2),
        ("signs of life", heartbeat.silence, 2),
        ("queue length", lambda: count_unfinished(user), 2),
        ("maintenance", maintenance.run, 2),
        ("integrity check, once", lambda: list(integrity.examine()), 1),
    ):
        for _round in range(rounds):
            begun = perf_counter()
            work()
        print(f"  {title:<34} {1000 * (perf_counter() - begun):8.1f}")
