from contextlib import suppress

from django.core.files.storage import default_storage
from django.db import migrations, models


def keep_spectrograms(apps, schema_editor):
    generations = apps.get_model("soundscapes", "Generation").objects
    renditions = apps.get_model("soundscapes", "Rendition").objects
    with_one = generations.filter(state="ready").exclude(spectrogram="")
    for generation in with_one.only("pk", "spectrogram").iterator(chunk_size=500):
        size = 0
        with suppress(Exception):  # whatever a storage says of a lost file, which is drawn again
            size = default_storage.size(generation.spectrogram.name)
        renditions.create(
            generation_id=generation.pk,
            format="spectrogram",
            state="ready",
            stage="Ready",
            progress=100,
            file=generation.spectrogram.name,
            size=size,
        )


class Migration(migrations.Migration):

    dependencies = [
        ('soundscapes', '0014_preparation_in_the_background'),
    ]

    operations = [
        migrations.AlterField(
            model_name='rendition',
            name='format',
            field=models.CharField(choices=[('flac', 'FLAC'), ('layers', 'layers'), ('ogg', 'Ogg Vorbis'), ('mp3', 'MP3'), ('spectrogram', 'spectrogram')], max_length=12),
        ),
        migrations.RunPython(keep_spectrograms, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name='generation',
            name='spectrogram',
        ),
    ]
