"""Public pages of share links: access, contents, files and copies."""

import html
import io
import re
from datetime import timedelta

import pytest
import soundfile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from soundscapes.accounts import deletion
from soundscapes.files.tagged_audio import as_wav
from soundscapes.generations import generations, library, share_links, transcoding
from soundscapes.http import ranges
from soundscapes.http.policy import FRAME_POLICY, POLICY
from soundscapes.images import images
from soundscapes.models import Generation, ShareLink, User
from soundscapes.models.renditions import Format
from tests import factories, sample_files
from tests.queue import work_off
from tests.web.pages import in_one_direction, inline_code

pytestmark = pytest.mark.django_db

PAGES = ("shared", "shared_embed")
FILES = ("shared_audio", "shared_picture", "shared_spectrogram", "shared_credits")
SECRET = "the pier of a secret place"


@pytest.fixture
def generation(owner, sounds):
    image = images.upload_image(owner, sample_files.photo(), SECRET)
    made = generations.create_generation(owner, image, duration=5, seed=7)
    assert work_off() == []
    transcoding.get_or_create_rendition(made, Format.SPECTROGRAM)
    assert work_off() == []
    return Generation.objects.get()


@pytest.fixture
def link(generation):
    return share_links.make_link(generation, shows_picture=True)


@pytest.fixture
def hidden(generation):
    return share_links.make_link(generation)


def at(name, link):
    return reverse(name, args=[link.token])


@pytest.fixture
def visitors(client, sign_in, stranger, owner):
    return {"anonymous": client, "stranger": sign_in(stranger), "owner": sign_in(owner)}


# Access


def test_anyone_with_a_live_link_can_open_it(link, visitors):
    for name in PAGES + FILES:
        for who, visitor in visitors.items():
            assert visitor.get(at(name, link)).status_code == 200, (name, who)
            assert visitor.head(at(name, link)).status_code == 200, (name, who)
            assert visitor.post(at(name, link)).status_code == 405, (name, who)


def end(link):
    ShareLink.objects.filter(pk=link.pk).update(expires_at=timezone.now())


def revoke(link):
    share_links.revoke(link)


def delete(link):
    library.delete(link.generation.owner, [link.generation_id])


def unfinish(link):
    Generation.objects.filter(pk=link.generation_id).update(state="queued", audio="")


def never(link):
    link.token = "A" * len(link.token)


def deactivate(link):
    User.objects.filter(pk=link.generation.owner_id).update(is_active=False)


def leave(link):
    deletion.leave(link.generation.owner)


@pytest.mark.parametrize("lost", [end, revoke, delete, unfinish, never, deactivate, leave])
def test_dead_links_get_the_same_response(lost, link, visitors):
    lost(link)
    for name in PAGES + FILES:
        answers = [visitor.get(at(name, link)) for visitor in visitors.values()]
        assert [answer.status_code for answer in answers] == [404] * 3, name
        for answer in answers:
            assert "This link does not work" in answer.text
            assert answer["X-Request-ID"] not in answer.text
            assert SECRET not in answer.text
        unknown = visitors["anonymous"].get(reverse(name, args=["x"]))
        told = [re.sub(r"<code>\w+", "", page.text) for page in (answers[0], unknown)]
        assert told[0] == told[1], name
        assert [*answers[0].headers] == [*unknown.headers], name


def test_a_link_does_not_open_its_owner_s_urls(link, client):
    generation = link.generation
    for name, pk in (
        ("soundscape", generation.pk),
        ("audio", generation.pk),
        ("image_file", generation.image_id),
    ):
        assert client.get(reverse(name, args=[pk])).status_code in (302, 401)


def test_guessing_tokens_is_limited(settings, link, client):
    settings.QUOTAS = settings.QUOTAS | {"shared": (3, 3600)}
    for _number in range(3):
        assert client.get(reverse("shared", args=["guess"])).status_code == 404
    refused = client.get(at("shared_audio", link))
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert client.get(at("shared", link), REMOTE_ADDR="192.0.2.7").status_code == 200
    assert client.get(reverse("studio")).status_code == 200


# Contents


def test_the_page_describes_and_credits_image_and_layers(link, client):
    page = html.unescape(client.get(at("shared", link)).text)
    assert f'alt="{SECRET}"' in page
    assert at("shared_picture", link) in page
    assert "loops without a seam" in page
    for layer in link.generation.layers.all():
        assert layer.category.label in page
        assert layer.reason in page
    for credit in link.generation.credits:
        assert f"{credit['title']} · {credit['author']} · {credit['licence']}" in page
    assert "CC BY" in page
    assert inline_code(page) == []


def test_the_page_shows_where_the_sounds_are_only_with_the_image(link, hidden, client):
    link.generation.image.similarities.update(evidence="000/0f0/000")
    assert client.get(at("shared", link)).text.count('class="heat"') == 3
    page = client.get(at("shared", hidden)).text
    assert 'class="heat"' not in page
    assert 'class="pins"' not in page


def test_a_hidden_image_is_not_revealed(hidden, client):
    generation = hidden.generation
    seen = [layer.reason for layer in generation.layers.all()]
    secrets = [SECRET, str(generation.image_id), generation.image.checksum, *seen]
    for name in PAGES + FILES:
        answer = client.get(at(name, hidden))
        told = html.unescape(answer.getvalue().decode(errors="replace")) + str(answer.headers)
        assert not [words for words in secrets if words in told], name
        assert at("shared_picture", hidden) not in told or name == "shared_picture"
    assert client.get(at("shared_picture", hidden)).status_code == 404
    assert "og:image" not in client.get(at("shared", hidden)).text


def test_an_untitled_soundscape_does_not_reveal_a_hidden_image_s_title(owner, client):
    image = factories.ImageFactory(owner=owner, title=SECRET)
    bare = factories.GenerationFactory(owner=owner, image=image, ready=True)
    link = factories.ShareLinkFactory(generation=bare)
    for name in PAGES:
        answer = client.get(at(name, link))
        assert answer.status_code == 200
        assert SECRET not in answer.text


def test_the_owner_s_name_is_not_revealed(link, client):
    link.generation.owner.username = "a-very-private-name"
    link.generation.owner.save()
    for name in PAGES:
        assert "a-very-private-name" not in client.get(at(name, link)).text


def meta(page) -> dict[str, str]:
    tags = re.findall(r'<meta (?:property|name)="([\w:]+)" content="([^"]*)">', page)
    return {name: html.unescape(content) for name, content in tags}


def test_other_sites_can_show_a_preview(link, client):
    library.rename(link.generation, 'Dusk "at" <sea>')
    tags = meta(client.get(at("shared", link)).text)
    assert tags["og:title"] == 'Dusk "at" <sea>'
    assert tags["og:url"] == "http://testserver" + at("shared", link)
    assert tags["og:image:alt"] == SECRET
    assert "loops without a seam" in tags["og:description"]
    for name, kind in (("og:image", "image/jpeg"), ("og:audio", "audio/wav")):
        assert tags[f"{name}:type"] == kind
        answer = client.get(tags[name].removeprefix("http://testserver"))
        assert answer["Content-Type"] == kind


def test_search_engines_and_referrers_are_excluded(link, client):
    for name in PAGES + FILES:
        answer = client.get(at(name, link))
        assert "noindex" in answer["X-Robots-Tag"]
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["Cache-Control"] == "private, no-cache"
    assert meta(client.get(at("shared", link)).text)["robots"] == "noindex, nofollow"


def test_other_sites_can_embed_only_the_frame(link, client):
    frame = client.get(at("shared_embed", link))
    assert frame["Content-Security-Policy"] == FRAME_POLICY
    assert "frame-ancestors *" in FRAME_POLICY
    assert "X-Frame-Options" not in frame
    assert not frame.cookies
    assert inline_code(frame.text) == []
    page = client.get(at("shared", link))
    assert page["Content-Security-Policy"] == POLICY
    assert page["X-Frame-Options"] == "DENY"
    gone = client.get(reverse("shared_embed", args=["x"]))
    assert "X-Frame-Options" not in gone
    assert reverse("account_login") not in gone.text


def test_the_snippet_escapes_titles(link, client):
    library.rename(link.generation, 'Dusk "at" </textarea> sea')
    page = client.get(at("shared", link)).text
    snippet = html.unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.S)[1])
    source, title = re.search(r'<iframe src="([^"]+)" title="([^"]+)"', snippet).groups()
    assert source == "http://testserver" + at("shared_embed", link)
    assert html.unescape(title) == 'Dusk "at" </textarea> sea'


# Files


def test_the_audio_supports_ranges_and_etags(link, client):
    url = at("shared_audio", link)
    data = as_wav(link.generation.audio.open("rb")).read()
    whole = client.get(url)
    assert (whole.status_code, whole.getvalue()) == (200, data)
    assert whole["Content-Type"] == "audio/wav"
    assert whole["Accept-Ranges"] == "bytes"
    part = client.get(url, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.getvalue()) == (206, data[100:200])
    assert part["Content-Range"] == f"bytes 100-199/{len(data)}"
    beyond = client.get(url, headers={"Range": f"bytes={len(data)}-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(data)}")
    again = client.get(url, headers={"If-None-Match": whole["ETag"]})
    assert (again.status_code, again.getvalue()) == (304, b"")


def test_a_download_has_the_public_title_in_its_name_and_tags(link, client):
    kept = client.get(at("shared_audio", link) + "?download")
    title = link.title
    assert kept["Content-Disposition"] == f'attachment; filename="{title}.wav"'
    data = kept.getvalue()
    assert int(kept["Content-Length"]) == len(data)
    with soundfile.SoundFile(io.BytesIO(data)) as file:
        assert file.title == title


def test_an_expired_link_ignores_etags(link, client):
    etag = client.get(at("shared_audio", link))["ETag"]
    end(link)
    again = client.get(at("shared_audio", link), headers={"If-None-Match": etag})
    assert again.status_code == 404


@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
def test_what_is_deleted_while_a_visitor_waits_for_it_is_gone(
    link, client, monkeypatch, caplog, htmx
):
    link.generation.audio.storage.delete(link.generation.audio.name)
    monkeypatch.setattr(ranges, "wait_until", lambda *_args: link.generation.delete())
    answer = client.get(at("shared_audio", link), headers={"HX-Request": "true"} if htmx else {})
    assert answer.status_code == 404
    assert ("no longer exists" if htmx else "</html>") in answer.text
    assert "Rendition.DoesNotExist" in caplog.text


def test_a_lost_file_without_a_plan_is_404(link, client):
    Generation.objects.update(plan={})
    link.generation.audio.storage.delete(link.generation.audio.name)
    assert client.get(at("shared_audio", link)).status_code == 404


def test_the_pages_need_a_constant_number_of_queries(owner, client, queries_of):
    counts = {name: set() for name in PAGES}
    for layers in (1, 5):
        link = factories.ShareLinkFactory(generation__owner=owner)
        factories.LayerFactory.create_batch(layers, generation=link.generation)
        for name in PAGES:
            counts[name].add(queries_of(lambda name=name, link=link: client.get(at(name, link))))
    assert {name: len(found) for name, found in counts.items()} == dict.fromkeys(PAGES, 1)
    assert max(max(found) for found in counts.values()) <= 4


# Saving a copy


def test_a_copy_is_saved_with_one_click_and_belongs_to_the_user(link, visitors, stranger):
    browser = visitors["stranger"]
    assert at("save_copy", link) in browser.get(at("shared", link)).text
    answer = browser.post(at("save_copy", link))
    copy = Generation.objects.get(owner=stranger)
    assert answer.url == copy.get_absolute_url()
    assert work_off() == []
    page = browser.get(answer.url)
    assert "A copy of the shared soundscape “" in page.text
    assert browser.get(reverse("audio", args=[copy.pk])).status_code == 200
    assert copy.get_absolute_url() in browser.get(reverse("history")).text


def test_owners_get_no_copy(link, visitors):
    page = visitors["owner"].get(at("shared", link)).text
    assert at("save_copy", link) not in page
    assert link.generation.get_absolute_url() in page
    answer = visitors["owner"].post(at("save_copy", link))
    assert answer.url == link.generation.get_absolute_url()
    assert Generation.objects.count() == 1


def test_signed_out_visitors_return_to_the_page(link, client):
    shared = at("shared", link)
    page = client.get(shared).text
    assert at("save_copy", link) not in page
    assert f"{reverse('account_signup')}?next={shared}" in page
    assert client.post(at("save_copy", link)).url == f"{reverse('account_login')}?next={shared}"
    fields = {"username": "new", "password1": "by the quiet sea", "password2": "by the quiet sea"}
    form = client.get(reverse("account_signup"), {"next": shared}).text
    assert f'name="next" value="{shared}"' in form
    answer = client.post(reverse("account_signup"), fields | {"next": shared})
    assert answer.url == shared
    assert at("save_copy", link) in client.get(answer.url).text


def test_signing_up_never_redirects_to_another_site(client):
    fields = {"username": "new", "password1": "by the quiet sea", "password2": "by the quiet sea"}
    answer = client.post(reverse("account_signup"), fields | {"next": "https://evil.example/"})
    assert answer.url == reverse("studio")


def test_a_copy_beyond_the_quota_is_429_with_a_message(link, visitors, settings):
    settings.QUOTAS = settings.QUOTAS | {"generate": (0, 3600)}
    answer = visitors["stranger"].post(at("save_copy", link))
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert "quota for generating" in answer.text
    assert Generation.objects.count() == 1


def test_saving_a_copy_requires_a_live_link_and_a_csrf_token(link, visitors, stranger):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(stranger)
    assert strict.post(at("save_copy", link)).status_code == 403
    ShareLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert visitors["stranger"].post(at("save_copy", link)).status_code == 404
    assert visitors["stranger"].get(at("save_copy", link)).status_code == 405
    assert Generation.objects.count() == 1


def test_titles_are_shown_in_the_direction_of_their_own_script(client, sign_in, owner, link):
    title = "שלום, ים!"
    library.rename(link.generation, title)
    own = [reverse(name) for name in ("studio", "history", "links")]
    browser = sign_in(owner)
    for url in (*own, link.generation.get_absolute_url()):
        assert in_one_direction(browser.get(url).text, title) == [], url
    for name in PAGES:
        assert in_one_direction(client.get(at(name, link)).text, title) == [], name
