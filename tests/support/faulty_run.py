"""A tiny run whose storage fails or that is killed, beside the same run without faults.

Each trial goes on with a copy of a run that has one checkpoint, so there is always one to lose.
"""

import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(__file__))
import program
import storage_faults
from program import Program, metrics_of, state_of

CONFIG = """
[model]
hidden_size = 4
embedding_size = 3
[batch]
sequences = 8
slots = 2
[schedule]
learning_rate = 0.01
[log]
every = 1
[validation]
every = 3
[checkpoint]
every = 2
keep = 2
"""
SAVED, STEPS = 2, 6  # the step every trial has a checkpoint of, and the one it trains to
PROGRAM = None
STRIDE = 1
SECONDS = 120  # for one start of the program, which takes 0.04


class Trial:
    """A copy of the run, in a folder of its own."""

    def __init__(self, test, folder):
        self.test = test
        self.folder = folder
        self.run = f"{folder}/run"
        self.started = 0

    def start(self, faults=None, steps=STEPS, ranks=0, file_bytes=None, settings=()):
        """Trains; gives exit code, what it said, and what the faults met.

        Faults are below the run's folder unless they say `under`; no file gets longer than file_bytes.
        `settings` are further words for --set.
        """
        self.started += 1
        report = f"{self.folder}/report-{self.started}"
        # Trials run beside each other, and one mpirun removes the folder that another is about to use.
        environment = dict(program.ENVIRONMENT, OMPI_MCA_orte_tmpdir_base=self.folder)
        if faults:
            faults = {"under": self.run, "report": report, **faults}
            environment |= storage_faults.environment(**faults)
        command = ["prlimit", f"--fsize={file_bytes}"] if file_bytes is not None else []
        command += ["mpirun", "-n", str(ranks)] if ranks else []
        command += self.test.command(self.run, steps)
        command += [word for setting in settings for word in ("--set", setting)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True,
                              timeout=SECONDS, check=False)  # fmt: skip
        return done.returncode, done.stderr, storage_faults.Report(report)

    def verify(self):
        """The exit code and the words of `lockstep verify`."""
        done = subprocess.run([PROGRAM.path, "verify", self.run], capture_output=True, text=True,
                              timeout=SECONDS, check=False)  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def junk(self):
        """Temporary files anywhere in the run."""
        return [name for _, _, names in os.walk(self.run) for name in names if name.startswith(".tmp-")]


class FaultyRunTest(unittest.TestCase):
    """Has a corpus, a run with one checkpoint to copy, and the whole run to compare with."""

    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory(prefix="lockstep-test-")
        cls.addClassCleanup(holder.cleanup)
        cls.shared = holder.name
        cls.corpus, cls.config = f"{cls.shared}/corpus", f"{cls.shared}/config.toml"
        with open(cls.config, "w") as file:
            file.write(CONFIG)
        PROGRAM.run("prepare", "dna", "--synthetic", 600, "--window", 30, "--out", cls.corpus)
        cls.begun, cls.whole = f"{cls.shared}/begun", f"{cls.shared}/whole"
        PROGRAM.run(*cls.command(cls.begun, SAVED)[1:])
        PROGRAM.run(*cls.command(cls.whole, STEPS)[1:])
        cls.expected = cls.outcome(cls.whole)

    @classmethod
    def command(cls, run, steps):
        words = ["train", "--config", cls.config, "--corpus", cls.corpus, "--run", run]
        return [PROGRAM.path, *words, "--steps", str(steps)]

    @staticmethod
    def outcome(run):
        state = state_of(run)
        return {key: state[key] for key in ("step", "parameters_hash")}, metrics_of(run)

    def trial(self, begun=True):
        trial = Trial(self, tempfile.mkdtemp(dir=self.shared))
        if begun:
            shutil.copytree(self.begun, trial.run)
        return trial

    def each_call(self, attempt, stride=None):
        """Calls attempt(n), which says whether the fault was met, until a call is beyond the last.

        Two trials run at a time. Gives the number of trials.
        """
        trials, n, stride = 0, 1, stride or STRIDE
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            while True:
                calls = range(n, n + 8 * stride, stride)
                met = list(pool.map(attempt, calls))
                trials += sum(met)
                n += 8 * stride
                if not all(met):
                    return trials

    def check_goes_on(self, trial, what, ranks=0):
        """The same command without faults ends as the run that never had any."""
        code, said, _ = trial.start(ranks=ranks)
        self.assertEqual(code, 0, f"{what}: resuming ended with {code}: {said}")
        self.assertEqual(self.outcome(trial.run), self.expected, what)
        self.assertEqual(trial.junk(), [], what)
        shutil.rmtree(trial.folder)

    def check_nothing_lost(self, trial, what):
        code, words = trial.verify()
        self.assertEqual(code, 0, f"{what}: verify said {words}")


def main():
    """<script> PROGRAM LIBRARY [STRIDE]: tries every STRIDE-th storage call."""
    global PROGRAM, STRIDE
    PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    storage_faults.LIBRARY = os.path.abspath(sys.argv.pop(1))
    if len(sys.argv) > 1:
        STRIDE = int(sys.argv.pop(1))
    unittest.main(module="__main__", verbosity=2)
