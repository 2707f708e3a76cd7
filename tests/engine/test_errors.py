"""A refused photo carries what a program needs to know."""

from soundscapes.engine.errors import EngineError, PhotoError


def test_a_refusal_has_words_for_people_and_a_status_and_a_code_for_programs():
    refused = PhotoError("This photo is cut off. Send it again.", status=415, code="truncated")
    assert isinstance(refused, EngineError)
    assert str(refused) == "This photo is cut off. Send it again."
    assert (refused.status, refused.code) == (415, "truncated")


def test_without_more_it_is_a_bad_request():
    assert (PhotoError("No.").status, PhotoError("No.").code) == (400, "invalid")
