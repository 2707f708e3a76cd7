from django.db import migrations, models

import soundscapes.models.text
from soundscapes.engine.esc50 import words_of


def describe(apps, schema_editor):
    """Fill the words of ESC-50's recordings from their titles, as the import does now."""
    clips = apps.get_model("soundscapes", "Clip").objects.using(schema_editor.connection.alias)
    rows = list(clips.filter(source="esc50").only("title"))
    for row in rows:
        row.words = words_of(row.title)[:200]
    clips.bulk_update(rows, ["words"], batch_size=500)


class Migration(migrations.Migration):

    dependencies = [
        ('soundscapes', '0018_gain_of_the_mix'),
    ]

    operations = [
        migrations.AddField(
            model_name='category',
            name='is_private',
            field=models.BooleanField(default=False, editable=False, help_text="It stands for one recording of a user, and its label is that one's title."),
        ),
        migrations.AddField(
            model_name='clip',
            name='words',
            field=models.CharField(blank=True, default='', help_text='Where one hears it: near or far, heavy or light. The clip whose words fit an image best is the likeliest. Without words, it is as likely as an average one.', max_length=200, validators=[soundscapes.models.text.printable]),
            preserve_default=False,
        ),
        migrations.RunPython(describe, migrations.RunPython.noop),
    ]
