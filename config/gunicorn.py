"""gunicorn settings; the command sets the address to bind to."""

import gc
from typing import Any

from config.operators import LOG_FORMAT, log_formatter
from soundscapes.engine.memory import return_large_buffers

workers = 2
worker_class = "soundscapes.http.server.WebWorker"  # serves slow clients without a thread each
preload_app = True  # imported once: the first page comes sooner, and workers share its memory
threads = 8  # because the documented endpoints wait for the worker
raw_env = ["CONN_MAX_AGE=60"]  # closing SQLite's last connection checkpoints its log every time
graceful_timeout = 3
loglevel = "warning"
if LOG_FORMAT != "text":
    own = {"level": "WARNING", "handlers": ["error_console"], "propagate": False}
    logconfig_dict = {
        "formatters": {"generic": log_formatter()},
        "loggers": {"gunicorn.error": own, "gunicorn.access": own},
    }


def post_worker_init(_worker: Any) -> None:
    gc.freeze()  # objects that live forever need no collection after every upload
    return_large_buffers(8 * 2**20)  # with 14 MB, a process kept 80 MB more
