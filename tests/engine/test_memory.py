"""Return of freed memory to the system."""

import subprocess
import sys

SCRIPT = """
import psutil
from soundscapes.engine.memory import return_large_buffers

return_large_buffers()
before = psutil.Process().memory_info().rss
for _ in range(3):
    bytearray(b"x") * (16 * 2**20)
print(psutil.Process().memory_info().rss - before)
"""


def test_a_large_buffer_is_returned_even_if_others_were_freed_before():
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 4 * 2**20
