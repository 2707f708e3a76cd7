"""How large everything gets: rows and files of a soundscape, and pages over very many of them.

A real soundscape is made and copied: each copy has a picture of its own, with its vectors and the
scores of all categories, its layers and its plan. A tenth of all belong to one person.

    python -m benchmarks.sizing [--soundscapes 20000]

With DATABASE_URL in the environment it fills that database instead of an SQLite of its own.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from statistics import median
from time import perf_counter

from benchmarks.pictures import photo
from tests.live.installations import installation
from tests.live.server import Person, Server, manage, running

ROUNDS = 5
FILL = """
import copy, uuid
from django.db import connection
from soundscapes.models import *
made = Generation.objects.get(pk="{key}")
layers, embedding = list(made.layers.all()), made.image.embeddings.get()
others = User.objects.bulk_create(User(username=f"user-{{n}}") for n in range({people}))
def copies(model, rows):
    model.objects.bulk_create(rows, batch_size=500)
def copied(row, **changed):
    new = copy.copy(row)
    new._state = copy.copy(row._state)
    for name, value in changed.items():
        setattr(new, name, value)
    return new
for start in range(0, {count}, 2000):
    numbers = range(start, min(start + 2000, {count}))
    owners = [made.owner_id if n % 10 == 0 else others[n % {people}].pk for n in numbers]
    fresh = [dict(pk=uuid.uuid4(), owner_id=o, checksum=uuid.uuid4().hex) for o in owners]
    images = [copied(made.image, title="copy", **fields) for fields in fresh]
    copies(Image, images)
    copies(Embedding, [copied(embedding, pk=None, image_id=i.pk) for i in images])
    rows = [copied(made, pk=uuid.uuid4(), owner_id=i.owner_id, image_id=i.pk) for i in images]
    copies(Generation, rows)
    copies(Layer, [copied(l, pk=None, generation_id=g.pk) for g in rows for l in layers])
fields = [f.column for f in Similarity._meta.fields if not f.primary_key and f.column != "image_id"]
of_made = ", ".join(f"s.{{name}}" for name in fields)
with connection.cursor() as cursor:
    cursor.execute(
        f"INSERT INTO soundscapes_similarity (image_id, {{', '.join(fields)}}) "
        f"SELECT i.id, {{of_made}} FROM soundscapes_image i CROSS JOIN soundscapes_similarity s "
        "WHERE i.title = 'copy' AND s.image_id = %s",
        [made.image_id if connection.vendor == "postgresql" else made.image_id.hex],
    )
    if connection.vendor == "postgresql":  # which does so by itself after a while; SQLite does not
        cursor.execute("ANALYZE")
User.objects.filter(pk=made.owner_id).update(is_staff=True, is_superuser=True)
"""
SIZES = """
import json
from django.db import connection
from soundscapes.models import *
sizes = {}
with connection.cursor() as cursor:
    for model in (Generation, Layer, Image, Embedding, Similarity):
        table = model._meta.db_table
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_total_relation_size(%s)", [table])
        else:
            cursor.execute(
                "SELECT sum(pgsize) FROM dbstat WHERE name IN "
                "(SELECT name FROM sqlite_master WHERE tbl_name = %s)", [table])
        sizes[model.__name__] = cursor.fetchone()[0]
print(json.dumps(sizes))
"""
QUERIES = """
from time import perf_counter
from soundscapes.models import User
from soundscapes.models.work import count_unfinished
from soundscapes.services import jobs, turns
user = User.objects.get(username="{name}")
for name, work in (("whose turn it is", turns.next_job), ("signs of life", jobs.silence),
                   ("how much is waiting", lambda: count_unfinished(user))):
    work()
    begun = perf_counter()
    work()
    print(f"  {{name:<34}} {{1000 * (perf_counter() - begun):8.1f}}")
"""
PAGES = {
    "studio": "/",
    "history": "/soundscapes/",
    "history, by words": "/soundscapes/?q=copy",
    "history, by a sound": "/soundscapes/?category=rain",
    "API: list of soundscapes": "/api/v1/generations/",
    "API: the last page of it": "/api/v1/generations/?page={last}",
    "admin: soundscapes": "/admin/soundscapes/generation/",
    "admin: metrics": "/admin/metrics/",
}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--soundscapes", type=int, default=20_000)
    count = parser.parse_args(arguments).soundscapes
    named = {name: os.environ[name] for name in ("DATABASE_URL",) if name in os.environ}
    with installation(named) as env, running(env) as server:
        person = Person(server)
        key = person.make_soundscape(photo())
        person.wait_until(key, "ready")
        _print_files(server, key)
        begun = perf_counter()
        people = max(1, count // 100)
        manage(env, "shell", "-v0", "-c", FILL.format(key=key, count=count, people=people))
        print(f"{count} copies, made in {perf_counter() - begun:.0f} s; kB of rows for each:")
        sizes = json.loads(manage(env, "shell", "-v0", "-c", SIZES))
        for name, size in sizes.items():
            print(f"  {name:<34} {size / count / 1000:8.1f}")
        print(f"  {'together':<34} {sum(sizes.values()) / count / 1000:8.1f}")
        print(f"queries and pages of one who has {count // 10}, in ms (median of {ROUNDS}):")
        print(manage(env, "shell", "-v0", "-c", QUERIES.format(name=person.name)), end="")
        for name, path in PAGES.items():
            _print_page(person, name, path.format(last=max(1, count // 10 // 20)))


def _print_files(server: Server, key: str) -> None:
    made = sum(path.stat().st_size for path in (server.media / "generations" / key).iterdir())
    print(f"files of a soundscape of 30 s with three layers: {made / 1e6:.1f} MB")


def _print_page(person: Person, name: str, path: str) -> None:
    taken = []
    for _ in range(ROUNDS):
        begun = perf_counter()
        answer = person.get(person.server.url + path, timeout=300)
        taken.append(1000 * (perf_counter() - begun))
        assert answer.ok, (name, answer.status_code)
    print(f"  {name:<34} {median(taken):8.1f}")


if __name__ == "__main__":
    main()
