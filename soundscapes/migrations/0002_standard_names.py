from django.db import migrations

VERBS = ('add', 'change', 'delete', 'view')
RENAMED = (
    ('chore', 'batch job'),
    ('remembered answer', 'idempotency record'),
    ('file note', 'journal entry'),
)


def rename_permissions(apps, _schema_editor):
    """Rename the permissions, so that groups and users keep what they may do.

    Django renames the content type of a renamed model, but leaves its permissions as they are and
    makes new ones beside them, which nobody has.
    """
    for old, new in RENAMED:
        _rename(apps, old, new)


def rename_permissions_back(apps, _schema_editor):
    for old, new in RENAMED:
        _rename(apps, new, old)


def _rename(apps, old, new):
    permissions = apps.get_model('auth', 'Permission').objects
    for verb in VERBS:
        permissions.filter(
            content_type__app_label='soundscapes', codename=f'{verb}_{old.replace(" ", "")}'
        ).update(codename=f'{verb}_{new.replace(" ", "")}', name=f'Can {verb} {new}')


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('soundscapes', '0001_squashed_0020_file_notes'),
    ]

    operations = [
        migrations.RenameModel(
            old_name='Chore',
            new_name='BatchJob',
        ),
        migrations.RenameModel(
            old_name='RememberedAnswer',
            new_name='IdempotencyRecord',
        ),
        migrations.RenameModel(
            old_name='FileNote',
            new_name='JournalEntry',
        ),
        migrations.AlterModelOptions(
            name='journalentry',
            options={'ordering': ['noted_at'], 'verbose_name_plural': 'journal entries'},
        ),
        migrations.RenameField(
            model_name='generation',
            old_name='recipe',
            new_name='layer_choices',
        ),
        migrations.RenameField(
            model_name='user',
            old_name='leaving_at',
            new_name='deletion_requested_at',
        ),
        migrations.RenameIndex(
            model_name='batchjob',
            new_name='batchjob_unfinished',
            old_name='chore_unfinished',
        ),
        migrations.RunPython(rename_permissions, rename_permissions_back),
    ]
