"""A real SLURM whose srun does not speak with the program's MPI: each process would think that it is alone.
They end at once and name the command that is right, which then trains. Skipped (77) where slurm.py says so."""

import os
import re
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
sys.path.insert(0, os.path.dirname(__file__))
from program import Program
from slurm import Slurm, Unavailable

PROGRAM = SLURM = None
TASKS = 4


class WrongSrunTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(dir=SLURM.hosts.folder)
        PROGRAM.run("prepare", "dna", "--synthetic", 6600, "--window", 64, "--out", f"{cls.folder}/corpus")

    def srun(self, run, *options):
        """Seconds it took, exit code and what was said."""
        start = time.monotonic()
        done = SLURM.run("srun", "-N2", f"-n{TASKS}", *options, PROGRAM.path, "train", "--corpus", f"{self.folder}/corpus",
                         "--run", f"{self.folder}/{run}", "--steps", 2, "--set", "model.hidden_size=8")  # fmt: skip
        return time.monotonic() - start, done.returncode, done.stdout + done.stderr

    def test_processes_that_think_they_are_alone_name_the_right_command(self):
        seconds, code, text = self.srun("wrong", "--mpi=none")
        self.assertEqual(code, 64, text)
        self.assertEqual(len(re.findall(r"rank 0 of 1, but SLURM_STEP_NUM_TASKS is 4", text)), TASKS, text)
        self.assertFalse(os.path.exists(f"{self.folder}/wrong"))
        print(f"srun --mpi=none: ended after {seconds:.2f} s")
        advised = re.search("`srun (--mpi=[^`]*)`", text).group(1)
        _, code, text = self.srun("right", advised)
        self.assertEqual(code, 0, text)
        self.assertIn(f"{TASKS} ranks x 1 threads", text)


if __name__ == "__main__":
    PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    try:
        with Slurm(2) as SLURM:
            result = unittest.main(exit=False).result
    except Unavailable as reason:
        print(f"skipped: {reason}")
        sys.exit(77)
    sys.exit(0 if result.wasSuccessful() else 1)
