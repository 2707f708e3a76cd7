"""The schema before the first release, in one step for a new database.

A database in which all of `replaces` have been applied has this schema already: Django then takes
this migration as applied. On one in which only some of them have been applied `migrate` fails:
bring it to 0020 first, with the code that had those migrations.
"""

import django.contrib.auth.models
import django.contrib.auth.validators
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import soundscapes.models.categories
import soundscapes.models.exports
import soundscapes.models.generations
import soundscapes.models.images
import soundscapes.models.renditions
import soundscapes.models.shares
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('soundscapes', '0001_initial'),
        ('soundscapes', '0002_queue_index'),
        ('soundscapes', '0003_generation_mode'),
        ('soundscapes', '0004_clip_sources'),
        ('soundscapes', '0005_stems_and_pictures'),
        ('soundscapes', '0006_remixes'),
        ('soundscapes', '0007_cancelled'),
        ('soundscapes', '0008_library'),
        ('soundscapes', '0009_public_ids_and_scopes'),
        ('soundscapes', '0010_idempotency'),
        ('soundscapes', '0011_turns'),
        ('soundscapes', '0012_renditions'),
        ('soundscapes', '0013_admin_work'),
        ('soundscapes', '0014_shares'),
        ('soundscapes', '0015_accounts'),
        ('soundscapes', '0016_image_unfinished'),
        ('soundscapes', '0017_chore_unfinished'),
        ('soundscapes', '0018_heartbeat_host'),
        ('soundscapes', '0019_latest_first'),
        ('soundscapes', '0020_file_notes'),
    ]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('django_q', '0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more'),
    ]

    operations = [
        migrations.CreateModel(
            name='Category',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(help_text="ESC-50's name, for example sea_waves.", unique=True)),
                ('target', models.PositiveSmallIntegerField(help_text="ESC-50's number, 0 to 49.", unique=True)),
                ('label', models.CharField(max_length=60)),
                ('group', models.CharField(max_length=40)),
                ('kind', models.CharField(choices=[('bed', 'Bed: runs on'), ('occasional', 'Occasional: comes and goes'), ('startling', 'Startling: rare and soft in a calm mix')], max_length=12)),
                ('gain_db', models.FloatField(default=0.0, help_text='Level beside the others: 0 leaves it, -6 halves it.', verbose_name='gain (dB)')),
                ('prompts', models.JSONField(help_text='What one would see where this sounds: one description a line.', validators=[soundscapes.models.categories.validate_prompts])),
                ('is_enabled', models.BooleanField(default=True, verbose_name='enabled')),
                ('shipped_digest', models.CharField(blank=True, editable=False, help_text='SHA-256 of the shipped values: a row that differs was edited and is kept.', max_length=64)),
                ('sources', models.CharField(choices=[('recordings_first', 'Recordings, or else synthesised'), ('recordings', 'Recordings only'), ('synthesised', 'Synthesised only'), ('all', 'Both together')], default='recordings_first', max_length=20, verbose_name='clips to play')),
            ],
            options={
                'verbose_name_plural': 'categories',
                'ordering': ['label'],
            },
        ),
        migrations.CreateModel(
            name='FileNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('names', models.JSONField(help_text='Paths in the storage; folders end with a slash.')),
                ('process', models.CharField(max_length=200)),
                ('noted_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['noted_at'],
            },
        ),
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('beat_at', models.DateTimeField()),
                ('host', models.CharField(max_length=200, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('served_at', models.DateTimeField(editable=False, help_text='When a worker last took up a job of this user: the longest ago comes next.', null=True)),
                ('leaving_at', models.DateTimeField(editable=False, help_text='Its owner has deleted the account: when a worker last went on removing it.', null=True)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'user',
                'verbose_name_plural': 'users',
                'abstract': False,
            },
            managers=[
                ('objects', django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('digest', models.CharField(max_length=128, primary_key=True, serialize=False)),
                ('token_key', models.CharField(db_index=True, max_length=25)),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('expiry', models.DateTimeField(blank=True, null=True)),
                ('name', models.CharField(help_text='What uses it, in your own words.', max_length=100)),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('scope', models.CharField(choices=[('read', 'Read'), ('write', 'Read and write')], default='write', max_length=5)),
                ('last_used_at', models.DateTimeField(editable=False, help_text='To the minute; empty: never.', null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='auth_token_set', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'API token',
                'ordering': ['-created'],
            },
        ),
        migrations.CreateModel(
            name='Clip',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('file', models.FileField(max_length=200, upload_to=soundscapes.models.categories.clip_path)),
                ('checksum', models.CharField(editable=False, help_text='SHA-256 of the file.', max_length=64, unique=True)),
                ('source', models.CharField(choices=[('synthesised', 'Synthesised'), ('esc50', 'ESC-50'), ('upload', 'Upload')], default='upload', max_length=12)),
                ('title', models.CharField(max_length=200)),
                ('author', models.CharField(max_length=200)),
                ('licence', models.CharField(max_length=60)),
                ('url', models.URLField(blank=True, max_length=500)),
                ('duration', models.FloatField(editable=False, help_text='Seconds of sound from there on.')),
                ('loudness', models.FloatField(editable=False, help_text='Integrated, in LUFS.')),
                ('is_enabled', models.BooleanField(default=True, verbose_name='enabled')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('collection', models.CharField(blank=True, help_text='The data set it is taken from, and the licence of that as a whole.', max_length=100)),
                ('start', models.FloatField(default=0.0, editable=False, help_text='Seconds of silence in the file before its sound.')),
                ('peaks', models.JSONField(blank=True, default=list, editable=False, help_text='Its waveform: 0 to 100.')),
                ('category', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='clips', to='soundscapes.category')),
            ],
            options={
                'ordering': ['category__label', 'title'],
            },
        ),
        migrations.CreateModel(
            name='Image',
            fields=[
                ('state', models.CharField(choices=[('new', 'Not asked for yet'), ('queued', 'Queued'), ('matching', 'Matching'), ('rendering', 'Rendering'), ('ready', 'Ready'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='new', editable=False, max_length=10)),
                ('stage', models.CharField(blank=True, editable=False, max_length=100)),
                ('progress', models.PositiveSmallIntegerField(default=0, editable=False, help_text='Percent.', validators=[django.core.validators.MaxValueValidator(100)])),
                ('attempts', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('claimed_by', models.CharField(blank=True, editable=False, max_length=200)),
                ('leased_until', models.DateTimeField(blank=True, editable=False, null=True)),
                ('error', models.TextField(blank=True, editable=False, help_text='In words for its owner.')),
                ('queued_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('started_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('finished_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('file', models.FileField(editable=False, max_length=200, upload_to=soundscapes.models.images.image_path)),
                ('thumbnail', models.FileField(editable=False, max_length=200, upload_to=soundscapes.models.images.thumbnail_path)),
                ('checksum', models.CharField(editable=False, help_text='SHA-256 of the file that was given.', max_length=64)),
                ('width', models.PositiveIntegerField(editable=False)),
                ('height', models.PositiveIntegerField(editable=False)),
                ('title', models.CharField(blank=True, max_length=200)),
                ('author', models.CharField(blank=True, max_length=200)),
                ('licence', models.CharField(blank=True, max_length=100)),
                ('source', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('size', models.PositiveBigIntegerField(default=0, editable=False, help_text='Bytes of its files.')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='images', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at'],
            },
        ),
        migrations.CreateModel(
            name='Generation',
            fields=[
                ('state', models.CharField(choices=[('new', 'Not asked for yet'), ('queued', 'Queued'), ('matching', 'Matching'), ('rendering', 'Rendering'), ('ready', 'Ready'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='new', editable=False, max_length=10)),
                ('stage', models.CharField(blank=True, editable=False, max_length=100)),
                ('progress', models.PositiveSmallIntegerField(default=0, editable=False, help_text='Percent.', validators=[django.core.validators.MaxValueValidator(100)])),
                ('attempts', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('claimed_by', models.CharField(blank=True, editable=False, max_length=200)),
                ('leased_until', models.DateTimeField(blank=True, editable=False, null=True)),
                ('error', models.TextField(blank=True, editable=False, help_text='In words for its owner.')),
                ('queued_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('started_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('finished_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('duration', models.PositiveSmallIntegerField(default=30, help_text='Seconds.', validators=[django.core.validators.MinValueValidator(5.0), django.core.validators.MaxValueValidator(3600.0)])),
                ('seed', models.PositiveIntegerField(help_text='The same seed gives the same sound.')),
                ('layer_count', models.PositiveSmallIntegerField(default=3, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)])),
                ('encoder', models.CharField(blank=True, editable=False, max_length=100)),
                ('encoder_name', models.CharField(blank=True, editable=False, max_length=200)),
                ('plan', models.JSONField(blank=True, editable=False, null=True)),
                ('audio', models.FileField(blank=True, editable=False, max_length=200, upload_to=soundscapes.models.generations.file_path)),
                ('audio_checksum', models.CharField(blank=True, editable=False, max_length=64)),
                ('loudness', models.FloatField(blank=True, editable=False, help_text='LUFS.', null=True)),
                ('true_peak', models.FloatField(blank=True, editable=False, help_text='dBTP.', null=True)),
                ('peaks', models.JSONField(blank=True, default=list, editable=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('mode', models.CharField(choices=[('calm', 'Calm'), ('faithful', 'Faithful')], default='calm', help_text='Calm holds startling sounds back; faithful plays what fits best as it is.', max_length=10)),
                ('spectrogram', models.FileField(blank=True, editable=False, max_length=200, upload_to=soundscapes.models.generations.file_path)),
                ('recipe', models.JSONField(blank=True, default=list, editable=False, help_text="A remix's choice for each layer; empty where the matching decides.")),
                ('deleted_at', models.DateTimeField(blank=True, editable=False, help_text='Ten minutes later it is gone for good.', null=True)),
                ('is_favourite', models.BooleanField(default=False, verbose_name='favourite')),
                ('name', models.CharField(blank=True, help_text='Empty: called after its sounds.', max_length=100, verbose_name='title')),
                ('mixing_at', models.DateTimeField(blank=True, editable=False, help_text='When its plan stood.', null=True)),
                ('origin', models.CharField(blank=True, editable=False, help_text='What the original of a copy was called; empty where it was made here.', max_length=500)),
                ('size', models.PositiveBigIntegerField(default=0, editable=False, help_text='Bytes of its files, conversions included; first of what is expected.')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='generations', to=settings.AUTH_USER_MODEL)),
                ('parent', models.ForeignKey(blank=True, editable=False, help_text='The version that this one was made from.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='remixes', to='soundscapes.generation')),
                ('image', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='generations', to='soundscapes.image')),
            ],
            options={
                'ordering': ['-created_at'],
            },
        ),
        migrations.AddField(
            model_name='user',
            name='latest_image',
            field=models.ForeignKey(blank=True, editable=False, help_text='The picture this user uploaded or drew last; GET /generate_audio takes it.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='soundscapes.image'),
        ),
        migrations.CreateModel(
            name='ImageSet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True)),
                ('description', models.TextField(blank=True)),
                ('is_active', models.BooleanField(default=True, help_text='Random pictures are drawn from active sets alone.', verbose_name='active')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('weight', models.PositiveSmallIntegerField(default=1, help_text='A set of weight 2 is drawn from twice as often as one of weight 1; 0: never.')),
                ('cover', models.ForeignKey(blank=True, editable=False, help_text='The picture that stands for the set.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='soundscapes.image')),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.AddField(
            model_name='image',
            name='image_set',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='images', to='soundscapes.imageset'),
        ),
        migrations.CreateModel(
            name='Layer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rank', models.PositiveSmallIntegerField()),
                ('score', models.FloatField()),
                ('position', models.FloatField()),
                ('kind', models.CharField(choices=[('bed', 'Bed: runs on'), ('occasional', 'Occasional: comes and goes'), ('startling', 'Startling: rare and soft in a calm mix')], max_length=12)),
                ('gain_db', models.FloatField(verbose_name='gain (dB)')),
                ('reason', models.CharField(max_length=500)),
                ('stem', models.FileField(blank=True, editable=False, max_length=200, upload_to=soundscapes.models.generations.stem_path)),
                ('category', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='layers', to='soundscapes.category')),
                ('generation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='layers', to='soundscapes.generation')),
            ],
            options={
                'ordering': ['generation', 'rank'],
            },
        ),
        migrations.CreateModel(
            name='RememberedAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=255)),
                ('fingerprint', models.CharField(help_text='SHA-256 of what was asked for.', max_length=64)),
                ('status', models.PositiveSmallIntegerField(default=0)),
                ('location', models.CharField(blank=True, max_length=500)),
                ('body', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Rendition',
            fields=[
                ('state', models.CharField(choices=[('new', 'Not asked for yet'), ('queued', 'Queued'), ('matching', 'Matching'), ('rendering', 'Rendering'), ('ready', 'Ready'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='new', editable=False, max_length=10)),
                ('stage', models.CharField(blank=True, editable=False, max_length=100)),
                ('progress', models.PositiveSmallIntegerField(default=0, editable=False, help_text='Percent.', validators=[django.core.validators.MaxValueValidator(100)])),
                ('attempts', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('claimed_by', models.CharField(blank=True, editable=False, max_length=200)),
                ('leased_until', models.DateTimeField(blank=True, editable=False, null=True)),
                ('error', models.TextField(blank=True, editable=False, help_text='In words for its owner.')),
                ('queued_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('started_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('finished_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('format', models.CharField(choices=[('flac', 'FLAC'), ('ogg', 'Ogg Vorbis'), ('mp3', 'MP3')], max_length=4)),
                ('file', models.FileField(blank=True, editable=False, max_length=200, upload_to=soundscapes.models.renditions.rendition_path)),
                ('size', models.PositiveBigIntegerField(default=0, editable=False, help_text='Bytes.')),
                ('generation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='renditions', to='soundscapes.generation')),
            ],
        ),
        migrations.CreateModel(
            name='SearchQuery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=200)),
                ('encoder', models.CharField(max_length=100)),
                ('vector', models.BinaryField(default=b'', help_text='float32, little-endian; empty: not yet.')),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name_plural': 'search queries',
                'constraints': [models.UniqueConstraint(fields=('text', 'encoder'), name='query_once_per_encoder')],
            },
        ),
        migrations.CreateModel(
            name='ShareLink',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('token', models.CharField(default=soundscapes.models.shares.new_token, editable=False, max_length=64, unique=True)),
                ('shows_picture', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField(blank=True, help_text='Empty: it does not end.', null=True)),
                ('generation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='share_links', to='soundscapes.generation')),
            ],
            options={
                'ordering': ['-created_at'],
            },
        ),
        migrations.AddField(
            model_name='generation',
            name='copied_from',
            field=models.ForeignKey(blank=True, editable=False, help_text="The link to somebody else's soundscape that it was saved from, while it lasts.", null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='copies', to='soundscapes.sharelink'),
        ),
        migrations.CreateModel(
            name='Similarity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('encoder', models.CharField(help_text='Stable name of the encoder.', max_length=100)),
                ('encoder_name', models.CharField(help_text="The encoder's name for people.", max_length=200)),
                ('score', models.FloatField(help_text='Cosine similarity, -1 to 1; not a probability.')),
                ('rank', models.PositiveSmallIntegerField(help_text='1 is the best.')),
                ('position', models.FloatField(default=0.0, help_text='-1 is left in the picture, 1 is right.')),
                ('prompt', models.CharField(blank=True, max_length=300)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('category', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='similarities', to='soundscapes.category')),
                ('image', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='similarities', to='soundscapes.image')),
            ],
            options={
                'verbose_name_plural': 'similarities',
                'ordering': ['image', 'encoder', 'rank'],
            },
        ),
        migrations.CreateModel(
            name='Chore',
            fields=[
                ('state', models.CharField(choices=[('new', 'Not asked for yet'), ('queued', 'Queued'), ('matching', 'Matching'), ('rendering', 'Rendering'), ('ready', 'Ready'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='new', editable=False, max_length=10)),
                ('stage', models.CharField(blank=True, editable=False, max_length=100)),
                ('progress', models.PositiveSmallIntegerField(default=0, editable=False, help_text='Percent.', validators=[django.core.validators.MaxValueValidator(100)])),
                ('attempts', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('claimed_by', models.CharField(blank=True, editable=False, max_length=200)),
                ('leased_until', models.DateTimeField(blank=True, editable=False, null=True)),
                ('error', models.TextField(blank=True, editable=False, help_text='In words for its owner.')),
                ('queued_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('started_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('finished_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('pictures', 'Import of pictures'), ('clips', 'Import of clips'), ('esc50', 'Import of ESC-50'), ('encode', 'Encoding of pictures'), ('measure', 'Measuring of clips'), ('prompts', 'Trial of descriptions')], editable=False, max_length=10)),
                ('subject', models.CharField(editable=False, help_text='What it is about: a set, a category, a file.', max_length=200)),
                ('is_trial', models.BooleanField(default=False, editable=False, help_text='It looks at everything, keeps nothing.', verbose_name='dry run')),
                ('options', models.JSONField(blank=True, default=dict, editable=False)),
                ('has_files', models.BooleanField(default=False, editable=False)),
                ('rows', models.JSONField(blank=True, default=list, editable=False)),
                ('total', models.PositiveIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at'],
                'indexes': [models.Index(condition=models.Q(('state__in', ('queued', 'matching', 'rendering'))), fields=['leased_until'], name='chore_unfinished')],
            },
        ),
        migrations.CreateModel(
            name='Export',
            fields=[
                ('state', models.CharField(choices=[('new', 'Not asked for yet'), ('queued', 'Queued'), ('matching', 'Matching'), ('rendering', 'Rendering'), ('ready', 'Ready'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='new', editable=False, max_length=10)),
                ('stage', models.CharField(blank=True, editable=False, max_length=100)),
                ('progress', models.PositiveSmallIntegerField(default=0, editable=False, help_text='Percent.', validators=[django.core.validators.MaxValueValidator(100)])),
                ('attempts', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('claimed_by', models.CharField(blank=True, editable=False, max_length=200)),
                ('leased_until', models.DateTimeField(blank=True, editable=False, null=True)),
                ('error', models.TextField(blank=True, editable=False, help_text='In words for its owner.')),
                ('queued_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('started_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('finished_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('file', models.FileField(blank=True, editable=False, max_length=200, upload_to=soundscapes.models.exports.export_path)),
                ('size', models.PositiveBigIntegerField(default=0, editable=False, help_text='Bytes.')),
                ('owner', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='export', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state__in', ('queued', 'matching', 'rendering'))), fields=['leased_until'], name='export_unfinished')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'ready'), _negated=True), models.Q(('file', ''), _negated=True), _connector='OR'), name='export_ready_has_file')],
            },
        ),
        migrations.CreateModel(
            name='Embedding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('encoder', models.CharField(max_length=100)),
                ('vectors', models.BinaryField(help_text='float32, little-endian, (4, dimension), unit rows.')),
                ('labels', models.JSONField(default=list, help_text="The encoder's own words: [name, share].")),
                ('label_vectors', models.BinaryField(default=b'', help_text='One row for each label, as in vectors; empty without labels.')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('image', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='embeddings', to='soundscapes.image')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('image', 'encoder'), name='embedding_once_per_encoder')],
            },
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(condition=models.Q(('state__in', ('queued', 'matching', 'rendering'))), fields=['leased_until'], name='image_unfinished'),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(fields=['-created_at'], name='image_latest'),
        ),
        migrations.AddConstraint(
            model_name='image',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('image_set__isnull', True), ('owner__isnull', False)), models.Q(('image_set__isnull', False), ('owner__isnull', True)), _connector='OR'), name='image_of_a_user_or_of_a_set', violation_error_message='A picture belongs to a user or to a set, never to both.'),
        ),
        migrations.AddConstraint(
            model_name='image',
            constraint=models.UniqueConstraint(condition=models.Q(('image_set', None)), fields=('owner', 'checksum'), name='image_once_per_user'),
        ),
        migrations.AddConstraint(
            model_name='image',
            constraint=models.UniqueConstraint(condition=models.Q(('owner', None)), fields=('image_set', 'checksum'), name='image_once_per_set'),
        ),
        migrations.AddConstraint(
            model_name='layer',
            constraint=models.UniqueConstraint(fields=('generation', 'rank'), name='layer_rank_once'),
        ),
        migrations.AddConstraint(
            model_name='layer',
            constraint=models.UniqueConstraint(fields=('generation', 'category'), name='layer_category_once'),
        ),
        migrations.AddConstraint(
            model_name='rememberedanswer',
            constraint=models.UniqueConstraint(fields=('user', 'key'), name='answer_once_per_key'),
        ),
        migrations.AddIndex(
            model_name='rendition',
            index=models.Index(condition=models.Q(('state__in', ('queued', 'matching', 'rendering'))), fields=['leased_until'], name='rendition_unfinished'),
        ),
        migrations.AddConstraint(
            model_name='rendition',
            constraint=models.UniqueConstraint(fields=('generation', 'format'), name='rendition_once'),
        ),
        migrations.AddConstraint(
            model_name='rendition',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'ready'), _negated=True), models.Q(('file', ''), _negated=True), _connector='OR'), name='rendition_ready_has_file'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(fields=['owner', '-created_at'], name='generation_history'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(fields=['image', 'owner', '-created_at'], name='generation_of_image'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(condition=models.Q(('state__in', ('queued', 'matching', 'rendering'))), fields=['leased_until'], name='generation_unfinished'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(condition=models.Q(('deleted_at__isnull', False)), fields=['deleted_at'], name='generation_deleted'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(fields=['owner', 'deleted_at', 'state', 'size'], name='generation_storage'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(fields=['-created_at'], name='generation_latest'),
        ),
        migrations.AddConstraint(
            model_name='generation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'ready'), _negated=True), models.Q(('audio', ''), _negated=True), _connector='OR'), name='generation_ready_has_audio'),
        ),
        migrations.AddConstraint(
            model_name='similarity',
            constraint=models.UniqueConstraint(fields=('image', 'category', 'encoder'), name='similarity_once_per_encoder'),
        ),
        migrations.AddConstraint(
            model_name='similarity',
            constraint=models.CheckConstraint(condition=models.Q(('score__range', (-1.001, 1.001))), name='similarity_score_is_a_cosine'),
        ),
        migrations.AddConstraint(
            model_name='similarity',
            constraint=models.CheckConstraint(condition=models.Q(('position__range', (-1, 1))), name='similarity_position_in_picture'),
        ),
        # Unique by a step of its own: PostgreSQL's constraints keep the names that they were given
        # when the columns were filled first.
        migrations.AlterField(
            model_name='apitoken',
            name='public_id',
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
        migrations.AlterField(
            model_name='imageset',
            name='public_id',
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
        # django-q2's table has a primary key only, and the broker asks by key and lock.
        migrations.RunSQL(
            'CREATE INDEX soundscapes_queue ON django_q_ormq (key, lock)',
            'DROP INDEX soundscapes_queue',
        ),
    ]
