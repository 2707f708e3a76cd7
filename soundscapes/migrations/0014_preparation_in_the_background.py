from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("soundscapes", "0013_audio_cache"),
    ]

    operations = [
        migrations.AddField(
            model_name="category",
            name="awaits_clips",
            field=models.BooleanField(
                default=False,
                editable=False,
                help_text="Its synthesised clips are made in the background, or when they are needed.",
            ),
        ),
        migrations.AlterField(
            model_name="batchjob",
            name="kind",
            field=models.CharField(
                choices=[
                    ("pictures", "Import of images"),
                    ("clips", "Import of clips"),
                    ("esc50", "Import of ESC-50"),
                    ("encode", "Encoding of images"),
                    ("measure", "Measuring of clips"),
                    ("prompts", "Test of descriptions"),
                    ("weights", "Download of CLIP's weights"),
                    ("bank", "Synthesis of clips"),
                    ("encoder", "Preparation of the encoder"),
                ],
                editable=False,
                max_length=10,
            ),
        ),
    ]
