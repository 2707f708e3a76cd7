"""Errors of the engine; each message tells the user what to do."""


class EngineError(Exception):
    """An error that the caller can fix; `str(error)` says what happened and what to do."""


class PhotoError(EngineError):
    """A file rejected as an image.

    `status` is the HTTP status: 400 broken or unusable, 413 too large, 415 wrong type. `code` is a
    stable identifier for programs ("truncated", "animated" …).
    """

    def __init__(self, message: str, *, status: int = 400, code: str = "invalid") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class EncoderUnavailableError(EngineError):
    """The requested encoder cannot run; the message names what is missing."""


class MissingClipError(EngineError):
    """A plan's clip no longer exists."""


class NoImagesError(EngineError):
    """No preloaded image to draw."""


class DownloadError(EngineError):
    """A failed download; the message gives the reason."""
