"""Links to the sign-up page."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("sign_up", "is_offered"),
    [("open", True), ("approval", True), ("invitation", False), ("closed", False)],
)
def test_pages_offer_to_sign_up_only_where_everybody_may(client, settings, sign_up, is_offered):
    settings.SIGN_UP = sign_up
    for name in ("studio", "account_login"):
        assert (reverse("account_signup") in client.get(reverse(name)).text) == is_offered
