"""Return of freed memory to the system."""

import subprocess
import sys

LARGE = """
import psutil
from soundscapes.engine.memory import return_large_buffers

return_large_buffers(16 * 2**20)
before = psutil.Process().memory_info().rss
for _ in range(3):
    bytearray(b"x") * (16 * 2**20)
print(psutil.Process().memory_info().rss - before)
"""
REUSED = """
import resource
from soundscapes.engine.memory import return_large_buffers

return_large_buffers(16 * 2**20, kept=32 * 2**20)
bytearray(b"x") * (8 * 2**20)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    bytearray(b"x") * (8 * 2**20)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
SMALL = """
import psutil
from soundscapes.engine.memory import return_free_memory

buffers = [bytearray(b"x") * 20_000 for _ in range(2000)]
before = psutil.Process().memory_info().rss
buffers = buffers[::10]
return_free_memory()
print(psutil.Process().memory_info().rss - before)
"""
CYCLES = """
import gc
import psutil
from soundscapes.engine.memory import return_free_memory

gc.disable()  # it would free them sooner or later
for _ in range(20):
    cycle = [bytearray(b"x") * 2**20]
    cycle.append(cycle)
del cycle
before = psutil.Process().memory_info().rss
return_free_memory()
print(psutil.Process().memory_info().rss - before)
"""


def _printed(script: str) -> int:
    command = [sys.executable, "-c", script]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def test_a_large_buffer_is_returned_even_if_others_were_freed_before():
    assert _printed(LARGE) < 4 * 2**20


def test_a_smaller_buffer_is_used_again_without_being_cleared_by_the_system():
    assert _printed(REUSED) < 2048  # pages of one of the ten


def test_what_is_free_between_small_buffers_is_returned():
    assert _printed(SMALL) < -20 * 2**20


def test_objects_in_reference_cycles_are_freed():
    assert _printed(CYCLES) < -15 * 2**20
