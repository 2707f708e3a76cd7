"""Ids for the API where the key is none to show, and what a token may do."""

import uuid

from django.db import migrations, models


def give_ids(apps, _schema_editor):
    for name in ("ApiToken", "ImageSet"):
        for row in apps.get_model("soundscapes", name).objects.all():
            row.public_id = uuid.uuid4()
            row.save(update_fields=["public_id"])


def nothing(_apps, _schema_editor):
    pass


def public_id(**options):
    return models.UUIDField(default=uuid.uuid4, editable=False, **options)


class Migration(migrations.Migration):
    dependencies = [
        ("soundscapes", "0008_library"),
    ]

    operations = [
        migrations.AddField("apitoken", "public_id", public_id(null=True)),
        migrations.AddField("imageset", "public_id", public_id(null=True)),
        migrations.RunPython(give_ids, nothing),
        migrations.AlterField("apitoken", "public_id", public_id(unique=True)),
        migrations.AlterField("imageset", "public_id", public_id(unique=True)),
        migrations.AddField(
            "apitoken",
            "scope",
            models.CharField(
                choices=[("read", "Read"), ("write", "Read and write")],
                default="write",
                max_length=5,
            ),
        ),
    ]
