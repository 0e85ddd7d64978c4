"""Programs that answer requests line by line, as the comparisons of this folder run them in turns, and the machine that
they run on; and how a comparison ends.
"""

import json
import os
import socket
import subprocess
import sys

MPIRUN = ["mpirun", "--oversubscribe", "--bind-to", "none"]


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


class Ranks(Peer):
    """Ranks of MPI. They read their requests from named pipes in `folder`, since mpirun gives its own input to rank 0
    only."""

    def __init__(self, name, program, ranks, folder):
        self.name = name
        path = os.path.join(folder, f"requests-of-{ranks}")
        for rank in range(ranks):
            os.mkfifo(f"{path}.{rank}")
        launcher = [*MPIRUN, "-n", str(ranks)] if ranks > 1 else []
        self.processes = [subprocess.Popen([*launcher, program, path], stdin=subprocess.DEVNULL,
                                           stdout=subprocess.PIPE, text=True, env=environment())]
        self.requests = [open(f"{path}.{rank}", "w") for rank in range(ranks)]
        self.answers = self.processes[0].stdout


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


class TorchProcesses(Peer):
    """Processes of PyTorch that run `script` (torch_serving.py) and, if there are several, talk over gloo."""

    name = "PyTorch"

    def __init__(self, python, script, ranks):
        place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": free_port(), "GLOO_SOCKET_IFNAME": "lo"}
        self.processes = []
        for rank in range(ranks):
            more = {**place, "RANK": str(rank), "WORLD_SIZE": str(ranks)} if ranks > 1 else {}
            self.processes.append(subprocess.Popen([python, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                                   text=True, env=environment(**more)))
        self.requests = [process.stdin for process in self.processes]
        self.answers = self.processes[0].stdout


def pin(ranks):
    """One process gets one core, the highest, as interrupts tend to go to the lowest; children inherit it."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]} if ranks == 1 else cores)
    return cores


def cpu_model():
    with open("/proc/cpuinfo") as cpuinfo:
        return next((l.split(":")[1].strip() for l in cpuinfo if l.startswith("model name")), "?")


def print_result(result, as_json, print_table):
    if as_json:
        print(json.dumps(result, indent=2))
    else:
        print_table(result)


def run_main(main):
    """Calls it; where peers disagree or one ends, their words are all that is printed."""
    try:
        main()
    except RuntimeError as error:
        sys.exit(str(error))
