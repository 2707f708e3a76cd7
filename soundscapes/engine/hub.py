"""Hugging Face's hub through its own library: endpoint, token, cache and checksum.

The bytes come by `engine.download`: the library (2.4) starts again after every interruption, leaves
the partial file behind and compares no checksum.
"""

import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

from soundscapes.engine.errors import DownloadError

UNFINISHED: Final = ".copy"
"""Suffix of a copy of one process that is not complete; a killed process leaves it behind."""
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def url_of(repository: str, file: str) -> str:
    """Return the file's URL at the hub, or at the mirror that HF_ENDPOINT names."""
    from huggingface_hub import hf_hub_url

    return hf_hub_url(repository, file)


def copy_cached(repository: str, file: str, target: Path) -> bool:
    """Copy a file that another program has downloaded. Return whether there is one."""
    from huggingface_hub import try_to_load_from_cache

    cached = try_to_load_from_cache(repository, file)
    if not isinstance(cached, str):
        return False
    part = target.with_name(f"{target.name}.{uuid4().hex}{UNFINISHED}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(cached, part)
        part.replace(target)
    except OSError:  # a full disk, or a cache of another user: downloading says more
        with suppress(OSError):
            part.unlink()
        return False
    return True


def headers() -> dict[str, str]:
    """Return the headers of a request, with the token of HF_TOKEN or `hf auth login` if any."""
    from huggingface_hub import get_token

    token = get_token()
    return {"Authorization": f"Bearer {token}"} if token else {}


def checksum_of(url: str, timeout: float) -> str:
    """Return the SHA-256 that the server publishes. Raise DownloadError."""
    import httpx2
    from huggingface_hub import get_hf_file_metadata, get_token
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    try:
        etag = get_hf_file_metadata(url, token=get_token(), timeout=timeout).etag or ""
    except HfHubHTTPError as error:
        answer = f"{error.response.status_code} {error.response.reason_phrase}"
        raise DownloadError(f"the server returned {answer}") from error
    except OfflineModeIsEnabled as error:
        raise DownloadError("HF_HUB_OFFLINE forbids downloads") from error
    except httpx2.TimeoutException as error:
        raise DownloadError("the server did not respond in time") from error
    except httpx2.HTTPError as error:
        raise DownloadError("the server is unreachable") from error
    if not _SHA256.fullmatch(etag):
        raise DownloadError("the server provides no SHA-256 to verify the file with")
    return etag
