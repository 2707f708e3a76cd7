from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("soundscapes", "0017_chore_unfinished"),
    ]

    operations = [
        migrations.AddField(
            model_name="heartbeat",
            name="host",
            # The one row that there was is forgotten after a day without a sign.
            field=models.CharField(default="", max_length=200, unique=True),
            preserve_default=False,
        ),
    ]
