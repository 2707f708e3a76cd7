"""Errors of the engine. Each message is a sentence for the person who caused it."""


class EngineError(Exception):
    """Something the caller can mend; `str(error)` says what happened and what to do."""


class PhotoError(EngineError):
    """A file that is refused as a photo.

    `status` is the HTTP status that fits: 400 broken or unusable, 413 too large, 415 not an
    accepted kind of picture. `code` is a stable word for programs ("truncated", "animated" …).
    """

    def __init__(self, message: str, *, status: int = 400, code: str = "invalid") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class EncoderUnavailableError(EngineError):
    """The encoder that was asked for cannot run here; the message says what is missing."""


class MissingClipError(EngineError):
    """A plan names a clip that is not there any more."""
