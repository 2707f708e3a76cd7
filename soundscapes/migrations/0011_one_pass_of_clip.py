from django.db import migrations, models


def forget_old_encodings(apps, _schema_editor):
    """Nothing reads the vectors of an encoder that is gone; its rankings stay with soundscapes."""
    embeddings = apps.get_model("soundscapes", "Embedding").objects
    embeddings.filter(encoder__startswith="clip-").exclude(
        encoder__startswith="clip-look-"
    ).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("soundscapes", "0010_rendition_title"),
    ]

    operations = [
        migrations.RunPython(forget_old_encodings, migrations.RunPython.noop, elidable=True),
        migrations.AddField(
            model_name="heartbeat",
            name="trouble",
            field=models.CharField(
                blank=True,
                help_text="The failure that made the encoder fall back to the CPU.",
                max_length=300,
            ),
        ),
    ]
