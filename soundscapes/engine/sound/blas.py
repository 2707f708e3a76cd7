"""BLAS on one thread.

BLAS threads only slow down small matrix products, because they wait for cores that other work uses.
BLAS reads OMP_NUM_THREADS at numpy's import, before a worker can set it, so the limit is set around
the arithmetic.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import numpy as np  # noqa: F401 - the controller only finds libraries that are loaded
from threadpoolctl import ThreadpoolController

P = ParamSpec("P")
T = TypeVar("T")

_controller = ThreadpoolController()


def single_threaded(function: Callable[P, T]) -> Callable[P, T]:
    """Limit numpy's BLAS to the calling thread during `function`."""

    @wraps(function)
    def limited(*args: P.args, **kwargs: P.kwargs) -> T:
        with _controller.limit(limits=1, user_api="blas"):
            return function(*args, **kwargs)

    return limited
