"""The real server and the real cluster, over HTTP."""

from __future__ import annotations

import io
import os
import re
import signal

import psutil
import pytest
import requests
import soundfile

from tests.live.server import Person, Server, running, until

pytestmark = pytest.mark.slow

WORKERS = 2


def worker_of(server: Server, generation: str) -> int:
    """Return the process that renders a soundscape."""
    [(claimed_by,)] = server.query(
        "SELECT claimed_by FROM soundscapes_generation WHERE id = ?", generation.replace("-", "")
    )
    return int(claimed_by.split("/")[1])


def test_a_program_gets_from_photo_to_wav_in_three_calls(server, photo):
    page = Person(server).submit("/account/", name="a program")
    secret = re.search(r'id="secret" value="(\w+)"', page.text)
    headers = {"Authorization": f"Token {secret[1]}"}

    drawn = requests.get(f"{server.url}/random_image", headers=headers, timeout=30)
    image = requests.get(drawn.json()["url"], headers=headers, timeout=30)
    assert image.content.startswith(b"\xff\xd8\xff")

    matched = requests.post(
        f"{server.url}/upload_image", headers=headers, files={"image": photo}, timeout=60
    )
    assert matched.status_code == 200, matched.text
    result = matched.json()
    scores = [sound["score"] for sound in result["sounds"]]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)

    audio = requests.get(result["generate_audio_url"], headers=headers, timeout=60)
    assert audio.headers["Content-Type"] == "audio/wav"
    samples, rate = soundfile.read(io.BytesIO(audio.content))
    assert samples.shape == (30 * rate, 2)
    again = requests.get(f"{server.url}/generate_audio", headers=headers, timeout=60)
    assert again.content == audio.content


def test_a_soundscape_survives_the_death_of_its_worker(server, photo):
    person = Person(server)
    generation = person.make_soundscape(photo, duration=240)
    person.wait_until(generation, "rendering")
    os.kill(worker_of(server, generation), signal.SIGKILL)

    status = person.wait_until(generation, "ready", "failed")

    assert status["state"] == "ready", status["error"]
    [(attempts,)] = server.query(
        "SELECT attempts FROM soundscapes_generation WHERE id = ?", generation.replace("-", "")
    )
    assert attempts == 2
    assert len(list((server.media / "generations" / generation).glob("soundscape*.flac"))) == 1
    audio = person.get(status["audio_url"], headers={"Range": "bytes=0-43"}, timeout=30)
    assert audio.content[:4] == b"RIFF"


def test_a_dead_cluster_is_restarted(server, photo):
    person = Person(server)
    cluster = server.cluster()
    for process in [*cluster.children(recursive=True), cluster]:
        process.kill()

    generation = person.make_soundscape(photo, duration=5)

    assert person.wait_until(generation, "ready", "failed")["state"] == "ready"


def test_a_frozen_cluster_is_restarted(installed, photo):
    """As if a killed idle worker held the queue's lock: all processes live, but nothing moves."""
    with running(
        installed | {"SOUNDSCAPES_CLUSTER_SILENCE": "15", "SOUNDSCAPES_WORKERS": str(WORKERS)}
    ) as server:
        person = Person(server)
        person.wait_until(person.make_soundscape(photo, duration=5), "ready")
        (sentinel,) = server.cluster().children()
        processes = sentinel.children()  # the workers and their helper processes
        until(lambda: server.suspended(processes), 30, "a moment in which none of them writes")

        generation = person.make_soundscape(photo, duration=5)

        assert person.wait_until(generation, "ready", "failed")["state"] == "ready"
        assert "is not responding; restarting" in server.log()


def test_messages_are_processed_even_if_nobody_reads_the_results(installed, photo):
    """As if the reader of the results was killed while holding their lock.

    Ctrl-C ends every process when idle.
    """
    with running(installed) as server:
        person = Person(server)
        person.wait_until(person.make_soundscape(photo, duration=5), "ready")
        (sentinel,) = server.cluster().children()
        *_workers, monitor, _pusher = sorted(sentinel.children(), key=lambda each: each.pid)
        until(lambda: server.suspended([monitor]), 30, "a moment in which it does not write")
        person.wait_until(person.make_soundscape(photo, duration=5), "ready")
        left = "SELECT count(*) FROM django_q_ormq"
        until(lambda: server.query(left) == [(0,)], 30, "an empty queue")
        assert monitor.status() == psutil.STATUS_STOPPED
        monitor.resume()
        assert_ctrl_c_ends_every_process(server)


@pytest.mark.once
def test_the_web_processes_do_not_load_torch(server, photo):
    Person(server).make_soundscape(photo, duration=5)
    web = [child for child in server.descendants() if "gunicorn" in " ".join(child.cmdline())]
    assert len(web) > 1
    for process in web:
        assert not [mapped.path for mapped in process.memory_maps() if "libtorch" in mapped.path], (
            process.cmdline()
        )


@pytest.mark.once
def test_the_url_is_printed_at_once_even_to_a_file(installed):
    """Ctrl-C then ends every process at once."""
    shown = {name: value for name, value in installed.items() if name != "PYTHONUNBUFFERED"}
    with running(shown) as server:
        words = f"Soundscapes is running at {server.url} "
        until(lambda: words in server.log(), 30, "the words")
        assert_ctrl_c_ends_every_process(server)


def assert_ctrl_c_ends_every_process(server: Server) -> None:
    processes = server.descendants()
    assert processes
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(60) == 0
    until(lambda: not [p for p in processes if p.is_running()], 30, "the end of all children")


def test_interrupted_jobs_finish_after_the_next_start(installed, photo):
    """Ctrl-C ends every process while rendering. Left alone, the worker would finish in time."""
    with running(installed) as server:
        person = Person(server)
        generation = person.make_soundscape(photo, duration=240)
        person.wait_until(generation, "rendering")
        os.kill(worker_of(server, generation), signal.SIGSTOP)
        assert_ctrl_c_ends_every_process(server)
        state = "SELECT state FROM soundscapes_generation WHERE id = ?"
        assert server.query(state, generation.replace("-", "")) == [("rendering",)]
    with running(installed) as server:
        person.server = server
        status = person.wait_until(generation, "ready", "failed")
    assert status["state"] == "ready", status["error"]
