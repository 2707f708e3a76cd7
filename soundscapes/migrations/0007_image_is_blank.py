from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('soundscapes', '0006_plain_words'),
    ]

    operations = [
        migrations.AddField(
            model_name='image',
            name='is_blank',
            field=models.BooleanField(default=False, editable=False, help_text='It is of one colour, so nothing can be matched.'),
        ),
    ]
