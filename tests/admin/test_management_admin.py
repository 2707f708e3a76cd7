"""Managing sets, categories, clips and soundscapes."""

import pytest
from django.urls import reverse

from soundscapes.accounts import users
from soundscapes.models import Category, Clip, Generation, Image, Similarity, State
from soundscapes.pictures import images
from tests import factories, sample_files
from tests.queue import waiting, wake_ups, work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(sign_in, administrator):
    return sign_in(administrator)


@pytest.fixture
def dog():
    return factories.category_named("dog")


def page(name, *args) -> str:
    return reverse(f"admin:soundscapes_{name}", args=args)


def errors(answer) -> str:
    """What the form says; it was not taken."""
    assert answer.status_code == 200
    return str(answer.context["adminform"].form.errors)


# Clips


def send_clip(browser, category, data=None, **fields):
    credit = {"title": "My dog", "author": "Me", "licence": "CC0", "is_enabled": "on"}
    credit["collection"] = "Recorded by myself"
    chosen = {} if data is None else {"upload": sample_files.upload(data, "dog.flac", "audio/flac")}
    values = {"category": category.pk, **credit, **chosen, **fields}
    return browser.post(page("clip_add"), values)


def test_an_uploaded_recording_becomes_a_clip_that_is_offered(browser, dog, stored):
    assert dog not in Category.objects.offered()
    data = sample_files.sound(sample_files.noise(0.5), "FLAC")
    assert send_clip(browser, dog, data).status_code == 302
    clip = Clip.objects.get()
    assert (clip.title, clip.author, clip.source) == ("My dog", "Me", Clip.Source.UPLOAD)
    assert clip.duration == pytest.approx(0.5)
    assert stored() == {clip.file.name}
    assert dog in Category.objects.offered()
    assert browser.get(reverse("clip_file", args=[clip.pk])).status_code == 200


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "Choose a recording"),
        (b"", "empty"),
        (b"This is a letter.", "cannot be read as a sound"),
        (sample_files.sound(sample_files.noise(0.05)), "needs 0.2 s at least"),
        (sample_files.sound(sample_files.noise(0.5) * 0), "silent"),
    ],
    ids=["none", "empty", "text", "short", "silent"],
)
def test_what_is_no_recording_is_refused_in_words(browser, dog, stored, data, words):
    assert words in errors(send_clip(browser, dog, data))
    assert not Clip.objects.exists()
    assert stored() == set()


def test_the_same_recording_again_is_refused(browser, dog):
    data = sample_files.sound(sample_files.noise(0.5))
    send_clip(browser, dog, data)
    assert "is a clip already" in errors(send_clip(browser, dog, data, title="Again"))


def test_a_clip_s_credits_are_edited_and_its_recording_is_kept(browser, dog):
    clip = factories.ClipFactory(category=dog)
    fields = {"title": "Rex", "category": dog.pk, "author": "Bea", "licence": "CC0"}
    fields["url"] = "freesound.org/s/1/"
    assert browser.post(page("clip_change", clip.pk), fields).status_code == 302
    before = clip.checksum, clip.file.name
    clip.refresh_from_db()
    assert (clip.title, clip.author, clip.is_enabled) == ("Rex", "Bea", False)
    assert clip.url == "https://freesound.org/s/1/"
    assert (clip.checksum, clip.file.name) == before


def test_clips_are_disabled_and_enabled_together(browser):
    chosen = [clip.pk for clip in factories.ClipFactory.create_batch(2)]
    other = factories.ClipFactory()
    for action, is_enabled in (("disable", False), ("enable", True)):
        fields = {"action": action, "_selected_action": chosen}
        browser.post(page("clip_changelist"), fields)
        states = Clip.objects.filter(pk__in=chosen).values_list("is_enabled", flat=True)
        assert set(states) == {is_enabled}
    other.refresh_from_db()
    assert other.is_enabled


# Pictures of sets


def send_picture(browser, image_set, data=None):
    chosen = {} if data is None else {"upload": sample_files.upload(data)}
    fields = {"title": "A pond", "author": "Me", "licence": "CC0", "source": ""}
    return browser.post(
        page("image_add"), {"image_set": image_set.pk if image_set else "", **fields, **chosen}
    )


def test_an_uploaded_picture_belongs_to_its_set(browser, stored):
    image_set = factories.ImageSetFactory()
    assert send_picture(browser, image_set, sample_files.photo()).status_code == 302
    image = Image.objects.get()
    assert (image.image_set, image.owner, image.title) == (image_set, None, "A pond")
    assert stored() == {image.file.name, image.thumbnail.name}
    assert list(Image.objects.preloaded()) == [image]


@pytest.mark.parametrize("name", sample_files.BAD_PHOTOS)
def test_a_bad_photo_is_refused_in_words_and_leaves_nothing(browser, stored, name):
    bad = sample_files.BAD_PHOTOS[name]
    image_set = factories.ImageSetFactory()
    assert bad.word in errors(send_picture(browser, image_set, bad.make()))
    assert not Image.objects.exists()
    assert stored() == set()


def test_a_picture_needs_a_file_and_a_set(browser):
    assert "Choose a photo" in errors(send_picture(browser, factories.ImageSetFactory()))
    assert "Choose the set" in errors(send_picture(browser, None, sample_files.photo()))


def test_a_set_takes_a_picture_once(browser):
    image_set = factories.ImageSetFactory()
    send_picture(browser, image_set, sample_files.photo())
    assert "in that set already" in errors(send_picture(browser, image_set, sample_files.photo()))
    assert (
        send_picture(browser, factories.ImageSetFactory(), sample_files.photo()).status_code == 302
    )


def change_picture(browser, image, **fields):
    values = {"title": "A lake", "author": "", "licence": "", "source": "", **fields}
    return browser.post(page("image_change", image.pk), values)


def test_a_set_s_picture_is_moved_to_another_set_but_not_out_of_all(browser):
    image = factories.ImageFactory(of_set=True)
    another = factories.ImageSetFactory()
    assert change_picture(browser, image, image_set=another.pk).status_code == 302
    image.refresh_from_db()
    assert (image.image_set, image.title) == (another, "A lake")
    assert "Choose the set" in errors(change_picture(browser, image, image_set=""))


def test_a_picture_is_not_moved_to_a_set_that_has_it(browser):
    image = factories.ImageFactory(of_set=True)
    twin = factories.ImageFactory(of_set=True, checksum=image.checksum)
    refused = change_picture(browser, image, image_set=twin.image_set.pk)
    assert "in that set already" in errors(refused)


def test_a_user_s_picture_is_private_and_stays_theirs(browser, owner):
    image = factories.ImageFactory(owner=owner)
    thumbnail = reverse("thumbnail", args=[image.pk])
    for address in (page("image_changelist"), page("image_change", image.pk)):
        answer = browser.get(address).text
        assert "private" in answer
        assert thumbnail not in answer
    assert browser.get(thumbnail).status_code == 404
    change_picture(browser, image, image_set=factories.ImageSetFactory().pk)
    image.refresh_from_db()
    assert (image.owner, image.image_set) == (owner, None)


def test_a_set_s_picture_is_shown_even_where_its_set_is_put_away(browser):
    image = factories.ImageFactory(of_set=True, image_set__is_active=False)
    thumbnail = reverse("thumbnail", args=[image.pk])
    assert thumbnail in browser.get(page("image_changelist")).text
    assert browser.get(thumbnail).status_code == 200


# Categories


def change_category(browser, category, **fields):
    values = {
        "label": category.label,
        "group": category.group,
        "kind": category.kind,
        "gain_db": category.gain_db,
        "sources": category.sources,
        "is_enabled": "on",
        "prompts": "\n".join(category.prompts),
    }
    return browser.post(page("category_change", category.pk), values | fields)


def test_what_categories_play_is_switched_one_by_one_or_together(browser, dog):
    assert change_category(browser, dog, sources=Category.Sources.ALL).status_code == 302
    dog.refresh_from_db()
    assert dog.sources == Category.Sources.ALL
    for action, sources in (
        ("play_synthesised", Category.Sources.SYNTHESISED),
        ("play_recordings", Category.Sources.RECORDINGS_FIRST),
    ):
        values = {"action": action, "_selected_action": [dog.pk]}
        assert browser.post(page("category_changelist"), values).status_code == 302
        dog.refresh_from_db()
        assert dog.sources == sources


def test_descriptions_are_edited_as_lines(browser, dog):
    shown = browser.get(page("category_change", dog.pk)).text
    assert "\n".join(dog.prompts[:2]) in shown
    answer = change_category(browser, dog, prompts="  a puppy \r\n\r\na kennel\r\n")
    assert answer.status_code == 302
    dog.refresh_from_db()
    assert dog.prompts == ["a puppy", "a kennel"]


@pytest.mark.usefixtures("sounds")
def test_a_picture_is_ranked_by_new_descriptions_when_it_is_asked_for_again(browser, dog, owner):
    image = images.upload_image(owner, sample_files.photo())
    images.request_matching(image)
    assert work_off() == []
    answer = change_category(browser, dog, gain_db=-3.0)
    images.request_matching(Image.objects.get())
    assert (answer.status_code, waiting()) == (302, [])
    change_category(browser, dog, prompts="a whippet")
    assert Similarity.objects.get(category=dog).prompt != "a whippet"
    images.request_matching(Image.objects.get())
    assert len(waiting()) == 1
    assert work_off() == []
    assert Similarity.objects.get(category=dog).prompt == "a whippet"
    assert Image.objects.get().state == State.READY


@pytest.mark.parametrize("prompts", ["", " \r\n \r\n"])
def test_a_category_needs_a_description(browser, dog, prompts):
    kept = dog.prompts
    assert "required" in errors(change_category(browser, dog, prompts=prompts))
    dog.refresh_from_db()
    assert dog.prompts == kept


def test_saving_without_a_change_changes_nothing(browser, dog):
    before = Category.objects.filter(pk=dog.pk).values().get()
    assert change_category(browser, dog).status_code == 302
    assert Category.objects.filter(pk=dog.pk).values().get() == before


# Soundscapes and accounts


def test_failed_soundscapes_are_retried_and_others_are_not(browser):
    failed = factories.GenerationFactory.create_batch(2, state=State.FAILED, error="No.")
    ready = factories.GenerationFactory(ready=True)
    fields = {"action": "retry", "_selected_action": [row.pk for row in (*failed, ready)]}
    answer = browser.post(page("generation_changelist"), fields, follow=True)
    assert "2 soundscapes queued again" in answer.text
    assert wake_ups() == 2
    ready.refresh_from_db()
    assert ready.state == State.READY
    assert set(Generation.objects.filter(state=State.QUEUED)) == set(failed)


def test_a_key_s_secret_is_nowhere_and_it_can_be_revoked(browser, owner):
    token, secret = users.create_token(owner, "phone")
    for address in (page("apitoken_changelist"), page("apitoken_change", token.pk)):
        assert secret not in browser.get(address).text
    assert browser.post(page("apitoken_delete", token.pk), {"post": "yes"}).status_code == 302
    assert not owner.auth_token_set.exists()
