from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("soundscapes", "0011_one_pass_of_clip"),
    ]

    operations = [
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
                ],
                editable=False,
                max_length=10,
            ),
        ),
    ]
