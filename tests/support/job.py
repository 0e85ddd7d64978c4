"""A training job as its processes, for tests that interrupt it: alone, under mpirun or under launch/local."""

import os
import signal
import subprocess
import time
import uuid

import program

MARK = "LOCKSTEP_TEST_JOB"
LOCAL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "launch", "local")
CAUGHT = signal.SIGUSR1  # the handlers for it and for SIGTERM are set together


def read_bytes(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:  # a process that has ended
        return b""


class Process:
    """A process of a job, as it was found in /proc."""

    def __init__(self, pid, environment):
        self.pid = pid
        self.name = read_bytes(f"/proc/{pid}/comm").decode().strip()
        values = dict(word.split(b"=", 1) for word in environment.split(b"\0") if b"=" in word)
        self.rank = int(values.get(b"OMPI_COMM_WORLD_RANK", b"0"))

    def status(self, key):
        for line in read_bytes(f"/proc/{self.pid}/status").decode().splitlines():
            if line.startswith(key + ":"):
                return line.split(":", 1)[1].strip()
        return ""

    def is_alive(self):
        return self.status("State")[:1] not in ("", "Z", "X")

    def catches_signals(self):
        mask = self.status("SigCgt")
        return bool(mask) and bool(int(mask, 16) >> (CAUGHT - 1) & 1)

    def parent(self):
        return int(self.status("PPid") or 0)

    def send(self, signal_number):
        try:
            os.kill(self.pid, signal_number)
        except ProcessLookupError:
            pass


class Job:
    """One start of the program. `launcher`: None, "mpirun" or "local"."""

    def __init__(self, path, words, ranks=1, launcher=None, environment=()):
        self.mark = uuid.uuid4().hex
        self.ranks = ranks
        command = {
            None: [],
            "mpirun": ["mpirun", "-n", str(ranks)],
            "local": [LOCAL, "-n", str(ranks)],
        }[launcher] + [path, *(str(word) for word in words)]
        environment = dict(program.ENVIRONMENT, **dict(environment), **{MARK: self.mark})
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip

    def processes(self):
        wanted = f"{MARK}={self.mark}".encode()
        found = []
        for name in os.listdir("/proc"):
            if not name.isdigit():
                continue
            environment = read_bytes(f"/proc/{name}/environ")
            if wanted in environment:
                process = Process(int(name), environment)
                if process.is_alive():
                    found.append(process)
        return found

    def rank_processes(self):
        """Those that compute, by rank. Whoever only watches one of them is its parent."""
        mine = [process for process in self.processes() if process.name == "lockstep"]
        parents = {process.parent() for process in mine}
        return {process.rank: process for process in mine if process.pid not in parents}

    def launcher(self):
        """mpirun itself, or the program when nobody launched it."""
        named = [process for process in self.processes() if process.name == "mpirun"]
        return named[0] if named else self.rank_processes().get(0)

    def wait_until(self, is_so, timeout=120):
        """Whether it came to be so before the job ended."""
        deadline = time.monotonic() + timeout
        while not is_so():
            if self.process.poll() is not None:
                return False
            if time.monotonic() > deadline:
                self.kill_all()
                raise AssertionError(f"waited {timeout} s in vain; the job says:\n{self.process.stdout.read()}")
        return True

    def wait_for_handlers(self):
        """Until every rank and its launcher catch signals: before that they end them."""

        def all_catch():
            ranks = self.rank_processes()
            launcher = self.launcher()
            everybody = [*ranks.values(), launcher]
            return len(ranks) == self.ranks and all(p and p.catches_signals() for p in everybody)

        return self.wait_until(all_catch)

    def finish(self, timeout=120):
        """Waits for the end; the exit code as a shell has it, and what was printed."""
        try:
            text = self.process.communicate(timeout=timeout)[0]
        except subprocess.TimeoutExpired:
            self.kill_all()
            raise AssertionError(f"the job did not end within {timeout} s:\n{self.process.communicate()[0]}")
        code = self.process.returncode
        return (128 - code if code < 0 else code), text

    def seconds_until_gone(self, timeout=60):
        """Waits until no process of the job is left."""
        start = time.monotonic()
        while self.processes():
            if time.monotonic() - start > timeout:
                names = [f"{p.name} {p.pid} ({p.status('State')})" for p in self.processes()]
                self.kill_all()
                raise AssertionError(f"left behind after {timeout} s: {', '.join(names)}")
            time.sleep(0.02)
        return time.monotonic() - start

    def kill_all(self):
        for process in self.processes():
            process.send(signal.SIGKILL)
