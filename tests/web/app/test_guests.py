"""Trying an image without an account."""

import pytest
from django.urls import reverse

from soundscapes.models import Generation, User
from tests import sample_files
from tests.web.pages import inline_code

pytestmark = pytest.mark.django_db
SIGN_UP = {"username": "ada", "password1": "sounds-of-the-sea", "password2": "sounds-of-the-sea"}

WEBHOOK = {"target_url": "https://example.org/hook", "events": ["generation.ready"]}


@pytest.fixture
def allowed(settings):
    settings.GUESTS = True


def send(client, data=None):
    data = sample_files.photo() if data is None else data
    return client.post(reverse("guest"), {"image": sample_files.upload(data)})


def test_guests_are_off_unless_allowed(client):
    assert "Try it" not in client.get("/").text
    assert send(client).url == "/"
    assert not User.objects.exists()


@pytest.mark.usefixtures("allowed")
def test_a_visitor_s_image_becomes_a_soundscape_for_an_hour(client):
    page = client.get("/").text
    assert "Try it with an image of your own" in page
    assert inline_code(page) == []
    answer = send(client)
    generation = Generation.objects.get()
    assert answer.url == generation.get_absolute_url()
    assert client.session.get_expiry_age() <= 3600
    assert "Sign up to keep this" in client.get(answer.url).text


@pytest.mark.usefixtures("allowed")
def test_signing_up_takes_the_soundscape_over(client):
    send(client)
    assert client.get(reverse("account_signup")).status_code == 200
    assert client.post(reverse("account_signup"), SIGN_UP).status_code == 302
    generation = Generation.objects.get()
    assert generation.owner.username == "ada"
    assert client.session.get_expiry_age() > 3600
    page = client.get(generation.get_absolute_url())
    assert page.status_code == 200
    assert "Sign up to keep this" not in page.text


@pytest.mark.usefixtures("allowed")
def test_signing_out_without_an_account_asks_first(client):
    send(client)
    sign_out = reverse("account_logout")
    page = client.get(reverse("account")).text
    assert f'<a href="{sign_out}">Sign out</a>' in page
    assert f'action="{sign_out}"' not in page
    assert "deleted at" in page
    assert "Change password" not in page
    assert "you cannot come back to your soundscapes" in client.get(sign_out).text
    client.post(reverse("account_signup"), SIGN_UP)
    assert f'action="{sign_out}"' in client.get(reverse("account")).text
    assert "you cannot come back" not in client.get(sign_out).text


@pytest.mark.usefixtures("allowed", "owner")
def test_a_taken_name_is_refused_and_the_guest_stays(client):
    send(client)
    answer = client.post(reverse("account_signup"), SIGN_UP | {"username": "owner"})
    assert answer.status_code == 200
    assert Generation.objects.get().owner.guest_until


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("account", {"name": "phone", "scope": "read", "days": 5}),
        ("webhooks", WEBHOOK),
        ("create_feed", {}),
        ("create_stream", {}),
    ],
)
def test_a_guest_is_asked_to_sign_up_for_what_outlasts_the_visit(client, name, data):
    send(client)
    answer = client.post(reverse(name), data)
    assert answer.status_code == 403
    assert "Sign up first" in answer.content.decode()


@pytest.mark.usefixtures("allowed")
def test_the_api_asks_guests_to_sign_up_too(client):
    send(client)
    answer = client.post(reverse("api_webhooks"), WEBHOOK, content_type="application/json")
    assert answer.status_code == 403
    assert answer.json()["detail"].startswith("Sign up first")


@pytest.mark.usefixtures("allowed")
def test_a_rejected_file_leaves_no_guest(client):
    answer = send(client, b"Dear photo")
    assert answer.status_code in (400, 415)
    assert not User.objects.exists()


@pytest.mark.usefixtures("allowed")
def test_an_account_is_not_turned_into_a_guest(sign_in, owner):
    assert send(sign_in(owner)).url == "/"
    assert User.objects.get() == owner
