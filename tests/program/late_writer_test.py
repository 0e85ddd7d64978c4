"""The moment between the comparison with RUN/.owner and the change behind it: the earlier of two starts is
stopped exactly there, the later one takes the run over and finishes it, then the earlier one is woken. It
changes nothing, because what it was about to give a name is gone, and ends with 79."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
sys.path.insert(0, os.path.dirname(__file__))
import storage_faults
from program import ENVIRONMENT, Program, checkpoints_of, metrics_of, state_of
from two_starts_test import contents

SUPERSEDED = 79
STEPS = 200
SETTINGS = ["model.hidden_size=24", "model.dropout=0.3", "batch.sequences=16", "validation.every=100",
            "checkpoint.every=20", "checkpoint.keep=2", "log.every=1"]  # fmt: skip


class LateWriterTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.corpus = f"{FOLDER}/corpus"
        PROGRAM.run("prepare", "dna", "--synthetic", 6600, "--window", 64, "--out", cls.corpus)
        cls.undisturbed = f"{FOLDER}/undisturbed"
        PROGRAM.run("train", *cls.words(cls.undisturbed))

    @classmethod
    def words(cls, run, steps=STEPS):
        sets = [word for setting in SETTINGS for word in ("--set", setting)]
        return ["--corpus", cls.corpus, "--run", run, "--steps", steps, *sets]

    def start(self, number, steps=STEPS, faults=None):
        words = ["mpirun", "-n", 2, PROGRAM.path, "train", *self.words(self.run_folder, steps)]
        environment = dict(ENVIRONMENT, LOCKSTEP_JOB="7", LOCKSTEP_START=str(number), **(faults or {}))
        return subprocess.Popen(list(map(str, words)), env=environment, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, start_new_session=True)  # fmt: skip

    def end_first(self):
        if self.first.poll() is None:
            self.signal_first(signal.SIGKILL)
        self.first.communicate()

    def processes(self):
        """{process: its parent} of the first start; mpirun gives each rank a process group of its own."""
        words = ["ps", "-o", "pid=,ppid=", "-s", str(self.first.pid)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as ps:
            return {int(line.split()[0]): int(line.split()[1]) for line in ps.stdout.read().splitlines()}

    def signal_first(self, number):
        for process in self.processes():
            os.kill(process, number)

    def stop_before(self, operation, path, number=1, steps=10**6):
        """Starts a run, and stops it before the call."""
        self.run_folder = tempfile.mkdtemp(dir=FOLDER)
        report = f"{self.run_folder}.report"
        faults = storage_faults.environment(self.run_folder, "stop-before", number, operations=operation,
                                            only=f"{self.run_folder}/{path}", rank=0, report=report)  # fmt: skip
        self.first = self.start(0, steps, faults)
        self.addCleanup(self.end_first)
        deadline = time.monotonic() + 60
        while not storage_faults.Report(report).acts:
            self.assertIsNone(self.first.poll(), "the first start ended")
            self.assertLess(time.monotonic(), deadline, f"{operation} of {path}")
            time.sleep(0.02)
        self.signal_first(signal.SIGSTOP)  # its supervisors, too

    def check_that_the_later_start_alone_counts(self, steps=STEPS):
        second = self.start(1, steps)
        text = second.communicate(timeout=120)[0]
        self.assertEqual(second.returncode, 0, text)
        before = contents(self.run_folder)
        self.signal_first(signal.SIGCONT)
        text = self.first.communicate(timeout=60)[0]
        self.assertEqual(contents(self.run_folder), before, text)
        self.assertEqual(self.first.returncode, SUPERSEDED, text)
        self.assertEqual(len(re.findall(r"\(job 7, start 1\).*has taken over the run", text)), 1, text)
        self.assertEqual(state_of(self.run_folder)["parameters_hash"], state_of(self.undisturbed)["parameters_hash"])
        self.assertEqual(metrics_of(self.run_folder), metrics_of(self.undisturbed))
        self.assertEqual(checkpoints_of(self.run_folder), checkpoints_of(self.undisturbed))
        PROGRAM.run("verify", self.run_folder)

    def test_a_checkpoint_that_was_about_to_get_its_name_gets_none(self):
        self.stop_before("link", "checkpoints/step-", 3)
        self.assertEqual(len(checkpoints_of(self.run_folder)), 2)
        self.check_that_the_later_start_alone_counts()

    def test_the_last_checkpoint_is_not_deleted_to_be_written_again(self):
        # The end of a run tries again at once what has failed.
        self.stop_before("link", f"checkpoints/step-{STEPS:012}", steps=STEPS)
        self.check_that_the_later_start_alone_counts()

    def test_old_checkpoints_that_were_about_to_go_are_none_of_the_later_start(self):
        self.stop_before("unlink", "checkpoints/step-")
        self.check_that_the_later_start_alone_counts()

    def test_metrics_that_were_about_to_be_cut_are_left_to_the_later_start(self):
        self.stop_before("rename", "metrics.jsonl")
        self.check_that_the_later_start_alone_counts()

    def test_a_supervisor_whose_rank_stalls_writes_no_line(self):
        self.stop_before("link", "checkpoints/step-", 3)
        second = self.start(1)
        text = second.communicate(timeout=120)[0]
        self.assertEqual(second.returncode, 0, text)
        before = contents(self.run_folder)
        parents = self.processes()
        supervisors = [p for p in parents if parents[p] == self.first.pid]
        ranks = {p for p in parents if parents[p] in supervisors}
        self.assertEqual((len(supervisors), len(ranks)), (2, 2))
        for process in supervisors:
            os.kill(process, signal.SIGCONT)
        deadline = time.monotonic() + 60
        while ranks & self.processes().keys():  # which their supervisors kill behind their last words
            self.assertLess(time.monotonic(), deadline, "the end of the ranks")
            time.sleep(0.05)
        os.kill(self.first.pid, signal.SIGCONT)  # which wakes all that are left
        text = self.first.communicate(timeout=60)[0]
        self.assertIn("has taken over the run", text)
        self.assertEqual(contents(self.run_folder), before, text)

    def test_a_completion_mark_that_was_about_to_come_does_not(self):
        self.stop_before("rename", "done.json", steps=STEPS)
        self.check_that_the_later_start_alone_counts()


def main():
    global PROGRAM, FOLDER
    PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    storage_faults.LIBRARY = os.path.abspath(sys.argv.pop(1))
    with tempfile.TemporaryDirectory() as FOLDER:
        unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
