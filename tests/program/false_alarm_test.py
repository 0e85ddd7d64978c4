"""A job that is slow, or stopped as a whole, but lives, is never taken for one that stalls: with 2 s of patience it
comes to its end with the bits of an undisturbed run, and no word of a stall is said.

    false_alarm_test.py LOCKSTEP STORAGE_FAULTS CLOCK_JUMPS [CASE...]
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import unittest.mock

import supervisor_test
from supervisor_test import PHRASES_OF_A_STALL, STALL_SECONDS, Job

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import Program, state_of

STORAGE_FAULTS = CLOCK_JUMPS = None
STEPS = 60
LONGEST_SECONDS = 600
SETTINGS = [f"train.steps={STEPS}", "batch.slots=16"]


def cpu_burners(count):
    return [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]


class FalseAlarmTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shared = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.shared.cleanup)
        cls.corpus, cls.config = f"{cls.shared.name}/corpus", f"{cls.shared.name}/config.toml"
        with open(cls.config, "w") as file:
            file.write(supervisor_test.CONFIG)
        program = supervisor_test.PROGRAM
        program.run("prepare", "dna", "--synthetic", 200000, "--window", 200, "--out", cls.corpus)
        cls.undisturbed = f"{cls.shared.name}/undisturbed"
        sets = [word for setting in SETTINGS for word in ("--set", setting)]
        program.run("train", "--config", cls.config, "--corpus", cls.corpus, "--run", cls.undisturbed, *sets)

    def job(self, ranks, shim="", environment=None, settings=()):
        supervisor_test.SHIM = shim
        with unittest.mock.patch.dict(supervisor_test.program.ENVIRONMENT, environment or {}):
            return Job(self, ranks, settings=[*SETTINGS, *settings])

    def check_finished(self, job):
        self.assertEqual(job.process.wait(LONGEST_SECONDS), 0, job.text())
        for phrase in PHRASES_OF_A_STALL:
            self.assertNotIn(phrase, job.text())
        self.assertEqual(state_of(job.run_folder)["parameters_hash"], state_of(self.undisturbed)["parameters_hash"])

    def burn(self, count):
        for burner in cpu_burners(count):
            self.addCleanup(burner.wait)
            self.addCleanup(burner.kill)

    def test_sixteen_ranks_on_the_cores_of_two_beside_other_work(self):
        self.burn(2 * os.cpu_count())
        self.check_finished(self.job(16))

    def test_a_rank_of_lowest_priority_beside_other_work(self):
        job = self.job(2)
        job.wait_for_steps(5)
        os.setpriority(os.PRIO_PROCESS, job.ranks()[1], 19)
        self.burn(2 * os.cpu_count())
        self.check_finished(job)

    def test_ranks_of_lowest_priority_from_the_start(self):
        self.burn(2 * os.cpu_count())
        job = self.job(3)
        os.setpriority(os.PRIO_PGRP, job.process.pid, 19)
        self.check_finished(job)

    def test_a_job_that_is_stopped_as_a_whole_for_half_a_minute(self):
        job = self.job(3)
        job.wait_for_steps(5)
        for which in (signal.SIGSTOP, signal.SIGCONT):
            for process in job.processes():
                os.kill(process, which)
            if which == signal.SIGSTOP:
                time.sleep(30)
        self.check_finished(job)

    def test_the_time_of_day_jumps(self):
        self.check_finished(self.job(2, shim=CLOCK_JUMPS, settings=["checkpoint.every=1"]))

    def test_a_slow_disk(self):
        delay = 0.75 * STALL_SECONDS
        for operation, seconds in (("fsync", delay), ("write", delay / 10), ("rename,link", delay)):
            with self.subTest(operation=operation):
                faults = {"FAULTS_AT": "1-", "FAULTS_ACT": f"delay:{seconds}", "FAULTS_OPS": operation,
                          "FAULTS_UNDER": os.path.realpath(self.shared.name)}  # fmt: skip
                self.check_finished(self.job(2, shim=STORAGE_FAULTS, environment=faults))

    def test_a_disk_from_which_reading_is_slow(self):
        faults = {"FAULTS_AT": "1-", "FAULTS_ACT": "delay:0.02", "FAULTS_OPS": "read,open",
                  "FAULTS_UNDER": os.path.realpath(self.corpus)}  # fmt: skip
        self.check_finished(self.job(2, shim=STORAGE_FAULTS, environment=faults))


if __name__ == "__main__":
    supervisor_test.PROGRAM = Program(os.path.abspath(sys.argv[1]))
    STORAGE_FAULTS, CLOCK_JUMPS = (os.path.abspath(path) for path in sys.argv[2:4])
    unittest.main(argv=sys.argv[:1] + sys.argv[4:], verbosity=2)
