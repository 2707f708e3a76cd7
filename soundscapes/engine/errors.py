"""Errors of the engine; each message tells the user what to do."""


class EngineError(Exception):
    """An error that the caller can fix; `str(error)` says what happened and what to do."""


class PhotoError(EngineError):
    """A file refused as a photo.

    `status` for HTTP: 400 broken or unusable, 413 too large, 415 wrong type. `code` is a stable
    word for programs ("truncated", "animated" …).
    """

    def __init__(self, message: str, *, status: int = 400, code: str = "invalid") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class EncoderUnavailableError(EngineError):
    """The requested encoder cannot run; the message says what is missing."""


class MissingClipError(EngineError):
    """A plan's clip no longer exists."""
