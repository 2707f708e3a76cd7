"""Errors for rejected images carry a message, a status and a code."""

from soundscapes.engine.errors import EngineError, PhotoError


def test_a_rejection_has_a_message_a_status_and_a_code():
    refused = PhotoError("The image is truncated. Upload it again.", status=415, code="truncated")
    assert isinstance(refused, EngineError)
    assert str(refused) == "The image is truncated. Upload it again."
    assert (refused.status, refused.code) == (415, "truncated")


def test_the_default_is_a_bad_request():
    assert (PhotoError("No.").status, PhotoError("No.").code) == (400, "invalid")
