"""Wires the worker's start to the queue."""

from django.apps import AppConfig


class SoundscapesConfig(AppConfig):
    name = "soundscapes"
    verbose_name = "Soundscapes"

    def ready(self) -> None:
        from django_q.signals import post_execute_in_worker, post_spawn

        import soundscapes.files.signals  # noqa: F401 - connects its receivers
        from soundscapes.jobs.worker import task_executed, worker_spawned

        post_spawn.connect(worker_spawned, dispatch_uid="soundscapes.worker_spawned")
        post_execute_in_worker.connect(task_executed, dispatch_uid="soundscapes.task_executed")
