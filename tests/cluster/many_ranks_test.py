"""Many more ranks than cores, from a host file that gives a slot to each: the bits of one rank alone, also
after a stop. OpenMPI is not told that there is a crowd; the program itself has it yield.

    tests/cluster/many_ranks_test.py build/release/lockstep [--full]

In short 16 ranks, with --full 32 and 64, of which 64 are stopped (75) and go on."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import ENVIRONMENT, Program, metrics_of, state_of

PROGRAM = None
SLOTS = 64
STEPS = 12
LONG_STEPS = 150  # enough to be stopped on the way
CROWDED = {k: v for k, v in ENVIRONMENT.items() if "yield" not in k and "oversubscribe" not in k}
SETTINGS = (f"batch.slots={SLOTS}", "batch.sequences=100", "model.hidden_size=12", "model.layers=2", "model.dropout=0.2",
            "log.every=1", "validation.every=10", "checkpoint.every=1000")  # fmt: skip


class ManyRanksTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory(dir="/var/tmp")
        cls.addClassCleanup(holder.cleanup)
        cls.folder = holder.name
        PROGRAM.run("prepare", "dna", "--synthetic", 60000, "--window", 80, "--out", f"{cls.folder}/corpus")
        with open(f"{cls.folder}/hosts", "w") as file:
            file.write(f"localhost slots={SLOTS}\n")

    def words(self, run, steps):
        words = ["train", "--corpus", f"{self.folder}/corpus", "--run", f"{self.folder}/{run}", "--steps", str(steps)]
        for setting in SETTINGS:
            words += ["--set", setting]
        return words

    def start(self, ranks, run, steps):
        command = ["mpirun", "--hostfile", f"{self.folder}/hosts", "-n", str(ranks), PROGRAM.path, *self.words(run, steps)]
        return subprocess.Popen(command, env=CROWDED, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def train(self, ranks, run, steps=STEPS):
        process = self.start(ranks, run, steps)
        self.expect_end(process, 0)
        return self.result(run)

    def expect_end(self, process, code):
        try:
            text, _ = process.communicate(timeout=250)
        finally:
            process.kill()
        self.assertEqual(process.returncode, code, text)
        return text

    def result(self, run):
        path = f"{self.folder}/{run}"
        return state_of(path)["parameters_hash"], metrics_of(path)

    def lines(self, run):
        metrics = pathlib.Path(f"{self.folder}/{run}/metrics.jsonl")
        return metrics.read_bytes().count(b'"kind":"step"') if metrics.exists() else 0

    def alone(self, steps=STEPS):
        PROGRAM.run(*self.words(f"alone{steps}", steps))
        return self.result(f"alone{steps}")

    def stop_after_some_steps(self, ranks, run):
        process = self.start(ranks, run, LONG_STEPS)
        while process.poll() is None and self.lines(run) < 3:
            time.sleep(0.01)
        process.send_signal(signal.SIGUSR1)  # which mpirun passes on
        return self.expect_end(process, 75)

    def test_16_ranks_give_the_bits_of_one(self):
        self.assertEqual(self.train(16, "of16"), self.alone())

    def test_32_ranks_give_the_bits_of_one(self):
        self.assertEqual(self.train(32, "of32"), self.alone())

    def test_64_ranks_that_are_stopped_go_on_to_the_bits_of_one(self):
        text = self.stop_after_some_steps(64, "of64")
        self.assertIn("run the same command again to go on", text)
        self.assertLess(len(self.result("of64")[1]), LONG_STEPS)
        self.assertEqual(self.train(64, "of64", LONG_STEPS), self.alone(LONG_STEPS))


if __name__ == "__main__":
    full = "--full" in sys.argv and not sys.argv.remove("--full")
    PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    if not full and len(sys.argv) == 1:
        sys.argv.append("ManyRanksTest.test_16_ranks_give_the_bits_of_one")
    unittest.main()
