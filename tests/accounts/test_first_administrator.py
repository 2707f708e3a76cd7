"""The first administrator, created with the server's one-time code."""

from functools import partial

import pytest

from soundscapes.accounts import first_administrator
from soundscapes.models import User
from tests.connections import at_once, parallel

pytestmark = pytest.mark.django_db
GOOD = "a quiet walk by the sea"


def create(code, name="ada"):
    return first_administrator.create(code, name, GOOD)


def test_the_code_creates_one_administrator():
    code = first_administrator.code()
    assert first_administrator.is_missing()
    user = create(f" {code.upper()} ")
    assert (user.is_superuser, user.is_staff) == (True, True)
    assert not first_administrator.is_missing()
    with pytest.raises(first_administrator.WrongCodeError):
        create(code, "second")
    assert User.objects.count() == 1


@pytest.mark.parametrize("code", ["", "0123456789abcdef", "\u00e9"])
def test_a_wrong_code_creates_nobody(code):
    with pytest.raises(first_administrator.WrongCodeError):
        create(code)
    assert not User.objects.exists()


def test_the_code_is_of_this_installation(settings):
    code = first_administrator.code()
    settings.SECRET_KEY = "another"
    assert first_administrator.code() != code


@parallel
def test_concurrent_uses_of_the_code_create_one_administrator():
    code = first_administrator.code()
    at_once(*(partial(create, code, f"admin{number}") for number in range(4)))
    assert User.objects.filter(is_superuser=True).count() == 1
