"""Application configuration."""

from django.apps import AppConfig


class SoundscapesConfig(AppConfig):
    name = "soundscapes"
    verbose_name = "Soundscapes"

    def ready(self) -> None:
        from django_q.signals import post_execute_in_worker, post_spawn

        from soundscapes.files import signals
        from soundscapes.jobs import kinds
        from soundscapes.kinds import KINDS
        from soundscapes.operations import worker
        from soundscapes.sounds.clips import FILES

        kinds.register(*KINDS)
        signals.register(*FILES, *(column for kind in KINDS for column in kind.files))
        post_spawn.connect(worker.worker_spawned, dispatch_uid="soundscapes.worker_spawned")
        post_execute_in_worker.connect(
            worker.task_executed, dispatch_uid="soundscapes.task_executed"
        )
