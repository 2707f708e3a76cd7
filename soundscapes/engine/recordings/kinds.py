"""Formats of recordings, recognised by their first bytes."""

_ADTS_MASK, _ADTS = 0xF6, 0xF0
_FRAME_MASK = 0xE0

_BEGINNINGS = (
    (0, b"RIFF", "wav"),
    (0, b"fLaC", "flac"),
    (0, b"OggS", "ogg"),
    (4, b"ftyp", "mov"),
    (0, b"\x1aE\xdf\xa3", "matroska"),
    (0, b"#!AMR", "amr"),
    (0, b"caff", "caf"),
    (0, b"FORM", "aiff"),
    (0, b"0&\xb2u", "asf"),
    (0, b"ID3", "mp3"),
)
"""FFmpeg's names of the formats that it may open: never one that leads to other files."""

NAMES = {
    "wav": "WAV",
    "flac": "FLAC",
    "ogg": "OGG",
    "mov": "M4A",
    "matroska": "WebM",
    "amr": "AMR",
    "caf": "CAF",
    "aiff": "AIFF",
    "asf": "WMA",
    "mp3": "MP3",
    "aac": "AAC",
}
HEAD = 2**16  # bytes in which an MP3 behind zeros must begin
_LENGTH_TAGS = (b"Xing", b"Info", b"VBRI")
_TAG_REACH = 400  # bytes from the first frame to the tag with the number of frames


def kind_of(head: bytes) -> str | None:
    """Return FFmpeg's name of the format, or None if it is not one of recordings."""
    for at, magic, kind in _BEGINNINGS:
        if head.startswith(magic, at):
            return kind
    return _kind_of_stream(head.lstrip(b"\0"))


def _kind_of_stream(head: bytes) -> str | None:
    """Recognise AAC and MP3 by the sync word of their frames (ISO 13818-7 and 11172-3)."""
    if len(head) < 4 or head[0] != 0xFF:
        return "mp3" if head.startswith(b"ID3") else None
    if head[1] & _ADTS_MASK == _ADTS:
        return "aac"
    return "mp3" if head[1] & _FRAME_MASK == _FRAME_MASK else None


def says_length_of_mp3(head: bytes) -> bool:
    """Check if the first frame of an MP3 states the number of frames."""
    start = 0
    if head.startswith(b"ID3"):
        start = 10 + sum((byte & 0x7F) << 7 * (3 - n) for n, byte in enumerate(head[6:10]))
    return any(tag in head[start : start + _TAG_REACH] for tag in _LENGTH_TAGS)
