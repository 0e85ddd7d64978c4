"""SIGKILL before and after every storage call of a run: the old or the new checkpoint is found, and the
same command ends with the same parameters and the same metrics, each step once."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import faulty_run
from faulty_run import FaultyRunTest
from program import checkpoints_of

KILLED = 76  # by the supervisor, which names the rank


class StorageKillTest(FaultyRunTest):
    def kill_at_each_call(self, act, begun=True, stride=None, ranks=0, **how):
        def attempt(n):
            trial = self.trial(begun)
            code, said, report = trial.start({"act": act, "at": n, **how}, ranks=ranks)
            if not report.acts:
                self.assertEqual(code, 0, said)
                return False
            what = f"{act} at call {n}, {report.acts}"
            self.assertEqual(code, KILLED, f"{what}: {said}")
            if checkpoints_of(trial.run) or begun:
                self.check_nothing_lost(trial, what)
            self.check_goes_on(trial, what, ranks)
            return True

        self.assertGreater(self.each_call(attempt, stride), 0)

    def test_before_each_call(self):
        self.kill_at_each_call("kill-before")

    def test_after_each_call(self):
        self.kill_at_each_call("kill-after")

    def test_of_a_run_that_has_just_begun(self):
        self.kill_at_each_call("kill-after", begun=False)

    def test_of_the_rank_that_writes_among_two(self):
        self.kill_at_each_call("kill-before", stride=6 * faulty_run.STRIDE, ranks=2, rank=0,
                               only="/checkpoints")  # fmt: skip

    def test_while_it_goes_on_after_damage(self):
        """A damaged newest checkpoint is set aside while the run goes on; a kill there harms nothing."""

        def attempt(n):
            trial = self.trial()
            code, said, _ = trial.start(steps=STEPS_OF_DAMAGED)
            self.assertEqual(code, 0, said)
            newest = f"{trial.run}/checkpoints/{checkpoints_of(trial.run)[-1]}"
            with open(newest, "r+b") as file:
                file.truncate(os.path.getsize(newest) // 2)
            _, _, report = trial.start({"act": "kill-after", "at": n})
            self.check_goes_on(trial, f"kill at call {n}, {report.acts}")
            return bool(report.acts)

        self.assertGreater(self.each_call(attempt, stride=3 * faulty_run.STRIDE), 0)


STEPS_OF_DAMAGED = 4

if __name__ == "__main__":
    faulty_run.main()
