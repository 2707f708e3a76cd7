"""Sign-in with a provider of OpenID Connect, which runs in this process behind its own server."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse
from oidc_provider_mock import run_server_in_thread

from config.operators import oidc_providers
from soundscapes.accounts import guests
from soundscapes.accounts.users import CURATORS
from soundscapes.models import Generation, User
from tests import factories

pytestmark = pytest.mark.django_db
ADA = {"preferred_username": "ada", "email": "ada@example.org", "email_verified": True}


@pytest.fixture(scope="module")
def provider():
    with run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture(autouse=True)
def _single_sign_on(settings, provider):
    apps = oidc_providers(provider)
    apps["openid_connect"]["APPS"][0] |= {"client_id": "soundscapes", "secret": "s" * 20}
    settings.SOCIALACCOUNT_PROVIDERS = apps


@pytest.fixture
def knows(provider):
    """Tell the provider about a user."""

    def put(sub="ada", **claims):
        requests.put(f"{provider}/users/{sub}", json=ADA | claims, timeout=60).raise_for_status()

    return put


def start(client, process="login"):
    """Begin to sign in and return the URL at the provider."""
    url = reverse("openid_connect_login", args=["provider"])
    answer = client.post(url, query_params={"process": process})
    assert answer.status_code == 302
    return answer["Location"]


def come_back(client, url, **form):
    """Agree at the provider and follow its redirect."""
    answer = requests.post(url, data=form, allow_redirects=False, timeout=60)
    parts = urlsplit(answer.headers["Location"])
    return client.get(f"{parts.path}?{parts.query}")


def signed_in(client, sub="ada", process="login"):
    return come_back(client, start(client, process), sub=sub)


def who(client):
    answer = client.get(reverse("history"))
    return answer.context["user"].username if answer.status_code == 200 else ""


def test_the_first_sign_in_makes_an_account(client, knows):
    knows()
    signed_in(client)
    assert who(client) == "ada"
    user = User.objects.get()
    assert (user.email, user.has_usable_password(), user.is_staff) == (ADA["email"], False, False)
    assert EmailAddress.objects.get().verified
    signed_in(another := Client())
    assert who(another) == "ada"
    assert User.objects.count() == 1


def test_a_guest_keeps_the_soundscapes_of_the_visit(knows, sign_in):
    knows()
    visitor = guests.admit("192.0.2.1")
    factories.GenerationFactory(owner=visitor, ready=True)
    signed_in(browser := sign_in(visitor))
    assert who(browser) == "ada"
    assert Generation.objects.get().owner.username == "ada"


def test_the_request_has_pkce_state_and_the_callback(client, provider):
    url = start(client)
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert url.startswith(f"{provider}/oauth2/authorize?")
    assert (query["code_challenge_method"], query["response_type"]) == ("S256", "code")
    assert len(query["code_challenge"]) == 43
    assert query["state"]
    assert query["redirect_uri"].endswith("/account/oidc/provider/login/callback/")


def test_another_browser_cannot_use_the_answer(client, knows):
    knows()
    come_back(stranger := Client(), start(client), sub="ada")
    assert who(stranger) == who(client) == ""


@pytest.mark.parametrize("sign_up", ["open", "closed", "invitation", "approval"])
def test_the_provider_s_users_may_sign_in_whoever_else_may_sign_up(
    client, knows, settings, sign_up
):
    settings.SIGN_UP = sign_up
    knows()
    signed_in(client)
    assert who(client) == "ada"


def test_a_setting_keeps_out_users_without_an_account(client, knows, settings):
    settings.OIDC_SIGN_UP = False
    knows()
    answer = signed_in(client)
    assert answer.status_code == 403
    assert "You have no account here" in answer.text
    assert not User.objects.exists()


def test_an_existing_account_is_not_linked_by_its_email_address(client, knows):
    factories.UserFactory(username="owner", email="ADA@example.org")
    knows()
    answer = signed_in(client)
    assert answer.status_code == 409
    assert "Sign in to it with its password" in answer.text
    assert who(client) == ""
    assert not SocialAccount.objects.exists()


def test_an_unverified_address_is_not_taken_over(client, knows):
    knows(email_verified=False)
    signed_in(client)
    assert User.objects.get().email == ""


def test_a_taken_name_makes_another_one(client, knows):
    taken = factories.UserFactory(username="ada")
    knows()
    signed_in(client)
    assert who(client).startswith("ada")
    assert who(client) != taken.username


def test_somebody_who_enters_the_password_can_connect_an_account(knows, client):
    owner = factories.UserFactory(username="owner", email=ADA["email"])
    knows()
    browser, password = Client(), {"password": factories.PASSWORD}
    browser.post(reverse("account_login"), {"login": "owner"} | password)
    assert signed_in(browser, process="connect").url == reverse("account_reauthenticate")
    assert not SocialAccount.objects.exists()
    browser.post(reverse("account_reauthenticate"), password, follow=True)
    assert SocialAccount.objects.get().user == owner
    signed_in(client)
    assert who(client) == "owner"


def test_groups_are_updated_at_each_sign_in(client, knows, settings, administrator):
    settings.OIDC_ADMIN_GROUPS, settings.OIDC_CURATOR_GROUPS = ["admins"], ["curators", "editors"]
    for groups, is_administrator, is_curator in (
        (["editors", "other"], False, True),
        (["admins"], True, False),
        ("admins", True, False),
        ([], False, False),
        (None, False, False),
    ):
        knows(groups=groups)
        signed_in(Client())
        user = User.objects.get(username="ada")
        assert (user.is_superuser, user.groups.filter(name=CURATORS).exists()) == (
            is_administrator,
            is_curator,
        )
        assert user.is_staff == (is_administrator or is_curator)


def test_the_last_administrator_stays_one(client, knows, settings):
    settings.OIDC_ADMIN_GROUPS = ["admins"]
    for groups in (["admins"], []):
        knows(groups=groups)
        signed_in(Client())
    assert User.objects.get().is_superuser


def test_without_group_settings_roles_stay_as_they_are(client, knows):
    knows(groups=["admins"])
    signed_in(client)
    User.objects.update(is_staff=True, is_superuser=True)
    signed_in(Client())
    assert User.objects.get().is_superuser


def test_a_deactivated_account_stays_out(client, knows):
    knows()
    signed_in(Client())
    User.objects.update(is_active=False)
    signed_in(client)
    assert who(client) == ""


def test_signing_out_ends_the_session_at_the_provider(client, knows, provider):
    knows()
    signed_in(client)
    answer = client.post(reverse("account_logout"))
    assert answer["Location"].startswith(f"{provider}/oauth2/end_session?client_id=soundscapes&")
    assert who(client) == ""
    assert requests.get(answer["Location"], timeout=60).status_code == 200


def test_a_refusal_at_the_provider_is_explained(client):
    answer = come_back(client, start(client), action="deny")
    page = client.get(answer["Location"]) if answer.status_code == 302 else answer
    assert "Sign-in" in page.text
    assert who(client) == ""


def test_a_provider_that_is_away_is_reported(client, settings):
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = (
        "http://localhost:9"
    )
    answer = client.post(reverse("openid_connect_login", args=["provider"]))
    assert answer.status_code == 503
    assert "not responding" in answer.text


def test_a_provider_that_goes_away_in_between_is_reported(client, settings):
    url = start(client)
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = (
        "http://localhost:9"
    )
    answer = come_back(client, url, sub="ada")
    assert answer.status_code == 503
    assert "not responding" in answer.text


def test_the_sign_in_page_offers_it(client, settings):
    page = client.get(reverse("account_login")).text
    assert "Sign in with single sign-on" in page
    settings.SOCIALACCOUNT_PROVIDERS = oidc_providers("")
    assert "Sign in with single" not in client.get(reverse("account_login")).text
    assert client.post(reverse("openid_connect_login", args=["provider"])).status_code == 404


def test_an_account_without_password_and_email_is_not_asked_for_a_proof(client, knows):
    knows(email_verified=False)
    signed_in(client)
    client.post(reverse("account"), {"name": "phone", "scope": "read", "days": "30"})
    client.post(reverse("delete_account"))
    assert not User.objects.get().is_active
