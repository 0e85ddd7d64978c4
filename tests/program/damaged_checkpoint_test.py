"""A run whose newest checkpoint is damaged says so, goes on from the one before, and ends as if nothing had been."""

import os
import pathlib
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import faulty_run
from faulty_run import FaultyRunTest
from program import checkpoints_of

BEFORE, NEWEST = "step-000000000003.h5", "step-000000000004.h5"
PAGE = 4096


def damages(whole, older):
    """Names and contents; `older` is the checkpoint before."""
    middle = len(whole) // 2
    yield "nothing left", b""
    yield "half of it", whole[:middle]
    yield "one byte too few", whole[:-1]
    yield "one byte too many", whole + b"\n"
    yield "zeros", bytes(len(whole))
    yield "a page of zeros", whole[:PAGE] + bytes(PAGE) + whole[2 * PAGE :]
    yield "two pages in each other's place", (
        whole[:PAGE] + whole[2 * PAGE : 3 * PAGE] + whole[PAGE : 2 * PAGE] + whole[3 * PAGE :]
    )
    yield "the end of the one before", whole[:middle] + older[middle:]
    yield "the header of the one before", older[:512] + whole[512:]
    for at in range(0, len(whole), len(whole) // 6):
        yield f"a flipped bit at {at}", whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :]


class DamagedCheckpointTest(FaultyRunTest):
    def started(self):
        trial = self.trial()
        code, said, _ = trial.start(steps=4)
        self.assertEqual(code, 0, said)
        self.assertEqual(checkpoints_of(trial.run)[-2:], [BEFORE, NEWEST])
        return trial

    def test_the_one_before_is_used_and_the_damaged_one_kept_aside(self):
        folder = f"{self.started().run}/checkpoints"
        older, whole = (pathlib.Path(folder, name).read_bytes() for name in (BEFORE, NEWEST))
        for what, damaged in damages(whole, older):
            with self.subTest(what):
                trial = self.started()
                path = f"{trial.run}/checkpoints/{NEWEST}"
                with open(path, "wb") as file:
                    file.write(damaged)
                self.assertEqual(trial.verify()[0], 65)
                code, said, _ = trial.start()
                self.assertEqual(code, 0, said)
                self.assertIn(f"checkpoint {path} is damaged and skipped", said)
                self.assertIn("resumed at step 3 ", said)
                self.assertEqual(self.outcome(trial.run), self.expected)
                with open(f"{path}.damaged", "rb") as file:
                    self.assertEqual(file.read(), damaged)
                self.check_nothing_lost(trial, what)

    def test_a_checkpoint_under_another_steps_name_is_no_newer_one(self):
        trial = self.started()
        folder, renamed = f"{trial.run}/checkpoints", "step-000000000005.h5"
        os.rename(f"{folder}/{NEWEST}", f"{folder}/{renamed}")
        code, said = trial.verify()
        self.assertEqual(code, 65, said)
        self.assertIn("its name says 5", said)
        code, said, _ = trial.start()
        self.assertEqual(code, 0, said)
        self.assertIn(f"{folder}/{renamed}: holds step 4, its name says 5", said)
        self.assertIn("resumed at step 3 ", said)
        self.assertEqual(self.outcome(trial.run), self.expected)

    def test_a_run_whose_checkpoints_are_all_damaged_is_not_begun_anew(self):
        trial = self.started()
        for name in checkpoints_of(trial.run):
            os.truncate(f"{trial.run}/checkpoints/{name}", 1000)
        kept = checkpoints_of(trial.run)
        code, said, _ = trial.start()
        self.assertEqual(code, 65, said)
        self.assertIn(f"all {len(kept)} checkpoints in it are damaged", said)
        self.assertEqual(checkpoints_of(trial.run), kept)


if __name__ == "__main__":
    faulty_run.main()
