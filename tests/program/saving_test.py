"""A disk that fails while a run saves: one fault costs one checkpoint, a lasting one ends the run on all ranks,
and what was saved before is whole."""

import os
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import program
from program import Program, checkpoints_of, state_of

PROGRAM = None
PATIENCE_SECONDS = 120
ENDLESS = 100000000


class SavingTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shared = tempfile.TemporaryDirectory()
        cls.corpus = f"{cls.shared.name}/corpus"
        PROGRAM.run("prepare", "dna", "--synthetic", 2000, "--window", 50, "--out", cls.corpus)

    @classmethod
    def tearDownClass(cls):
        cls.shared.cleanup()

    def setUp(self):
        self.run_folder = tempfile.mkdtemp(dir=self.shared.name)
        self.checkpoints = f"{self.run_folder}/checkpoints"

    def words(self, *settings):
        settings = ["model.hidden_size=8", "batch.sequences=8", "checkpoint.every=1", *settings]
        words = ["train", "--corpus", self.corpus, "--run", self.run_folder]
        return words + [word for setting in settings for word in ("--set", setting)]

    def start(self, *settings):
        """A run on two ranks that only this test ends."""
        words = self.words(f"train.steps={ENDLESS}", *settings)
        return subprocess.Popen(
            ["mpirun", "-n", "2", PROGRAM.path, *words], env=program.ENVIRONMENT, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip

    def await_checkpoint(self, process, newer_than=""):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while checkpoints_of(self.run_folder)[-1:] <= [newer_than]:
            self.assertIsNone(process.poll(), "the run has ended")
            self.assertLess(time.monotonic(), deadline, "no new checkpoint")
            time.sleep(0.005)
        return checkpoints_of(self.run_folder)[-1]

    def take_folder_away(self):
        os.rename(self.checkpoints, f"{self.run_folder}/away")

    def give_folder_back(self):
        os.rename(f"{self.run_folder}/away", self.checkpoints)

    def await_line(self, process, text):
        for line in process.stderr:
            if text in line:
                return line
        self.fail(f"the run ended with code {process.wait()} and never said: {text}")

    def test_one_fault_costs_one_checkpoint(self):
        with self.start(f"checkpoint.max_failed={ENDLESS}") as process:
            self.await_checkpoint(process)
            self.take_folder_away()
            warning = self.await_line(process, "is not saved")
            self.assertIn("checkpoints/", warning)
            self.assertIn("No such file or directory; last good: step", warning)
            newest = sorted(os.listdir(f"{self.run_folder}/away"))[-1]
            self.give_folder_back()
            self.await_line(process, "saving works again")
            self.await_checkpoint(process, newest)
            open(f"{self.run_folder}/stop", "w").close()
            process.stderr.read()
            self.assertEqual(process.wait(PATIENCE_SECONDS), 75)
        self.assertEqual([name for name in os.listdir(self.checkpoints) if name.startswith(".")], [])
        PROGRAM.run("verify", self.run_folder)

    def test_a_lasting_fault_ends_the_run_on_all_ranks(self):
        with self.start() as process:
            self.await_checkpoint(process)
            self.take_folder_away()
            text = process.stderr.read()
            self.assertEqual(process.wait(PATIENCE_SECONDS), 73, text)
        self.assertIn("saving failed 3 times in a row", text)
        self.assertEqual(text.count("is not saved"), 3)
        self.give_folder_back()
        PROGRAM.run("verify", self.run_folder)
        step = state_of(self.run_folder)["step"]
        self.assertIn(f"last good: step {step}", text)
        PROGRAM.run(*self.words(f"train.steps={step + 5}"), ranks=3)
        self.assertEqual(state_of(self.run_folder)["step"], step + 5)


if __name__ == "__main__":
    PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    unittest.main(verbosity=2)
