"""The ORM broker's table has a primary key alone; the queue asks by key and lock."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("soundscapes", "0001_initial"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX soundscapes_queue ON django_q_ormq (key, lock)",
            "DROP INDEX soundscapes_queue",
        ),
    ]
