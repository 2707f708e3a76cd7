"""Forms of the pages."""

from datetime import timedelta

import pytest
from django.http import QueryDict

from soundscapes.accounts.users import TOKEN_LIFETIME
from soundscapes.engine.layer_choices import MAX_GAIN_DB
from soundscapes.generations.share_links import LIFETIME
from soundscapes.models import ApiToken
from soundscapes.models.generations import MAX_LAYERS
from soundscapes.web import forms


def filled(form):
    assert form.is_valid(), form.errors
    return form


def test_omitted_options_are_left_to_the_service():
    assert filled(forms.OptionsForm({})).chosen() == {}
    chosen = filled(forms.OptionsForm({"duration": "60", "seed": "0", "mode": ""})).chosen()
    assert chosen == {"duration": 60, "seed": 0}


@pytest.mark.parametrize(
    ("days", "lifetime"),
    [("", LIFETIME), ("7", timedelta(days=7)), ("0", None)],
    ids=["omitted", "a week", "never"],
)
def test_a_link_has_the_chosen_lifetime(days, lifetime):
    options = filled(forms.ShareForm({"days": days})).options()
    assert options == {"lifetime": lifetime, "shows_picture": False}


def test_a_token_defaults_to_write_access_and_the_longest_lifetime():
    options = filled(forms.TokenForm({"name": "phone"})).options()
    assert options == {
        "name": "phone",
        "scope": ApiToken.Scope.WRITE,
        "lifetime": TOKEN_LIFETIME,
    }
    assert not forms.TokenForm({"name": "phone", "days": TOKEN_LIFETIME.days + 1}).is_valid()


def test_invalid_filters_are_ignored():
    form = forms.HistoryForm({"q": " sea ", "category": "a b", "since": "2026-13-45"})
    assert form.filters() == {"q": "sea"}


def test_the_mixer_has_a_form_per_filled_row():
    beyond = f"place-{MAX_LAYERS + 1}-category=cat"
    query = QueryDict(f"place-1-category=dog&place-1-gain_db=-6&place-2-category=&{beyond}")
    (choice,) = [filled(row).choice() for row in forms.layer_forms(query)]
    assert (choice.place, choice.category, choice.gain_db) == (1, "dog", -6.0)
    loud = QueryDict(f"place-1-category=dog&place-1-gain_db={MAX_GAIN_DB + 1}")
    assert not forms.layer_forms(loud)[0].is_valid()
