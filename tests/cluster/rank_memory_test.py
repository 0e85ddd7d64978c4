"""What rank 0 holds does not grow with the number of ranks by more than 1 KiB for each, MPI's own not counted:
tests/support/heap_meter.cc counts what C++ code holds at most, of a rank with one slot of one sequence.

    tests/cluster/rank_memory_test.py build/release/lockstep build/release/tests/libheap_meter.so
"""

import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import ENVIRONMENT, Program

PROGRAM = METER = None
RANKS = (2, 8, 32, 64)
MOST_PER_RANK = 1024


class RankMemoryTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory(dir="/var/tmp")
        cls.addClassCleanup(holder.cleanup)
        cls.folder = holder.name
        PROGRAM.run("prepare", "dna", "--synthetic", 60000, "--window", 80, "--out", f"{cls.folder}/corpus")
        with open(f"{cls.folder}/hosts", "w") as file:
            file.write(f"localhost slots={max(RANKS)}\n")

    def held(self, ranks):
        """Bytes that rank 0 held at most in a run of so many ranks, each with one slot."""
        path = f"{self.folder}/held{ranks}"
        command = ["mpirun", "--hostfile", f"{self.folder}/hosts", "-n", str(ranks), "-x", f"LD_PRELOAD={METER}",
                   "-x", f"HEAP_METER={path}", "-x", "HEAP_METER_RANK=0", PROGRAM.path, "train", "--corpus",
                   f"{self.folder}/corpus", "--run", f"{self.folder}/run{ranks}", "--steps", "12"]  # fmt: skip
        for setting in (f"batch.slots={ranks}", f"batch.sequences={ranks}", "model.hidden_size=4", "validation.every=5",
                        "train.supervise=false"):  # fmt: skip
            command += ["--set", setting]
        done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=200, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        with open(path) as file:
            return int(file.read())

    def test_rank_0_holds_little_more_with_more_ranks(self):
        held = {ranks: self.held(ranks) for ranks in RANKS}
        print("\n".join(f"{ranks} ranks: rank 0 holds {count} bytes at most" for ranks, count in held.items()))
        self.assertGreater(held[RANKS[0]], 100_000)  # the meter is there
        for ranks in RANKS[1:]:
            self.assertLess(held[ranks] - held[RANKS[0]], MOST_PER_RANK * (ranks - RANKS[0]))


if __name__ == "__main__":
    PROGRAM, METER = (os.path.abspath(sys.argv.pop(1)) for _ in range(2))
    PROGRAM = Program(PROGRAM)
    unittest.main()
