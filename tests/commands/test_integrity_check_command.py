"""Reports, repairs and exit status of manage.py integrity_check."""

import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("heartbeat_scheduled")]


def integrity_check(*arguments: str) -> str:
    output = io.StringIO()
    call_command("integrity_check", *arguments, stdout=output)
    return output.getvalue()


def orphans(count: int) -> list[str]:
    return [
        default_storage.save(f"images/{number}.jpg", ContentFile(b"x")) for number in range(count)
    ]


def test_a_consistent_installation_has_no_problems():
    assert integrity_check() == "No problems found.\n"
    assert integrity_check("--repair") == "No problems found.\n"


def test_nothing_is_repaired_without_the_option(stored):
    names = orphans(3)
    output = io.StringIO()
    with pytest.raises(CommandError, match="Problems found: 3") as refused:
        call_command("integrity_check", "--older-than=0", stdout=output)
    assert refused.value.returncode == 1
    assert "Files without a row (3): with --repair, each is deleted." in output.getvalue()
    assert all(name in output.getvalue() for name in names)
    assert stored() == set(names)

    said = integrity_check("--repair", "--older-than=0")
    assert "Files without a row (3): each is deleted." in said
    assert said.endswith("Repaired: 3.\n")
    assert stored() == set()
    assert integrity_check("--repair", "--older-than=0") == "No problems found.\n"


def test_young_files_are_ignored_by_default(stored):
    orphans(1)
    assert integrity_check("--repair") == "No problems found.\n"
    assert len(stored()) == 1


def test_problems_that_need_an_administrator_remain_a_failure():
    clip = factories.ClipFactory()
    default_storage.delete(clip.file.name)
    orphans(1)
    output = io.StringIO()
    with pytest.raises(CommandError, match=r"Repaired: 1\. Requires your action: 1\."):
        call_command("integrity_check", "--repair", "--older-than=0", stdout=output)
    assert "upload the recording again in the admin" in output.getvalue()


def test_only_the_first_of_many_are_shown():
    orphans(25)
    output = io.StringIO()
    with pytest.raises(CommandError):
        call_command("integrity_check", "--older-than=0", stdout=output)
    assert "… and 5 more" in output.getvalue()


@pytest.mark.parametrize("minutes", ["-5", "99999999999999"])
def test_an_impossible_age_is_refused(minutes):
    with pytest.raises(CommandError, match="--older-than must be between"):
        call_command("integrity_check", f"--older-than={minutes}")
