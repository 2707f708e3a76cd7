"""Creating, following and listing soundscapes in the browser."""

import errno
import html
import re
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from soundscapes.engine.sound.mixer import HEADROOM_DB
from soundscapes.engine.sound.samples import to_decibels
from soundscapes.generations import rendering
from soundscapes.jobs import queue
from soundscapes.models import Generation, Image, State
from soundscapes.models.generations import MAX_LAYERS
from soundscapes.templatetags.presentation import waveform_path
from tests import factories, sample_files
from tests.queue import waiting, work_off

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def generation(owner):
    return factories.GenerationFactory(owner=owner)


def send(browser, data=None, **fields):
    chosen = {} if data is None else {"image": sample_files.upload(data)}
    return browser.post(reverse("create"), {**chosen, **fields})


# The studio


def test_signed_out_visitors_see_the_welcome_page(client):
    answer = client.get(reverse("studio"))
    assert answer.status_code == 200
    assert reverse("account_signup") in answer.text
    assert "photo-form" not in answer.text


def test_the_studio_has_an_upload_form_and_names_the_encoder(browser):
    answer = browser.get(reverse("studio"))
    assert answer.context["encoder"].name in answer.text
    assert 'type="file"' in answer.text
    assert "Latest soundscapes" not in answer.text


def test_the_studio_shows_own_latest_soundscapes(browser, generation):
    theirs = factories.GenerationFactory()
    answer = browser.get(reverse("studio"))
    assert generation.get_absolute_url() in answer.text
    assert theirs.get_absolute_url() not in answer.text


def test_the_studio_is_read_only(browser):
    assert browser.post(reverse("studio")).status_code == 405


# From an image to a soundscape


@pytest.mark.usefixtures("sounds")
def test_an_image_becomes_a_soundscape(browser, owner):
    answer = send(browser, sample_files.photo(), duration=5, seed=3)
    generation = Generation.objects.get()
    assert answer.status_code == 302
    assert answer.url == generation.get_absolute_url()
    assert (generation.owner, generation.duration, generation.seed) == (owner, 5, 3)
    page = browser.get(answer.url)
    assert "Waiting" in page.text
    assert reverse("soundscape_status", args=[generation.pk]) in page.text
    assert work_off() == []

    page = browser.get(answer.url)
    assert reverse("audio", args=[generation.pk]) in page.text
    assert "Waiting" not in page.text
    generation.refresh_from_db()
    for layer in generation.layers.all():
        assert layer.reason.replace("“", "").split("”")[0].split()[0] in page.text
        assert layer.category.label.capitalize() in page.text
    assert generation.encoder_name in page.text
    assert "Ada" in page.text  # the clips' author
    assert browser.get(reverse("audio", args=[generation.pk])).status_code == 200


@pytest.mark.usefixtures("sounds")
@pytest.mark.parametrize(
    ("fields", "mode"),
    [({}, "calm"), ({"mode": ""}, "calm"), ({"mode": "faithful"}, "faithful")],
    ids=["omitted", "empty", "faithful"],
)
def test_the_mode_is_calm_unless_faithful_is_chosen(browser, fields, mode):
    assert 'name="mode"' in browser.get(reverse("studio")).text
    answer = send(browser, sample_files.photo(), duration=5, **fields)
    assert Generation.objects.get().mode == mode
    work_off()
    assert f"· {mode.capitalize()}" in browser.get(answer.url).text


def test_htmx_gets_the_soundscape_as_a_fragment(browser):
    answer = browser.post(
        reverse("create"), {"image": sample_files.upload(sample_files.photo())}, **HTMX
    )
    generation = Generation.objects.get()
    assert answer.status_code == 200
    assert answer["HX-Push-Url"] == generation.get_absolute_url()
    assert f"soundscape-{generation.pk}" in answer.text
    assert "<html" not in answer.text


def test_an_image_is_named_after_its_file(browser):
    browser.post(
        reverse("create"), {"image": sample_files.upload(sample_files.photo(), "my_holiday 2.JPG")}
    )
    assert Image.objects.get().title == "my holiday 2"


def test_the_same_file_gives_another_soundscape_of_the_same_image(browser):
    for _ in range(2):
        send(browser, sample_files.photo())
    assert Image.objects.count() == 1
    assert Generation.objects.count() == 2


@pytest.mark.parametrize("name", sample_files.BAD_PHOTOS)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_an_invalid_image_is_rejected_with_a_message_and_not_stored(browser, stored, name, headers):
    bad = sample_files.BAD_PHOTOS[name]
    chosen = {"image": sample_files.upload(bad.make(), bad.name)}
    answer = browser.post(reverse("create"), chosen, **headers)
    assert answer.status_code == bad.status
    message = answer.context["message"]
    assert bad.word in message
    assert message.endswith(".")
    assert not Image.objects.exists()
    assert not Generation.objects.exists()
    assert waiting() == []
    assert stored() == set()


@pytest.mark.parametrize("fields", [{}, {"image": "a text"}], ids=["nothing", "a text"])
def test_a_missing_image_is_reported(browser, fields):
    answer = browser.post(reverse("create"), fields)
    assert answer.status_code == 400
    assert "There is no image in this request" in answer.text


@pytest.mark.parametrize(
    "options",
    [
        {"duration": 4},
        {"duration": 3601},
        {"duration": "long"},
        {"layer_count": 0},
        {"layer_count": MAX_LAYERS + 1},
        {"seed": -1},
        {"mode": "loud"},
        {"seed": 2**31},
        {"seed": "9" * 5000},
    ],
    ids=lambda options: str(options)[:24],
)
def test_invalid_options_are_rejected_and_store_nothing(browser, stored, options):
    answer = send(browser, sample_files.photo(), **options)
    assert answer.status_code == 400
    assert answer.context["message"].endswith(".")
    assert not Image.objects.exists()
    assert stored() == set()


def test_invalid_options_of_a_random_image_are_rejected(browser, owner):
    factories.ImageFactory(of_set=True)
    assert browser.post(reverse("create_random"), {"duration": 1}).status_code == 400
    owner.refresh_from_db()
    assert owner.latest_image is None


@pytest.mark.parametrize("name", ["create", "create_random"])
def test_creating_requires_sign_in_and_post(browser, client, name):
    url = reverse(name)
    answer = client.post(url, {"image": sample_files.upload(sample_files.photo())})
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))
    assert not Image.objects.exists()
    assert browser.get(url).status_code == 405


def test_a_forged_form_gets_an_error_page(owner):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner)
    answer = browser.post(reverse("create"), {"image": sample_files.upload(sample_files.photo())})
    assert answer.status_code == 403
    assert not Image.objects.exists()
    assert "Reload" in answer.text


# A random image


def test_a_random_image_becomes_a_soundscape(browser, owner):
    image = factories.ImageFactory(of_set=True)
    answer = browser.post(reverse("create_random"), {"duration": 5})
    generation = Generation.objects.get()
    assert answer.url == generation.get_absolute_url()
    assert (generation.image, generation.owner, generation.duration) == (image, owner, 5)


def test_another_random_image_differs(browser):
    image_set = factories.ImageSetFactory()
    images = [factories.ImageFactory(owner=None, image_set=image_set) for _ in range(2)]
    for _ in range(8):
        browser.post(reverse("create_random"), {"other_than": str(images[0].pk)})
    assert set(Generation.objects.values_list("image", flat=True)) == {images[1].pk}


def test_without_preloaded_images_the_error_says_what_to_do(browser):
    answer = browser.post(reverse("create_random"))
    assert answer.status_code == 503
    assert "Upload an image" in answer.text


# One soundscape


def test_a_failed_soundscape_shows_its_error_and_can_be_retried(browser, owner):
    failed = factories.GenerationFactory(owner=owner, state=State.FAILED, error="The disk is full.")
    page = browser.get(failed.get_absolute_url())
    assert "The disk is full." in page.text
    url = reverse("soundscape_retry", args=[failed.pk])
    assert url in page.text
    assert browser.post(url).url == failed.get_absolute_url()
    failed.refresh_from_db()
    assert failed.state == State.QUEUED
    assert waiting() == [(queue.TASK,)]


def test_a_retry_with_htmx_shows_the_stages(browser, owner):
    failed = factories.GenerationFactory(owner=owner, state=State.FAILED, error="The disk is full.")
    answer = browser.post(reverse("soundscape_retry", args=[failed.pk]), **HTMX)
    assert "Waiting" in answer.text
    assert "The disk is full." not in answer.text


def test_the_credit_of_a_preloaded_image_is_shown(browser, owner):
    image = factories.ImageFactory(of_set=True, author="Stefan <b>", licence="CC0")
    generation = factories.GenerationFactory(owner=owner, image=image)
    page = browser.get(generation.get_absolute_url())
    assert "Stefan &lt;b&gt;" in page.text
    assert "CC0" in page.text


def test_the_status_is_204_while_nothing_changes(browser, generation):
    url = reverse("soundscape_status", args=[generation.pk])
    assert f"{url}?seen={generation.version}" in browser.get(url).text
    silent = browser.get(url, {"seen": generation.version})
    assert (silent.status_code, silent.content) == (204, b"")

    Generation.objects.update(state=State.RENDERING, stage="Mixing the layers", progress=60)
    answer = browser.get(url, {"seen": generation.version})
    assert answer.status_code == 200
    assert "Mixing the layers" in answer.text
    assert 'value="60"' in answer.text


def facts_of(page):
    """Return the address that a page asks for its downloads, or None."""
    found = re.search(r'class="made"[^>]*hx-get="([^"]+)"', page)
    return html.unescape(found.group(1)) if found else None


def while_written(monkeypatch, look):
    """Call `look` in the place of a worker that stores the file of a soundscape."""
    keep = rendering.keep_file

    def look_and_keep(*args):
        look()
        keep(*args)

    monkeypatch.setattr(rendering, "keep_file", look_and_keep)


@pytest.mark.usefixtures("sounds")
def test_a_soundscape_plays_while_its_file_is_written(browser, monkeypatch):
    made = send(browser, sample_files.photo(), layer_count=1)
    status, seen = reverse("soundscape_status", args=[made.url.split("/")[2]]), []

    def look():
        page = browser.get(f"{status}?seen=rendering-1-40", **HTMX).text
        part = browser.get(f"{made.url}parts/0/")
        share = browser.post(reverse("share", args=[made.url.split("/")[2]]), {"days": 7}, **HTMX)
        seen.append((page, part.json(), share.text))

    while_written(monkeypatch, look)
    assert work_off() == []
    [(page, part, share)] = seen
    assert "<sound-player" in page
    assert "<sound-mixer" in page
    assert part["gain"] > 0
    assert "Share it once it is ready" in share
    assert f"{status}?seen" not in page
    after = browser.get(facts_of(page), **HTMX)
    assert "?format=flac" in after.text
    assert "LUFS" in after.text
    assert "lists-changed" in after["HX-Trigger"]
    assert facts_of(after.text) is None


@pytest.mark.usefixtures("sounds", "no_waiting")
@pytest.mark.parametrize("duration", [30, 300])
def test_a_page_gets_its_player_before_anything_is_mixed(browser, monkeypatch, duration):
    """Its level is the expected one, and its waveform comes later."""
    made = send(browser, sample_files.photo(), layer_count=1, duration=duration)
    mix, seen = rendering.render, []

    def look_and_mix(*args, **options):
        seen.append((browser.get(made.url).text, browser.get(f"{made.url}parts/0/").json()))
        return mix(*args, **options)

    monkeypatch.setattr(rendering, "render", look_and_mix)
    assert work_off() == []
    [(page, part)] = seen
    assert "<sound-player" in page
    assert waveform_of(page) == ""
    ready = Generation.objects.get()
    assert to_decibels(part["gain"]) == pytest.approx(ready.gain_db + HEADROOM_DB, abs=2)
    after = browser.get(facts_of(page), **HTMX).text
    assert f'id="waveform-{ready.pk}" hx-swap-oob="true"' in after
    assert (
        waveform_of(after) == waveform_path(ready.peaks) == waveform_of(browser.get(made.url).text)
    )


def waveform_of(page):
    return re.search(r'<path id="wave-[^"]*" d="([^"]*)"', page).group(1)


@pytest.mark.usefixtures("sounds")
def test_a_page_that_plays_says_so_if_the_file_cannot_be_written(browser, monkeypatch):
    made = send(browser, sample_files.photo(), layer_count=1)
    pages = []

    def fill_the_disk():
        pages.append(browser.get(made.url).text)
        raise OSError(errno.ENOSPC, "No space left on device")

    while_written(monkeypatch, fill_the_disk)
    assert len(work_off()) == 1
    after = browser.get(facts_of(pages[0]), **HTMX)
    assert after["HX-Retarget"] == "closest .soundscape"
    assert Generation.objects.get().error in html.unescape(after.text)
    assert "Retry" in after.text


def test_a_finished_soundscape_is_not_polled(browser, owner):
    ready = factories.GenerationFactory(owner=owner, ready=True)
    assert "hx-get" not in browser.get(reverse("soundscape_status", args=[ready.pk])).text


@pytest.mark.parametrize(
    ("name", "method"),
    [("soundscape", "get"), ("soundscape_status", "get"), ("soundscape_retry", "post")],
)
def test_a_soundscape_is_private_to_its_owner(name, method, generation, sign_in, stranger, client):
    url = reverse(name, args=[generation.pk])
    signed_in = sign_in(stranger)
    assert getattr(signed_in, method)(url).status_code == 404
    anonymous = getattr(client, method)(url)
    assert anonymous.status_code == 302
    assert anonymous.url.startswith(reverse("account_login"))
    nowhere = reverse(name, args=[uuid4()])
    assert getattr(signed_in, method)(nowhere).status_code == 404


@pytest.mark.parametrize(
    ("name", "method"),
    [("soundscape", "post"), ("soundscape_status", "post"), ("soundscape_retry", "get")],
)
def test_a_wrong_method_is_405(name, method, generation, browser):
    assert getattr(browser, method)(reverse(name, args=[generation.pk])).status_code == 405


@pytest.mark.parametrize("name", ["history", "studio"])
def test_the_number_of_queries_does_not_grow_with_the_rows(browser, owner, name, queries_of):
    counts = []
    for _ in range(3):
        generation = factories.GenerationFactory(owner=owner, ready=True)
        factories.LayerFactory.create_batch(3, generation=generation)
        counts.append(queries_of(lambda: browser.get(reverse(name))))
    assert len(set(counts)) == 1


def test_a_soundscape_s_page_needs_a_constant_number_of_queries(browser, owner, queries_of):
    counts = []
    for layers in (1, 5):
        generation = factories.GenerationFactory(owner=owner, ready=True)
        factories.LayerFactory.create_batch(layers, generation=generation)
        url = generation.get_absolute_url()
        counts.append(queries_of(lambda url=url: browser.get(url)))
    assert len(set(counts)) == 1
