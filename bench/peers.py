"""Programs that answer requests line by line, as the comparisons of this folder run them in turns, and the machine that
they run on.
"""

import os
import subprocess


def environment(**more):
    return dict(os.environ, OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1",
                OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1", **more)  # fmt: skip


class Peer:
    """Processes that all read each request; the first one's answer counts."""

    def ask(self, request):
        for pipe in self.requests:
            pipe.write(request + "\n")
            pipe.flush()
        answer = self.answers.readline().strip()
        if not answer or answer.startswith("error"):
            raise RuntimeError(f"{self.name}, asked \"{request}\": {answer or 'no answer, it ended'}")
        return answer

    def close(self):
        for pipe in self.requests:
            pipe.close()
        for process in self.processes:
            process.wait()


class Process(Peer):
    """One process that reads requests on its standard input."""

    def __init__(self, name, command):
        self.name = name
        self.processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                           env=environment())]
        self.requests = [self.processes[0].stdin]
        self.answers = self.processes[0].stdout


def pin(ranks):
    """One process gets one core, the highest, as interrupts tend to go to the lowest; children inherit it."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]} if ranks == 1 else cores)
    return cores


def cpu_model():
    with open("/proc/cpuinfo") as cpuinfo:
        return next((l.split(":")[1].strip() for l in cpuinfo if l.startswith("model name")), "?")
