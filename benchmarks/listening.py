"""Memory of a page that plays endlessly, in Chromium: decoded clips and the page's process.

Also prints the processor time of all Chromium's processes for a second of sound, as cores.

python -m benchmarks.listening [--minutes 60] [--every 10]
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from time import monotonic, sleep

import psutil
from playwright.sync_api import CDPSession, Page, sync_playwright

from benchmarks import machine
from tests import sample_files
from tests.live.installations import installation
from tests.live.server import Person, running

MB = 2**20
WARM_UP = 20  # seconds, and as many of which the processor time is measured
COUNT_BUFFERS = """
const held = new Set();
const { decodeAudioData } = BaseAudioContext.prototype;
BaseAudioContext.prototype.decodeAudioData = async function (...given) {
    const buffer = await decodeAudioData.apply(this, given);
    held.add(new WeakRef(buffer));
    return buffer;
};
const bytes = (buffer) => 4 * buffer.length * buffer.numberOfChannels;
window.decoded = () => {
    const buffers = [...held].map((each) => each.deref()).filter(Boolean);
    return [held.size, buffers.reduce((sum, each) => sum + bytes(each), 0)];
};
"""


def page_process() -> psutil.Process:
    """Return the largest renderer of Chromium."""
    children = psutil.Process().children(recursive=True)
    renderers = [each for each in children if "--type=renderer" in each.cmdline()]
    return max(renderers, key=lambda each: each.memory_info().rss)


def processor_seconds() -> float:
    """Return the processor time of Chromium's processes."""
    children = psutil.Process().children(recursive=True)
    times = [each.cpu_times() for each in children if "chrom" in each.name()]
    return sum(each.user + each.system for each in times)


def row(minute: float, page: Page, inside: CDPSession) -> None:
    inside.send("HeapProfiler.collectGarbage")
    count, decoded = page.evaluate("decoded()")
    scripts = inside.send("Runtime.getHeapUsage")["usedSize"]
    own = page_process().memory_full_info().uss
    state = page.locator("[data-state]").first.get_attribute("data-state")
    figures = f"{decoded / MB:7.1f} {scripts / MB:8.1f} {own / MB:8.0f}"
    print(f"{minute:6.0f} {count:7} {figures}   {state}", flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--every", type=float, default=10)
    options = parser.parse_args(arguments)
    print(machine.described())
    with installation() as env, running(env) as server, sync_playwright() as playwright:
        server.wait_for_worker()
        person = Person(server)
        made = person.make_soundscape(sample_files.photo(), duration=30)
        person.wait_until(made, "ready")
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
        )
        page = browser.new_page()
        page.add_init_script(COUNT_BUFFERS)
        page.context.add_cookies(
            [
                {"name": each.name, "value": each.value or "", "url": server.url}
                for each in person.cookies
            ]
        )
        page.goto(f"{server.url}/soundscapes/{made}/")
        page.evaluate("document.querySelector('sound-player').playback.play()")
        page.wait_for_selector("[data-state=playing]")
        inside = page.context.new_cdp_session(page)
        begun = monotonic()
        sleep(WARM_UP)
        spent, since = processor_seconds(), monotonic()
        sleep(WARM_UP)
        cores = (processor_seconds() - spent) / (monotonic() - since)
        print(f"Chromium takes {cores:.2f} cores while it plays")
        print("minute decoded   MB held  scripts  process")
        while (minute := (monotonic() - begun) / 60) < options.minutes:
            row(minute, page, inside)
            sleep(60 * min(options.every, max(1, options.minutes / 4)))
        row(minute, page, inside)


if __name__ == "__main__":
    main()
