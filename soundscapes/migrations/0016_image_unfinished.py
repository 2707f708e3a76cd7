from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("soundscapes", "0015_accounts")]

    operations = [
        migrations.AddIndex(
            model_name="image",
            index=models.Index(
                condition=models.Q(("state__in", ("queued", "matching", "rendering"))),
                fields=["leased_until"],
                name="image_unfinished",
            ),
        ),
    ]
