"""Rejection of text with control characters."""

import pytest
from django.core.exceptions import ValidationError

from soundscapes.images import images
from soundscapes.models import Generation, Image
from soundscapes.models.text import cleaned, containing, printable
from tests import factories, sample_files

ESCAPE = "\x1b[31mred"


@pytest.mark.parametrize("text", ["Rain\nand wind", "Mère à côté", "雨", "👩‍👩‍👧", ""])
def test_ordinary_text_is_printable(text):
    printable(text)
    assert cleaned(text) == text


@pytest.mark.parametrize("text", [ESCAPE, "a\0b", "\x7f", "\u202egnp.exe", "\x9b1m"])
def test_control_characters_are_rejected(text):
    with pytest.raises(ValidationError, match="control characters"):
        printable(text)
    printable(cleaned(text))


@pytest.mark.django_db
def test_pages_and_the_api_reject_such_titles(sign_in, owner, program):
    generation = factories.GenerationFactory(owner=owner, ready=True)
    page = sign_in(owner).post(f"/soundscapes/{generation.pk}/title/", {"name": ESCAPE})
    assert page.status_code in (400, 422)
    assert Generation.objects.get().name == ""
    address = f"/api/v1/images/{generation.image_id}/"
    answer = program(owner).patch(address, {"title": ESCAPE}, format="json")
    assert answer.status_code == 400
    assert "control characters" in answer.json()["errors"][0]["detail"]


@pytest.mark.django_db
def test_titles_from_file_names_lose_control_characters(owner):
    images.upload_image(owner, sample_files.photo(), ESCAPE)
    assert Image.objects.get().title == "[31mred"


@pytest.mark.django_db
@pytest.mark.parametrize("title", ["ÉTÉ à la mer", "Été à la mer", "e\u0301te\u0301 à la mer"])
@pytest.mark.parametrize("words", ["ÉTÉ", "Été", "été", "e\u0301te\u0301", "LA MER"])
def test_text_is_found_in_upper_and_lower_case(title, words):
    factories.ImageFactory(title=title)
    factories.ImageFactory(title="hiver", author="Zoë")
    assert Image.objects.get(containing(words, "title", "author")).title == title


@pytest.mark.django_db
def test_an_image_is_found_by_the_name_of_its_file_on_a_mac(owner):
    images.upload_image(owner, sample_files.photo(), "Cafe\u0301")
    assert Image.objects.search("café").exists()
