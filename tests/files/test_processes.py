"""Process names that show whether a process still runs."""

import os

from soundscapes.files import processes


def test_an_ended_process_is_dead(idle_process):
    name = processes.name_of(idle_process.pid)
    assert not processes.is_dead(name)
    idle_process.kill()
    idle_process.wait()
    assert processes.is_dead(name)


def test_a_zombie_process_is_dead(idle_process):
    name = processes.name_of(idle_process.pid)
    idle_process.kill()
    os.waitid(os.P_PID, idle_process.pid, os.WEXITED | os.WNOWAIT)
    assert processes.is_dead(name)


def test_a_process_with_a_reused_pid_is_another_one():
    host, pid, started = processes.own_name().split("/")
    assert not processes.is_dead(processes.own_name())
    assert processes.is_dead(f"{host}/{pid}/{float(started) - 100:.2f}")


def test_processes_of_other_machines_are_not_dead():
    assert not processes.is_dead("another-machine/1/0.00")
