"""Take README's screenshots of a finished soundscape from a running application.

python -m tests.live.screenshot
"""

from __future__ import annotations

import io
import shutil

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.live.installations import installation
from tests.live.server import PROJECT, running

FOLDER = PROJECT / "docs/images"
SIZE = {"width": 1280, "height": 900}


def main() -> None:
    with installation() as env, running(env) as server, sync_playwright() as browsers:
        server.wait_for_worker()
        browser = browsers.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for scheme in ("light", "dark"):
            page = browser.new_page(viewport=SIZE, color_scheme=scheme)
            page.goto(f"{server.url}/account/signup/")
            page.fill("[name=username]", f"walker-{scheme}")
            page.fill("[name=password1]", "sounds-of-the-sea")
            page.fill("[name=password2]", "sounds-of-the-sea")
            page.press("[name=password2]", "Enter")
            page.locator(".starters button").first.click()
            page.locator(".player .waveform").first.wait_for(timeout=60_000)
            page.wait_for_load_state("networkidle")
            shot = Image.open(io.BytesIO(page.screenshot()))
            shot.save(FOLDER / f"soundscape-{scheme}.webp", quality=85, method=6)
            page.close()


if __name__ == "__main__":
    main()
