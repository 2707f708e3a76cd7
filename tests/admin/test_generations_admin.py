"""Soundscapes in the admin."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from soundscapes.models import Generation, ShareLink, State
from tests import factories
from tests.admin.forms import page
from tests.queue import wake_ups

pytestmark = pytest.mark.django_db
LIST = "admin:soundscapes_generation_changelist"


def act(browser, action, *rows, **fields):
    values = {"action": action, "_selected_action": [row.pk for row in rows], **fields}
    return browser.post(reverse(LIST), values, follow=True)


def test_a_soundscape_is_shown_with_player_plan_timings_and_attempts(browser):
    start = timezone.now()
    generation = factories.GenerationFactory(
        ready=True,
        plan={"credits": [], "seed": 4711},
        queued_at=start,
        started_at=start + timedelta(seconds=1),
        mixing_at=start + timedelta(seconds=3),
        finished_at=start + timedelta(seconds=7),
    )
    url = reverse("admin:soundscapes_generation_change", args=[generation.pk])
    shown = browser.get(url).text
    assert reverse("admin:generation_sound", args=[generation.pk]) in shown
    assert "1.0 s waiting, 2.0 s matching and planning, 4.0 s mixing" in shown
    assert "4711" in shown
    assert 'name="_save"' not in shown


def test_its_audio_supports_ranges(browser):
    generation = factories.GenerationFactory(ready=True)
    url = reverse("admin:generation_sound", args=[generation.pk])
    part = browser.get(url, headers={"Range": "bytes=0-3"})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, b"RIFF")
    unfinished = factories.GenerationFactory()
    assert browser.get(reverse("admin:generation_sound", args=[unfinished.pk])).status_code == 404


def test_failed_soundscapes_show_their_error(browser):
    factories.GenerationFactory(state=State.FAILED, error="The disk is full.")
    shown = browser.get(reverse(LIST)).text
    assert 'class="state failed"' in shown
    assert "The disk is full." in shown


def test_only_unfinished_soundscapes_are_cancelled(browser):
    queued, ready = factories.GenerationFactory(), factories.GenerationFactory(ready=True)
    answer = act(browser, "cancel", queued, ready)
    assert "1 soundscape cancelled" in answer.text
    assert "1 soundscape skipped. Only unfinished ones can be cancelled." in answer.text
    queued.refresh_from_db()
    ready.refresh_from_db()
    assert (queued.state, ready.state) == (State.CANCELLED, State.READY)
    assert "administrator" in queued.error
    assert LogEntry.objects.get().object_id == str(queued.pk)
    assert "1 soundscape queued" in act(browser, "retry", queued, ready).text


def test_soundscapes_are_deleted_with_their_files(
    browser, stored, django_capture_on_commit_callbacks
):
    generation = factories.GenerationFactory(ready=True)
    factories.LayerFactory(generation=generation)
    assert generation.audio.name in stored()
    with django_capture_on_commit_callbacks(execute=True):
        act(browser, "delete_selected", generation, post="yes")
    assert not Generation.objects.exists()
    assert generation.audio.name not in stored()


def test_a_list_does_not_fetch_the_plans(browser, django_assert_max_num_queries):
    factories.GenerationFactory.create_batch(3, ready=True, plan={"credits": [], "big": "x" * 999})
    with django_assert_max_num_queries(9) as queries:
        browser.get(reverse(LIST))
    assert not any('"plan"' in query["sql"] for query in queries.captured_queries)


def test_only_failed_soundscapes_are_retried(browser):
    failed = factories.GenerationFactory.create_batch(2, state=State.FAILED, error="No.")
    ready = factories.GenerationFactory(ready=True)
    fields = {"action": "retry", "_selected_action": [row.pk for row in (*failed, ready)]}
    answer = browser.post(page("soundscapes_generation_changelist"), fields, follow=True)
    assert "2 soundscapes queued" in answer.text
    assert wake_ups() == 2
    ready.refresh_from_db()
    assert ready.state == State.READY
    assert set(Generation.objects.filter(state=State.QUEUED)) == set(failed)


@pytest.mark.parametrize("name", ["generation", "layer", "rendition", "sharelink"])
def test_lists_show_image_and_title_in_place_of_keys(browser, name):
    image = factories.ImageFactory(of_set=True)
    generation = factories.GenerationFactory(ready=True, image=image, name="Quiet evening")
    factories.LayerFactory(generation=generation)
    factories.RenditionFactory(generation=generation)
    factories.ShareLinkFactory(generation=generation)
    shown = browser.get(reverse(f"admin:soundscapes_{name}_changelist")).text
    assert reverse("thumbnail", args=[image.pk]) in shown
    assert "Quiet evening" in shown
    assert f">{generation.pk}<" not in shown


def choose_for_welcome_page(browser, *links):
    values = {"action": "show_on_welcome_page", "_selected_action": [link.pk for link in links]}
    url = reverse("admin:soundscapes_sharelink_changelist")
    return browser.post(url, values, follow=True).text


def test_an_administrator_shows_a_link_of_their_own_on_the_welcome_page(browser, administrator):
    mine = factories.ShareLinkFactory(
        generation=factories.GenerationFactory(owner=administrator, ready=True)
    )
    theirs = factories.ShareLinkFactory()
    assert "Select one link" in choose_for_welcome_page(browser, mine, theirs)
    assert "Only the owner" in choose_for_welcome_page(browser, theirs)
    assert not ShareLink.objects.welcome().exists()
    assert "Shown on the welcome page" in choose_for_welcome_page(browser, mine)
    assert list(ShareLink.objects.welcome()) == [mine]
    assert LogEntry.objects.get().object_id == str(mine.pk)
    assert "Hidden from the welcome page" in choose_for_welcome_page(browser, mine)
    assert not ShareLink.objects.welcome().exists()
