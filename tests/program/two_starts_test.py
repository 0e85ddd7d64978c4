"""Two starts of one job on one run, as after a requeue while the first still lives on a host that nobody
reaches: the later one takes the run over and ends with the bits of a run that nothing disturbed; the
earlier one writes nothing more and ends by itself with 79."""

import hashlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import ENVIRONMENT, Program, metrics_of, state_of

SUPERSEDED = 79
MORE_STEPS = 300  # of the later start, past what the earlier one had saved when it was stopped
SETTINGS = ["model.hidden_size=24", "model.dropout=0.3", "batch.sequences=16", "validation.every=100",
            "checkpoint.every=20", "log.every=1"]  # fmt: skip


def contents(folder):
    """Inode and hash of each file that the run is made of."""
    found = {}
    for path, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(path, name), "rb") as file:
                text = hashlib.sha256(file.read()).hexdigest()
                found[os.path.join(path, name)] = (os.fstat(file.fileno()).st_ino, text)
    return found


class TwoStartsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.corpus = f"{FOLDER}/corpus"
        PROGRAM.run("prepare", "dna", "--synthetic", 6600, "--window", 64, "--out", cls.corpus)

    @classmethod
    def words(cls, run, steps):
        sets = [word for setting in SETTINGS for word in ("--set", setting)]
        return ["--corpus", cls.corpus, "--run", run, "--steps", steps, *sets]

    def start(self, number, steps, ranks=2):
        words = ["mpirun", "-n", ranks, PROGRAM.path, "train", *self.words(self.run_folder, steps)]
        environment = dict(ENVIRONMENT, LOCKSTEP_JOB="7", LOCKSTEP_START=str(number))
        return subprocess.Popen(list(map(str, words)), env=environment, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, start_new_session=True)  # fmt: skip

    def setUp(self):
        """The first start is stopped after some steps; how many depends on the machine, and so do those
        of the later start."""
        self.run_folder = tempfile.mkdtemp(dir=FOLDER)
        self.first = self.start(0, 10**6)  # which does not end by itself
        self.addCleanup(self.end_first)
        self.wait_for("checkpoint 40", lambda: self.newest_checkpoint() >= 40)
        self.signal_first(signal.SIGSTOP)
        self.steps = self.newest_checkpoint() + MORE_STEPS

    def newest_checkpoint(self):
        folder = f"{self.run_folder}/checkpoints"
        names = os.listdir(folder) if os.path.isdir(folder) else []
        return max((int(name[5:-3]) for name in names if re.fullmatch(r"step-[0-9]+\.h5", name)), default=0)

    def owner(self):
        with open(f"{self.run_folder}/.owner") as file:
            return file.read()

    def wait_for(self, what, holds):
        deadline = time.monotonic() + 60
        while not holds():
            self.assertIsNone(self.first.poll(), "the first start ended")
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.02)

    def end_first(self):
        if self.first.poll() is None:
            os.killpg(self.first.pid, signal.SIGKILL)
        self.first.communicate()

    def processes(self):
        """Those of the first start; mpirun gives each rank a process group of its own."""
        with subprocess.Popen(["ps", "-o", "pid=", "-s", str(self.first.pid)], stdout=subprocess.PIPE, text=True) as ps:
            return [int(word) for word in ps.stdout.read().split()]

    def signal_first(self, number, rank=None):
        """All processes of the first start, or one rank and its supervisor."""
        for process in self.processes():
            with open(f"/proc/{process}/environ", "rb") as file:
                variables = file.read().split(b"\0")
            if rank is None or f"OMPI_COMM_WORLD_RANK={rank}".encode() in variables:
                os.kill(process, number)

    def is_silent_without_rank_1(self):
        """No step is finished in two seconds, of which each takes some milliseconds. The rank is stopped each
        time, as mpirun, woken up, wakes its ranks."""
        self.signal_first(signal.SIGSTOP, rank=1)
        path = f"{self.run_folder}/metrics.jsonl"
        size = os.path.getsize(path)
        time.sleep(2)
        return os.path.getsize(path) == size

    def check_bits(self):
        undisturbed = f"{FOLDER}/undisturbed {self.steps}"
        PROGRAM.run("train", *self.words(undisturbed, self.steps))
        self.assertEqual(state_of(self.run_folder)["parameters_hash"], state_of(undisturbed)["parameters_hash"])
        self.assertEqual(metrics_of(self.run_folder), metrics_of(undisturbed))
        PROGRAM.run("verify", self.run_folder)

    def check_superseded(self):
        text = self.first.communicate(timeout=30)[0]
        self.assertEqual(self.first.returncode, SUPERSEDED, text)
        self.assertEqual(text.count("has taken over the run"), 1, text)
        return text

    def test_an_earlier_start_that_wakes_up_writes_nothing_more(self):
        second = self.start(1, self.steps, ranks=1)
        text = second.communicate(timeout=120)[0]
        self.assertEqual(second.returncode, 0, text)
        self.assertIn("an earlier start of this job", text)  # whose lock still stands
        before = contents(self.run_folder)
        self.signal_first(signal.SIGCONT)
        self.assertIn("(job 7, start 1)", self.check_superseded())
        self.assertEqual(contents(self.run_folder), before)
        self.check_bits()

    def test_an_earlier_start_that_waits_for_a_lost_rank_ends_itself(self):
        # Rank 0, which looks who has the run, waits for a rank that the scheduler has ended elsewhere.
        self.signal_first(signal.SIGCONT)
        self.wait_for("silence of rank 0", self.is_silent_without_rank_1)
        before = self.owner()
        second = self.start(1, self.steps)
        self.wait_for("take-over", lambda: self.owner() != before)
        start = time.monotonic()
        self.assertIn("made no progress in phase", self.check_superseded())
        print(f"ended {time.monotonic() - start:.1f} s after the take-over", flush=True)
        text = second.communicate(timeout=120)[0]
        self.assertEqual(second.returncode, 0, text)
        self.check_bits()

    def test_an_earlier_start_that_runs_ends_itself(self):
        before = self.owner()
        second = self.start(1, self.steps)
        self.wait_for("take-over", lambda: self.owner() != before)
        self.signal_first(signal.SIGCONT)  # both run now
        self.assertIn("(job 7, start 1)", self.check_superseded())
        text = second.communicate(timeout=120)[0]
        self.assertEqual(second.returncode, 0, text)
        self.check_bits()


def main():
    global PROGRAM, FOLDER
    PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    with tempfile.TemporaryDirectory() as FOLDER:
        unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
