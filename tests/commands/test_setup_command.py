"""manage.py setup, which is safe to repeat."""

import io

import pytest
from django.core.management import CommandError, call_command
from django_q.models import Schedule

from soundscapes.engine import starter
from soundscapes.engine.catalogue import load_catalogue
from soundscapes.engine.scenes import SCENES
from soundscapes.engine.sound.bank import bank_categories
from soundscapes.engine.starter import STARTER_IMAGES
from soundscapes.images.matching import current_encoder, is_prepared
from soundscapes.models import BatchJob, Category, Clip, Image, ShareLink, User

pytestmark = pytest.mark.django_db


def run(**options: object) -> str:
    shown = io.StringIO()
    call_command("setup", stdout=shown, **options)
    return shown.getvalue()


@pytest.fixture
def static_root(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    return tmp_path


@pytest.mark.usefixtures("with_bank")
def test_a_second_setup_changes_nothing(static_root, stored, client):
    first = run(complete=True)
    assert Category.objects.count() == len(load_catalogue())
    offered = set(Category.objects.offered().values_list("slug", flat=True))
    assert offered == set(bank_categories())
    assert Image.objects.preloaded().count() == len(STARTER_IMAGES) + len(SCENES)
    assert Image.objects.scenes().count() == len(SCENES)
    assert (static_root / "css" / "site.css").is_file()
    assert current_encoder().name in first
    assert is_prepared()
    assert Schedule.objects.get().func == "soundscapes.operations.maintenance.run"

    lines = dict(line.split(":", 1) for line in first.splitlines() if ":" in line)
    administrator, password = (lines[name].strip() for name in ("Administrator", "Password"))
    assert client.login(username=administrator, password=password)
    assert User.objects.get(username=administrator).is_superuser
    assert ShareLink.objects.welcome().get().generation.owner.username == administrator

    before = (stored(), set(Clip.objects.values_list("pk")), set(Image.objects.values_list("pk")))
    second = run(complete=True)
    after = (stored(), set(Clip.objects.values_list("pk")), set(Image.objects.values_list("pk")))
    assert before == after
    assert "Password" not in second
    assert second.count(": 0 new") == 3
    assert User.objects.count() == Schedule.objects.count() == ShareLink.objects.count() == 1


@pytest.mark.usefixtures("static_root")
def test_the_first_page_waits_for_neither_clips_nor_encoder(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(starter, "STARTER_IMAGES", ())
    settings.ENCODER, settings.ENCODER_CACHE = "offline", tmp_path / "encoders"
    shown = run()
    assert "Clips: 0 new" in shown
    assert shown.count("in the background") == 2
    assert set(Category.objects.offered().values_list("slug", flat=True)) == set(bank_categories())
    kinds = list(BatchJob.objects.order_by("created_at").values_list("kind", flat=True))
    assert kinds == [BatchJob.Kind.ENCODER, BatchJob.Kind.BANK]


@pytest.mark.usefixtures("with_bank", "static_root")
@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ("clip", r"missing\.pt is not a file"),
        ("auto", r"missing\.pt is not a file"),
        ("nonsense", "Unknown encoder"),
    ],
)
def test_an_invalid_encoder_is_reported_before_the_server_starts(
    settings, tmp_path, monkeypatch, choice, words
):
    monkeypatch.setattr(starter, "STARTER_IMAGES", ())
    settings.ENCODER, settings.CLIP_WEIGHTS = choice, str(tmp_path / "missing.pt")
    for command in ("setup", "start"):
        with pytest.raises(CommandError, match=words):
            call_command(command, stdout=io.StringIO())
