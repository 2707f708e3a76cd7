"""Names of processes, by which others tell whether they are still there."""

import os

from soundscapes.files import processes


def test_a_process_is_dead_once_it_is_gone(idle_process):
    name = processes.name_of(idle_process.pid)
    assert not processes.is_dead(name)
    idle_process.kill()
    idle_process.wait()
    assert processes.is_dead(name)


def test_a_killed_process_that_its_parent_has_not_waited_for_is_dead(idle_process):
    name = processes.name_of(idle_process.pid)
    idle_process.kill()
    os.waitid(os.P_PID, idle_process.pid, os.WEXITED | os.WNOWAIT)
    assert processes.is_dead(name)


def test_a_later_process_with_the_same_number_is_another_one():
    host, pid, started = processes.own_name().split("/")
    assert not processes.is_dead(processes.own_name())
    assert processes.is_dead(f"{host}/{pid}/{float(started) - 100:.2f}")


def test_nothing_is_known_of_processes_of_other_machines():
    assert not processes.is_dead("another-machine/1/0.00")
