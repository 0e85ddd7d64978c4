"""Every storage call of a run fails, once and for good: nothing is lost, and the message says what failed.

The n-th call fails for n = 1, 2, ... until the run ends without meeting the fault, as SQLite does it.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import faulty_run
from faulty_run import FaultyRunTest

CHANGES = "write,truncate,fsync,close,link,rename,unlink,mkdir"
TEXTS = {
    "EIO": "Input/output error",
    "ENOSPC": "No space left on device",
    "EDQUOT": "Disk quota exceeded",
    "EROFS": "Read-only file system",
    "EMFILE": "Too many open files",
    "ESTALE": "Stale file handle",
}


class StorageFaultTest(FaultyRunTest):
    def fail_at_each_call(self, act, places=(), **how):
        """Fails at each call in turn; `places` (operation, kind of file) must have been among them."""
        seen = set()

        def attempt(n):
            trial = self.trial()
            code, said, report = trial.start({"act": act, "at": n, **how})
            if not report.acts:
                return False
            what = f"{act} at call {n} {how} {report.acts[0]}, exit code {code}: {said}"
            seen.update(report.places())
            self.check_nothing_lost(trial, what)
            self.assertEqual(report.synced_again, [], what)
            self.check_end(act.removeprefix("after:"), code, said, report, what)
            self.check_goes_on(trial, what)
            return True

        self.assertGreater(self.each_call(attempt), 0)
        if faulty_run.STRIDE == 1:
            self.assertLessEqual(set(places), seen)

    def check_end(self, act, code, said, report, what):
        """The run went on, or it ended saying which file and why."""
        self.assertIn(code, (0, 73, 74), what)
        if code == 0:
            return
        self.assertIn(TEXTS[act], said, what)
        self.assertTrue(any(path in said for _, path in report.acts), what)

    def test_an_interrupted_call_is_simply_repeated(self):
        def attempt(n):
            trial = self.trial()
            code, said, report = trial.start({"act": "EINTR", "at": n})
            what = f"EINTR at call {n} {report.acts}: {said}"
            self.assertEqual(code, 0, what)
            if not any(path.endswith("log.txt") for _, path in report.acts):  # may lose a line
                self.assertNotIn("warning", said, what)
            self.assertEqual(self.outcome(trial.run), self.expected, what)
            self.assertEqual(trial.junk(), [], what)
            return bool(report.acts)

        self.assertGreater(self.each_call(attempt), 0)

    def test_a_short_transfer_is_continued(self):
        def attempt(n):
            trial = self.trial()
            code, said, report = trial.start({"act": "short", "at": n, "operations": "read,write"})
            what = f"short transfer at call {n} {report.acts}: {said}"
            self.assertEqual(code, 0, what)
            self.assertNotIn("warning", said, what)
            self.assertEqual(self.outcome(trial.run), self.expected, what)
            return bool(report.acts)

        self.assertGreater(self.each_call(attempt), 0)

    def test_input_or_output_error_once(self):
        self.fail_at_each_call("EIO", [
            ("open", ".tmp-step.h5"), ("write", ".tmp-step.h5"), ("fsync", ".tmp-step.h5"),
            ("close", ".tmp-step.h5"), ("link", "step.h5"), ("unlink", ".tmp-step.h5"),
            ("fsync", "checkpoints"), ("unlink", "step.h5"), ("read", "step.h5"),
            ("fsync", "metrics.jsonl"), ("write", "metrics.jsonl"), ("rename", "metrics.jsonl"),
            ("rename", "config.toml"), ("fsync", "run"), ("list", "checkpoints"),
        ])  # fmt: skip

    def test_input_or_output_error_for_good(self):
        self.fail_at_each_call("EIO", lasting=True)

    def test_full_disk_once(self):
        self.fail_at_each_call("ENOSPC", operations=CHANGES)

    def test_full_disk_for_good(self):
        self.fail_at_each_call("ENOSPC", lasting=True, operations=CHANGES)

    def test_quota_for_good(self):
        self.fail_at_each_call("EDQUOT", lasting=True, operations=CHANGES)

    def test_read_only_file_system_for_good(self):
        self.fail_at_each_call("EROFS", lasting=True, operations="write,truncate,link,rename,unlink,mkdir")

    def test_too_many_open_files_once_and_for_good(self):
        self.fail_at_each_call("EMFILE", operations="open")
        self.fail_at_each_call("EMFILE", operations="open", lasting=True)

    def test_an_error_is_reported_for_what_was_done(self):
        self.fail_at_each_call("after:EIO", operations=CHANGES)

    def test_a_read_that_fails_once_is_tried_again(self):
        for under in (None, self.corpus):

            def attempt(n, under=under):
                trial = self.trial()
                faults = {"act": "EIO", "at": n, "operations": "read"}
                code, said, report = trial.start(faults | ({"under": under} if under else {}))
                what = f"read {n} below {under} {report.acts}: {said}"
                self.assertEqual(code, 0, what)
                # Once a second it is asked whose the run is; an answer that fails is simply asked for again.
                silent = all(path.endswith("/.owner") for _, path in report.acts)
                self.assertTrue("trying again" in said or silent, what)
                self.assertEqual(self.outcome(trial.run), self.expected, what)
                return bool(report.acts)

            self.assertGreater(self.each_call(attempt), 0)

    def test_a_shard_that_cannot_be_read_is_named(self):
        trial = self.trial()
        faults = {"act": "EIO", "at": 1, "lasting": True, "operations": "read", "only": "/train-"}
        code, said, _ = trial.start(faults | {"under": self.corpus})
        self.assertEqual(code, 74, said)
        self.assertRegex(said, r"bytes at offset \d+ of .*/train-00000.h5: Input/output error")
        self.check_goes_on(trial, "shards that could not be read")

    def test_a_checkpoint_that_cannot_be_read_is_no_damaged_one(self):
        """A disk that fails may work tomorrow: the run does not go back, and does not begin anew."""
        trial = self.trial()
        faults = {"act": "EIO", "at": 1, "lasting": True, "operations": "read"}
        code, said, _ = trial.start(faults | {"only": "/checkpoints/step"})
        self.assertEqual(code, 74, said)
        self.assertRegex(said, r"cannot read .*/step-000000000002.h5: Input/output error")
        self.check_nothing_lost(trial, said)
        self.check_goes_on(trial, "checkpoints that could not be read")


if __name__ == "__main__":
    faulty_run.main()
