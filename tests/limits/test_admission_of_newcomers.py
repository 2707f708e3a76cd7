"""Limits of new accounts, which grow with age or are raised by an administrator."""

import pytest
from django.urls import reverse
from django.utils import timezone

from soundscapes.engine.layer_choices import LayerChoice
from soundscapes.generations import generations, remixes
from soundscapes.limits import admission, storage
from soundscapes.models import Generation, State, User
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def newcomer(settings):
    settings.NEW_ACCOUNT_DAYS, settings.NEW_DURATION = 10, 100
    settings.NEW_STORAGE, settings.STORAGE_LIMIT = 10**9, 11 * 10**9
    settings.NEW_QUEUE, settings.QUEUE_PER_USER = 1, 101
    return factories.UserFactory(username="newcomer", date_joined=timezone.now())


def test_an_administrator_can_trust_an_account(sign_in, administrator, newcomer):
    address = reverse("admin:soundscapes_user_change", args=[newcomer.pk])
    browser = sign_in(administrator)
    form = browser.get(address).context["adminform"].form
    fields = {name: form[name].value() for name in ("username", "email", "is_active")}
    joined = {"date_joined_0": "2026-01-01", "date_joined_1": "00:00"}
    assert browser.post(address, fields | joined | {"is_trusted": "on"}).status_code == 302
    assert User.objects.get(pk=newcomer.pk).is_trusted


def test_too_long_soundscapes_are_refused_everywhere(newcomer):
    image = factories.ImageFactory(owner=newcomer)
    long = {"owner": newcomer, "image": image, "duration": 101}
    saved = factories.GenerationFactory(ready=True, **long)
    layer = factories.LayerFactory(generation=saved, category=factories.ClipFactory().category)
    failed = factories.GenerationFactory(state=State.FAILED, **long)
    again = [LayerChoice(layer.rank, layer.category.slug, gain_db=-6.0)]
    for ask in (
        lambda: generations.create_generation(newcomer, image, duration=101),
        lambda: remixes.create_remix(newcomer, saved, again),
        lambda: generations.retry_generation(failed),
    ):
        with pytest.raises(admission.TooLongError, match="1:40 minutes long") as error:
            ask()
        assert "Its limits increase every day until" in str(error.value)
    assert Generation.objects.count() == 2
    assert generations.create_generation(newcomer, image, duration=100)


def test_storage_and_jobs_are_limited_with_the_date_of_full_limits(newcomer):
    image = factories.ImageFactory(owner=newcomer)
    generations.create_generation(newcomer, image)
    with pytest.raises(admission.OwnBacklogError, match=r"1 unfinished job,.* increase every day"):
        generations.create_generation(newcomer, image)
    with pytest.raises(storage.StorageFullError, match=r"of 1 GB.* increase every day"):
        storage.check_storage(newcomer, 10**9)


def test_pages_and_the_api_show_the_limits(sign_in, program, newcomer, owner):
    page = sign_in(newcomer).get(reverse("account")).text
    assert "A soundscape can be up to 1:40 minutes long." in page
    assert "Its limits increase every day until" in page
    assert "0 of 1 at a time" in page
    assert "increase every day" not in sign_in(owner).get(reverse("account")).text
    me = program(newcomer).get("/api/v1/me/").json()
    assert (me["allowance"]["duration"], me["allowance"]["jobs"]) == (100, 1)
    assert me["allowance"]["grows_until"] is not None
    assert (me["unfinished_jobs"], me["storage"]["limit"]) == (0, 10**9)
    assert program(owner).get("/api/v1/me/").json()["allowance"]["grows_until"] is None


def test_api_clients_get_a_problem(program, newcomer):
    body = {"image": str(factories.ImageFactory(owner=newcomer).pk), "duration": 101}
    answer = program(newcomer).post("/api/v1/generations/", body, format="json")
    assert answer.status_code == 403
    assert answer.json()["type"].endswith("/too-long/")
