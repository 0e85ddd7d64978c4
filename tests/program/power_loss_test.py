"""Power cuts at recorded storage calls: whatever the disk had not promised is lost, torn or out of order,
and the newest checkpoint that the program relied on is there, with its metrics.

    power_loss_test.py PROGRAM LIBRARY POWER_LOSS STATES
"""

import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import faulty_run
import program
import storage_faults
from faulty_run import STEPS, FaultyRunTest

POWER_LOSS = None
STATES = 0
RECORDS = 6  # the states are shared out among so many
SEED = 1


class PowerLossTest(FaultyRunTest):
    def setUp(self):
        self.folder = tempfile.mkdtemp(dir=self.shared)
        self.run_folder, self.record = f"{self.folder}/run", f"{self.folder}/record"

    def start(self, steps=STEPS, ranks=0, codes=(0,), **faults):
        """Trains and adds to the record; gives what was said."""
        words = storage_faults.recording(self.folder, self.record)
        words |= {f"FAULTS_{name.upper()}": str(value) for name, value in faults.items()}
        command = ["mpirun", "-n", str(ranks)] if ranks else []
        command += self.command(self.run_folder, steps)
        done = subprocess.run(command, env=program.ENVIRONMENT | words, capture_output=True, text=True,
                              timeout=faulty_run.SECONDS, check=False)  # fmt: skip
        self.assertIn(done.returncode, codes, done.stderr)
        return done.stderr

    def cut(self, states, *more):
        """Exit code and words of the power cuts in the record."""
        memory = "/dev/shm" if os.path.isdir("/dev/shm") else self.folder
        with tempfile.TemporaryDirectory(dir=memory, prefix="lockstep-test-") as scratch:
            command = [POWER_LOSS, self.record, self.run_folder, f"{scratch}/disk"]
            command += [str(states), str(SEED), *more]
            done = subprocess.run(command, capture_output=True, text=True, timeout=3000, check=False)
        return done.returncode, done.stdout + done.stderr

    def check(self):
        code, words = self.cut(STATES // RECORDS)
        print(f"\n{self.id().split('.')[-1]}, seeds from {SEED}: {words}", end="")
        self.assertEqual(code, 0, words)
        self.assertEqual(self.outcome(self.run_folder), self.expected)

    def test_of_a_run_and_of_what_is_added_to_it(self):
        """A finished run goes on to a later step: its completion mark must not come back."""
        self.start(steps=STEPS - 2)
        self.start()
        self.check()

    def test_of_a_run_killed_between_a_name_and_its_sync(self):
        self.start(codes=[76], act="kill-after", ops="link", at=2)
        self.start()
        self.check()

    def test_of_a_run_killed_with_all_saved_but_not_synced(self):
        """The next start finds nothing left to do, and must not call that done before it lasts."""
        self.start(codes=[76], act="kill-after", ops="link", at=4)
        self.start()
        self.check()

    def test_of_a_run_killed_again_and_again(self):
        for call in (30, 70, 50, 90):
            self.start(codes=[76], act="kill-before", at=call)
        self.start()
        self.check()

    def test_of_a_run_whose_syncs_fail(self):
        for only, at in (("/checkpoints", 3), ("/metrics.jsonl", 2), ("/.tmp", 2)):
            self.start(codes=[0, 73, 74], act="EIO", ops="fsync", only=only, at=at)
        self.start()
        self.check()

    def test_of_two_ranks(self):
        self.start(ranks=2, rank=0)
        self.check()

    def test_a_program_that_forgets_to_sync_is_found_out(self):
        self.start()
        for what in ("file", "folder"):
            code, words = self.cut(300, "--forget", what)
            self.assertEqual(code, 1, f"without syncs of {what}s: {words}")
            self.assertIn("seed", words)


if __name__ == "__main__":
    POWER_LOSS, STATES = os.path.abspath(sys.argv.pop(3)), int(sys.argv.pop(3))
    faulty_run.main()
