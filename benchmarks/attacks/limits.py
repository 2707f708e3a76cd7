"""Attacks that evade a limit or a revocation."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import requests

from benchmarks.attacks.site import GIVE_UP, PASSWORD, Site, sign_in, token_of
from tests.live.server import Person, manage
from tests.sample_files import photo


def sign_ups(site: Site) -> str:
    """Forty-five accounts from one address, each with twelve hours of sound to make."""
    made, queued = 0, 0
    for _ in range(45):
        try:
            person = Person(site.server)
        except AssertionError:
            continue
        made += "sessionid" in person.cookies
        image = person.get(f"{site.server.url}/random_image", timeout=GIVE_UP).json()["id"]
        for number in range(12):
            answer = person.post(
                f"{site.server.url}/api/v1/generations/",
                json={"image": image, "duration": 3600, "seed": number},
                headers={"X-CSRFToken": person.cookies.get("csrftoken", "")},
                timeout=GIVE_UP,
            )
            queued += answer.status_code == 202
    return f"{made} of 45 accounts, {queued} hours of sound queued"


def script_name(site: Site) -> str:
    """A header that sets SCRIPT_NAME: does it go around the limit of sign-in, and stay?"""
    headers = {"SCRIPT_NAME": "/x", "Script-Name": "/x"}
    page = requests.get(f"{site.server.url}/x/account/login/", headers=headers, timeout=GIVE_UP)
    after = requests.get(f"{site.server.url}/account/login/", timeout=GIVE_UP)
    stays = "stays" if "/x/" in after.text else "does not stay"
    return f"the prefixed page answers {page.status_code}; the prefix {stays} in later pages"


def guesses(site: Site) -> str:
    """Thirty-one wrong guesses by a stranger: can the owner sign in from where she always does?"""
    owner = Person(site.server)
    sign_in(site, owner, owner.name, owner.password)
    statuses = [
        sign_in(site, requests.Session(), owner.name, f"wrong {number}") for number in range(31)
    ]
    owner.cookies.pop("sessionid")
    answer = sign_in(site, owner, owner.name, owner.password)
    is_in = "signed in" if "sessionid" in owner.cookies else f"refused ({answer})"
    return f"{statuses.count(429)} of 31 guesses refused; the owner is {is_in}"


def links(site: Site) -> str:
    """Thirty requests at once for share links to one soundscape, of which ten may exist."""
    person = Person(site.server)
    key = person.make_soundscape(photo(6), duration=5)
    person.wait_until(key, "ready")
    headers, path = site.token(person), f"{site.server.url}/api/v1/generations/{key}/share/"

    def share(_number: int) -> int:
        answer = requests.post(path, json={"days": 1}, headers=headers, timeout=GIVE_UP)
        return answer.status_code

    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(share, range(30)))
    return f"{answers.count(201)} of 30 created"


def administrators(site: Site) -> str:
    """The last two administrators delete their accounts at once, ten times."""
    manage(site.server.env, "shell", "-v0", "-c", DEMOTE)
    path, left = f"{site.server.url}/account/delete/", []
    for number in range(10):
        both = [site.curator(f"first{number}"), site.curator(f"second{number}")]

        def leave(session: requests.Session) -> None:
            fields = {"password": PASSWORD, "csrfmiddlewaretoken": token_of(session, path)}
            session.post(path, data=fields, timeout=GIVE_UP)

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(leave, both))
        query = "SELECT count(*) FROM soundscapes_user WHERE is_superuser AND is_active"
        left.append(site.server.query(query)[0][0])
        manage(site.server.env, "shell", "-v0", "-c", DEMOTE)
    return f"none is left {left.count(0)} times of 10"


DEMOTE = """
from soundscapes.models import User
User.objects.update(is_superuser=False, is_staff=False)
"""


def revocation(site: Site) -> str:
    """A token that was stolen before its owner changes the password."""
    owner = Person(site.server)
    headers = site.token(owner)
    fields = {
        "old_password": owner.password,
        "new_password1": "another-sea-of-sounds",
        "new_password2": "another-sea-of-sounds",
        "ends_tokens": "on",
    }
    owner.submit("/account/password/change/", **fields)
    answer = requests.get(f"{site.server.url}/api/v1/me/", headers=headers, timeout=GIVE_UP)
    return f"the token gets {answer.status_code}"


def tokens(site: Site) -> str:
    """A hundred tokens, made on the account page."""
    person, made = Person(site.server), 0
    token = person.csrf_token("/account/")
    for number in range(100):
        fields = {"name": f"token {number}", "csrfmiddlewaretoken": token}
        page = person.post(f"{site.server.url}/account/", data=fields, timeout=GIVE_UP)
        made += 'class="secret"' in page.text
    return f"{made} of 100 made"


PARAMETERS = (
    "?deleted=0001-01-01T00:00:00%2B10:00",
    "?before=9999-12-31T23:59:59-10:00",
    "?before=%00",
    "?q=%00",
)


def parameters(site: Site) -> str:
    """Parameters out of range, NUL, and a POST without the final slash."""
    person = Person(site.server)
    statuses = [
        person.get(f"{site.server.url}/soundscapes/{each}", timeout=GIVE_UP).status_code
        for each in PARAMETERS
    ]
    headers = site.token(person)
    image = {"image": photo(7)}
    path = f"{site.server.url}/api/v1/images"
    answer = requests.post(path, files=image, headers=headers, timeout=GIVE_UP)
    listed = "a list" if '"results"' in answer.text else "the image"
    return f"pages answer {statuses}, the POST {answer.status_code} with {listed}"
