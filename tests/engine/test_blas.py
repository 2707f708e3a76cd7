"""BLAS on one thread while a function runs, and on as many as before afterwards."""

import pytest
import threadpoolctl

from soundscapes.engine.sound.blas import single_threaded


def threads():
    pools = threadpoolctl.threadpool_info()  # scipy has its own
    return {pool["num_threads"] for pool in pools if "numpy" in pool["filepath"]}


@pytest.fixture(autouse=True)
def _two_threads():
    with threadpoolctl.threadpool_limits(limits=2, user_api="blas"):
        yield


def test_blas_has_one_thread_inside_and_two_afterwards():
    assert single_threaded(threads)() == {1}
    assert threads() == {2}


def test_the_thread_count_is_restored_after_an_error():
    with pytest.raises(ZeroDivisionError):
        single_threaded(lambda: 1 / 0)()
    assert threads() == {2}


def test_arguments_and_results_pass_through():
    assert single_threaded(divmod)(17, 5) == divmod(17, 5)
    assert single_threaded(threads).__name__ == threads.__name__
