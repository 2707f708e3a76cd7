"""Images in the admin: uploading, moving, covers and encoding."""

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import modelform_factory
from django.urls import reverse

from soundscapes.admin.images import ImageForm
from soundscapes.engine.photos.reading import MAX_BYTES
from soundscapes.files.storage import WholeFileStorage
from soundscapes.images import images
from soundscapes.jobs import queue
from soundscapes.models import Category, Image
from tests import factories, sample_files, zips
from tests.admin.forms import done, form_errors, page, report, send_images
from tests.queue import waiting

pytestmark = pytest.mark.django_db


def send_image(browser, image_set, data=None):
    chosen = {} if data is None else {"upload": sample_files.upload(data)}
    fields = {"title": "A pond", "author": "Me", "licence": "CC0", "source": ""}
    return browser.post(
        page("soundscapes_image_add"),
        {"image_set": image_set.pk if image_set else "", **fields, **chosen},
    )


def test_an_uploaded_image_belongs_to_its_set(browser, stored):
    image_set = factories.ImageSetFactory()
    assert send_image(browser, image_set, sample_files.photo()).status_code == 302
    image = Image.objects.get()
    assert (image.image_set, image.owner, image.title) == (image_set, None, "A pond")
    assert stored() == {image.file.name, image.thumbnail.name}
    assert list(Image.objects.preloaded()) == [image]


@pytest.mark.django_db(transaction=True)
def test_an_image_is_decoded_encoded_and_stored_while_others_can_write(browser, transactions_in):
    decoding = transactions_in(images, "check_photo")
    encoding = transactions_in(images, "files_of")
    storing = transactions_in(WholeFileStorage, "_save")
    image_set = factories.ImageSetFactory()
    assert send_image(browser, image_set, sample_files.photo()).status_code == 302
    assert (decoding, encoding, storing) == ([False], [False], [False, False])
    assert LogEntry.objects.get().object_id == str(Image.objects.get().pk)


def test_a_form_that_is_sent_twice_at_once_adds_one_image(browser, stored, monkeypatch):
    image_set = factories.ImageSetFactory()
    add = images.add_to_set

    def second(image, files):
        monkeypatch.setattr(images, "add_to_set", add)
        send_image(browser, image_set, sample_files.photo())
        return add(image, files)

    monkeypatch.setattr(images, "add_to_set", second)
    answer = send_image(browser, image_set, sample_files.photo())
    image = Image.objects.get()
    assert page("soundscapes_image_change", image.pk) in browser.get(answer.url).text
    assert stored() == {image.file.name, image.thumbnail.name}


@pytest.mark.parametrize("name", sample_files.BAD_PHOTOS)
def test_an_invalid_image_is_rejected_with_a_message_and_not_stored(browser, stored, name):
    bad = sample_files.BAD_PHOTOS[name]
    image_set = factories.ImageSetFactory()
    assert bad.word in form_errors(send_image(browser, image_set, bad.make()))
    assert not Image.objects.exists()
    assert stored() == set()


def test_an_image_requires_a_file_and_a_set(browser):
    assert "Choose an image to upload" in form_errors(
        send_image(browser, factories.ImageSetFactory())
    )
    assert "Choose the set" in form_errors(send_image(browser, None, sample_files.photo()))


def test_a_set_accepts_an_image_once(browser):
    image_set = factories.ImageSetFactory()
    send_image(browser, image_set, sample_files.photo())
    assert "already contains this image" in form_errors(
        send_image(browser, image_set, sample_files.photo())
    )
    assert send_image(browser, factories.ImageSetFactory(), sample_files.photo()).status_code == 302


def change_image(browser, image, **fields):
    values = {"title": "A lake", "author": "", "licence": "", "source": "", **fields}
    return browser.post(page("soundscapes_image_change", image.pk), values)


def test_a_set_s_image_can_be_moved_to_another_set_only(browser):
    image = factories.ImageFactory(of_set=True)
    another = factories.ImageSetFactory()
    assert change_image(browser, image, image_set=another.pk).status_code == 302
    image.refresh_from_db()
    assert (image.image_set, image.title) == (another, "A lake")
    assert "Choose the set" in form_errors(change_image(browser, image, image_set=""))


def test_an_image_is_not_moved_to_a_set_that_contains_it(browser):
    image = factories.ImageFactory(of_set=True)
    twin = factories.ImageFactory(of_set=True, checksum=image.checksum)
    refused = change_image(browser, image, image_set=twin.image_set.pk)
    assert "already contains this image" in form_errors(refused)


def test_a_user_s_image_is_private_and_cannot_be_moved(browser, owner):
    image = factories.ImageFactory(owner=owner)
    thumbnail = reverse("thumbnail", args=[image.pk])
    for url in (
        page("soundscapes_image_changelist"),
        page("soundscapes_image_change", image.pk),
    ):
        answer = browser.get(url).text
        assert "private" in answer
        assert thumbnail not in answer
    assert browser.get(thumbnail).status_code == 404
    change_image(browser, image, image_set=factories.ImageSetFactory().pk)
    image.refresh_from_db()
    assert (image.owner, image.image_set) == (owner, None)


def test_an_inactive_set_s_image_is_shown(browser):
    image = factories.ImageFactory(of_set=True, image_set__is_active=False)
    thumbnail = reverse("thumbnail", args=[image.pk])
    assert thumbnail in browser.get(page("soundscapes_image_changelist")).text
    assert browser.get(thumbnail).status_code == 200


def test_images_are_checked_first_and_imported_when_confirmed(browser, image_set):
    archive = zips.packed({"a.jpg": sample_files.photo(1), "../b.jpg": sample_files.photo(2)})
    answer = send_images(
        browser,
        image_set,
        sample_files.upload(archive, "many.zip"),
        sample_files.upload(sample_files.photo(3)),
    )
    batch_job = report(answer)
    assert batch_job.is_trial
    assert waiting() == [(queue.TASK,)]
    assert "Waiting" in browser.get(answer.url).text
    done(batch_job)
    shown = browser.get(answer.url).text
    assert "Import 2 new" in shown
    assert "outside the ZIP" in shown
    assert not Image.objects.exists()
    browser.post(page("batch_job_step", batch_job.pk, "confirm"))
    done(batch_job)
    assert {image.author for image in image_set.images.all()} == {"Ada"}
    assert image_set.images.count() == 2
    assert page("batch_job_step", batch_job.pk, "confirm") not in browser.get(answer.url).text


def test_the_upload_page_preselects_the_set(browser, image_set):
    shown = browser.get(page("image_upload"), {"set": image_set.pk}).text
    assert f'<option value="{image_set.pk}" selected>' in shown
    assert page("image_upload") in browser.get(page("soundscapes_image_changelist")).text


def test_images_are_moved_to_another_set_unless_it_contains_them(browser, image_set):
    images = factories.ImageFactory.create_batch(2, of_set=True)
    factories.ImageFactory(owner=None, image_set=image_set, checksum=images[1].checksum)
    chosen = {"action": "move", "_selected_action": [image.pk for image in images]}
    asked = browser.post(page("soundscapes_image_changelist"), chosen)
    assert asked.status_code == 200
    assert "Move 2 images" in asked.text
    fields = chosen | {"target": image_set.pk}
    answer = browser.post(page("soundscapes_image_changelist"), fields, follow=True)
    assert "1 image moved" in answer.text
    assert "Not moved: 1." in answer.text
    assert set(image_set.images.all()) >= {images[0]}
    assert LogEntry.objects.get().object_id == str(images[0].pk)


def test_an_image_becomes_the_cover_of_its_set(browser):
    image = factories.ImageFactory(of_set=True)
    fields = {"action": "use_as_cover", "_selected_action": [image.pk]}
    browser.post(page("soundscapes_image_changelist"), fields)
    image.image_set.refresh_from_db()
    assert image.image_set.cover == image
    shown = browser.get(page("soundscapes_imageset_changelist")).text
    assert reverse("thumbnail", args=[image.pk]) in shown
    image.delete()
    image.image_set.refresh_from_db()
    assert image.image_set.cover is None


def test_a_set_has_one_cover(browser):
    images = factories.ImageFactory.create_batch(2, of_set=True)
    fields = {"action": "use_as_cover", "_selected_action": [image.pk for image in images]}
    answer = browser.post(page("soundscapes_image_changelist"), fields, follow=True)
    assert "A set has one cover" in answer.text


def test_images_are_encoded_again_by_the_worker(browser, sounds):
    image = factories.ImageFactory(of_set=True)
    fields = {"action": "encode_again", "_selected_action": [image.pk]}
    batch_job = report(browser.post(page("soundscapes_image_changelist"), fields))
    assert not image.similarities.exists()
    done(batch_job)
    assert image.similarities.count() == len(sounds)


def test_the_web_process_decodes_no_image_of_an_upload(browser, image_set, monkeypatch):
    def never(*_arguments, **_options):
        raise AssertionError("decoded inside a request")

    monkeypatch.setattr("soundscapes.images.images.check_photo", never)
    monkeypatch.setattr("soundscapes.images.matching.encoder", never)
    batch_job = report(send_images(browser, image_set, sample_files.upload(sample_files.photo())))
    assert browser.get(page("soundscapes_batchjob_change", batch_job.pk)).status_code == 200
    assert Category.objects.count() == 0


class Unread(SimpleUploadedFile):
    """An upload that reports its size and must not be read."""

    def read(self, *_size):
        raise AssertionError("It was read.")


def test_an_upload_s_size_is_checked_before_it_is_read():
    upload = Unread("huge", b"")
    upload.size = 800 * 2**20
    form = modelform_factory(Image, ImageForm, fields=["title"])({}, {"upload": upload})
    (message,) = form.errors["upload"]
    assert f"The file is larger than {MAX_BYTES // 2**20} MB" in message
