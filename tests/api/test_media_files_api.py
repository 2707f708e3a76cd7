"""Files of a soundscape: formats, plan, credits, stems and spectrogram."""

import io
import json
from urllib.parse import urlencode
from uuid import uuid4
from zipfile import ZipFile

import pytest
import soundfile
from django.urls import reverse
from PIL import Image

from soundscapes.engine.sound.plan import Plan
from soundscapes.engine.sound.plots import HEIGHT, WIDTH
from soundscapes.generations import library
from soundscapes.models import Generation
from tests import factories
from tests.layers import rendered_layers
from tests.queue import work_off

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_waiting")]


@pytest.fixture
def generation(made):
    return made


def body(answer) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def urls(pk):
    return [
        reverse("audio", args=[pk]),
        reverse("audio", args=[pk]) + "?format=flac",
        reverse("plan", args=[pk]),
        reverse("credits", args=[pk]),
        reverse("spectrogram", args=[pk]),
        reverse("stem", args=[pk, 1]),
    ]


def test_an_unknown_format_is_400(browser, generation):
    answer = browser.get(reverse("audio", args=[generation.pk]), {"format": "aiff"})
    assert answer.status_code == 400


def test_the_plan_is_valid_and_the_credits_are_complete(browser, generation):
    document = json.loads(body(browser.get(reverse("plan", args=[generation.pk]))))
    plan = Plan.from_json(document)
    text = body(browser.get(reverse("credits", args=[generation.pk]))).decode()
    for credit in plan.credits:
        assert credit.title in text
        assert credit.author in text


def test_stems_are_served(browser, generation):
    for layer in rendered_layers(generation):
        stem = body(browser.get(reverse("stem", args=[generation.pk, layer.rank])))
        assert soundfile.info(io.BytesIO(stem)).duration == 5
    assert browser.get(reverse("stem", args=[generation.pk, 9])).status_code == 404


def test_a_spectrogram_is_drawn_on_request(browser, generation):
    url = reverse("spectrogram", args=[generation.pk])
    assert browser.head(url).status_code == 404  # which has nothing made
    assert not generation.renditions.exists()
    assert browser.get(url).status_code == 202
    assert work_off() == []
    drawn = browser.get(url)
    assert drawn["Content-Type"] == "image/png"
    with Image.open(io.BytesIO(body(drawn))) as image:
        assert image.size == (WIDTH, HEIGHT)


def test_a_preview_is_rendered_on_request_and_served_with_ranges(browser, generation):
    layer = generation.layers.select_related("category").first()
    url = reverse("preview", args=[generation.pk, layer.rank, layer.category.slug])
    assert browser.head(url).status_code == 404
    assert browser.get(url)["Retry-After"] == "2"
    assert work_off() == []
    assert soundfile.info(io.BytesIO(body(browser.get(url)))).duration == 5
    assert browser.get(url, headers={"Range": "bytes=0-0"}).status_code == 206


def test_an_impossible_preview_says_why(browser, generation):
    slug = generation.layers.first().category.slug
    answer = browser.get(reverse("preview", args=[generation.pk, 9, slug]))
    assert answer.status_code == 400
    assert "up to 5 layers" in answer.json()["detail"]
    missing = reverse("preview", args=[generation.pk, 1, "unicorn"])
    assert browser.get(missing).status_code == 404


def test_downloads_have_the_title_in_their_names_and_tags(browser, generation):
    library.rename(generation, "Früh am Meer")
    answer = browser.get(reverse("audio", args=[generation.pk]) + "?download")
    assert answer["Content-Disposition"].endswith("Fr%C3%BCh%20am%20Meer.wav")
    assert title_of(body(answer)) == "Früh am Meer"
    rendered_layers(generation)
    archive = browser.get(reverse("stems", args=[generation.pk]))
    assert archive["Content-Disposition"].endswith("Fr%C3%BCh%20am%20Meer%20layers.zip")
    layers = {layer.rank: layer for layer in generation.layers.all()}
    with ZipFile(io.BytesIO(body(archive))) as files:
        named = [name for name in files.namelist() if name.endswith(".wav")]
        for name in named:
            layer = layers[int(name.split()[0])]
            assert title_of(files.read(name)) == f"Früh am Meer: {layer.category.label}"
    assert len(named) == len(layers)


def test_what_is_played_is_the_stored_file(browser, generation):
    url = reverse("audio", args=[generation.pk])
    with generation.audio.open("rb") as file:
        assert body(browser.get(f"{url}?format=flac")) == file.read()


def title_of(data: bytes) -> str:
    with soundfile.SoundFile(io.BytesIO(data)) as file:
        return file.title


def test_they_are_private_to_their_owner(client, sign_in, stranger, generation):
    for url in urls(generation.pk):
        assert sign_in(stranger).get(url).status_code == 404
        assert client.get(url).status_code == 401
        assert sign_in(generation.owner).post(url).status_code in (403, 405)


def test_an_unfinished_soundscape_has_no_files(browser, owner):
    unfinished = factories.GenerationFactory(owner=owner)
    for url in urls(unfinished.pk):
        assert browser.get(url).status_code == 404


def test_missing_stems_and_lost_files_are_404(browser, owner):
    old = factories.GenerationFactory(owner=owner, ready=True)
    factories.LayerFactory(generation=old, rank=1)
    old.audio.storage.delete(old.audio.name)
    for url in urls(old.pk):
        if not url.endswith(".json"):
            assert browser.get(url).status_code == 404


PAGE = {"Accept": "text/html,*/*"}


def test_a_signed_out_browser_signs_in_and_returns_to_the_soundscape(client, generation):
    here = generation.get_absolute_url()
    headers = PAGE | {"Referer": f"http://testserver{here}"}
    answer = client.get(reverse("audio", args=[generation.pk]), headers=headers)
    assert answer.url == f"{reverse('account_login')}?{urlencode({'next': here})}"
    assert client.get(reverse("audio", args=[generation.pk])).status_code == 401


def test_a_browser_gets_a_page_for_a_file_that_is_missing(browser):
    url = reverse("audio", args=[uuid4()])
    answer = browser.get(url, headers=PAGE)
    assert answer.status_code == 404
    assert "<h1>" in answer.text
    assert browser.get(url)["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ('Rain / "night" <1>', 'filename="Rain night 1.wav"'),
        ("..", 'filename="soundscape.wav"'),
        ("Übung", "filename*=utf-8''%C3%9Cbung.wav"),
    ],
)
def test_a_download_is_named_after_the_title(browser, generation, title, name):
    Generation.objects.update(name=title)
    answer = browser.get(reverse("audio", args=[generation.pk]), {"download": ""})
    assert answer["Content-Disposition"] == f"attachment; {name}"
