"""Jobs made by `lockstep job` on a real SLURM: whatever ends a job, the run goes on where it was and ends
with the bits of a run that nothing disturbed. Skipped (77) where slurm.py says so."""

import json
import os
import pathlib
import random
import re
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
sys.path.insert(0, os.path.dirname(__file__))
from program import Program, checkpoints_of, metrics_of, state_of
from slurm import Slurm, Unavailable

STEPS = 1200
SETTINGS = ["model.layers=2", "model.hidden_size=24", "model.dropout=0.3", "batch.sequences=16",
            "validation.every=300", "checkpoint.every=100", "log.every=1", "clip.mode=adaptive"]  # fmt: skip


def replaced(text, changes):
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


class JobTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.slurm = SLURM
        cls.folder = tempfile.mkdtemp(dir=SLURM.hosts.folder)
        cls.corpus = f"{cls.folder}/corpus"
        PROGRAM.run("prepare", "dna", "--synthetic", 6600, "--window", 64, "--out", cls.corpus)
        cls.undisturbed = f"{cls.folder}/undisturbed"
        PROGRAM.run("train", *cls.words(cls.undisturbed))

    @classmethod
    def words(cls, run):
        sets = [word for setting in SETTINGS for word in ("--set", setting)]
        return ["--corpus", cls.corpus, "--run", run, "--steps", STEPS, *sets]

    def setUp(self):
        self.run_folder = tempfile.mkdtemp(dir=self.folder)
        self.log = f"{self.run_folder}.out"
        self.slurm.wait_for_nodes()

    def job(self, *options, nodes=2, ranks=2, limit="10:00", change=None):
        script = PROGRAM.run(
            "job", "--nodes", nodes, "--tasks-per-node", ranks, "--time", limit, "--output", self.log,
            *options, *self.words(self.run_folder),
        )  # fmt: skip
        path = f"{self.run_folder}.sbatch"
        with open(path, "w") as file:
            file.write(change(script) if change else script)
        job = self.slurm.submit(path)
        self.log = self.log.replace("%j", job)
        return job

    def text(self):
        if not os.path.exists(self.log):
            return ""
        with open(self.log) as file:
            return file.read()

    def steps(self):
        """Lines of metrics so far; a run that is being written may end in half a line."""
        path = f"{self.run_folder}/metrics.jsonl"
        if not os.path.exists(path):
            return 0
        with open(path, "rb") as file:
            return file.read().count(b'"kind":"step"')

    def wait_for_steps(self, count):
        self.slurm.wait_until(lambda: self.steps() >= count, 90, f"step {count}; {self.text()[-2000:]}")

    def wait_for_text(self, text, seconds=90):
        self.slurm.wait_until(lambda: text in self.text(), seconds, f'"{text}" in {self.text()[-2000:]}')

    def check_done(self, job, state="COMPLETED"):
        self.slurm.wait_until(
            lambda: self.slurm.state(job) == state, 90, f"{state} of job {job}, {self.text()[-2000:]}"
        )
        with open(f"{self.run_folder}/done.json") as file:
            self.assertEqual(json.load(file)["step"], STEPS)
        self.assertEqual(
            state_of(self.run_folder)["parameters_hash"], state_of(self.undisturbed)["parameters_hash"]
        )
        self.assertEqual(metrics_of(self.run_folder), metrics_of(self.undisturbed))
        PROGRAM.run("verify", self.run_folder)

    def test_a_signal_ahead_of_the_limit_saves_and_goes_on_with_other_nodes(self):
        job = self.job()
        self.wait_for_steps(200)
        self.slurm.run("scancel", "--batch", "--signal=USR1", job)
        self.slurm.wait_until(lambda: self.slurm.state(job) == "PENDING", 60, "requeue")
        for change in ("NumNodes=1-1 NumTasks=2 NumCPUs=2", "ReqNodeList=n4"):
            done = self.slurm.run("scontrol", "update", f"JobId={job}", *change.split())
            self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.check_done(job)
        self.assertIn("got USR1; asks the ranks to save and leave", self.text())
        self.assertIn(f"job {job}, start 0 on n[2-3]: ended with 75", self.text())
        self.assertIn(f"job {job}, start 1 on n4: begins at step", self.text())

    def test_scontrol_requeue_goes_on(self):
        job = self.job()
        self.wait_for_steps(200)
        self.slurm.run("scontrol", "requeue", job)
        self.check_done(job)
        self.assertIn("because SLURM ended or requeued the job", self.text())

    def test_scancel_ends_the_job_for_good_and_the_same_script_goes_on(self):
        # Also where nobody knows when the job would end.
        job = self.job(change=lambda s: s.replace("ends=$(squeue", "ends=$(false"))
        self.wait_for_steps(200)
        self.slurm.run("scancel", job)
        self.assertEqual(self.slurm.wait(job), "CANCELLED")
        self.assertIn("because SLURM ended or requeued the job", self.text())
        self.assertFalse(os.path.exists(f"{self.run_folder}/done.json"))
        step = state_of(self.run_folder)["step"]
        self.assertGreaterEqual(step, 200 - 2)  # saved where it stood
        self.check_done(self.job(nodes=3))
        self.assertIn(f"begins at step {step}", self.text())


class FullJobTest(JobTest):
    def test_a_lost_rank_is_76_and_goes_on(self):
        job = self.job()
        self.wait_for_steps(200)
        self.slurm.hosts.run("n3", "bash", "-c", "kill -9 $(pgrep -x lockstep | tail -n 1)")
        self.check_done(job)
        self.assertRegex(self.text(), r"rank [23] \(host n3, .*\) was killed by signal 9")
        self.assertIn("ended with 76", self.text())

    def test_preemption_goes_on(self):
        job = self.job("--sbatch=--partition=low")
        self.wait_for_steps(200)
        high = self.slurm.run("sbatch", "--parsable", "-p", "high", "-N", "3", "--exclusive", "-o", "/dev/null",
                              "--wrap", "sleep 1").stdout.strip()  # fmt: skip
        self.slurm.wait(high)
        self.check_done(job)

    def test_the_time_limit_goes_on(self):
        # SLURM's limits are whole minutes and looked at every 30 s; the signal comes at 30 s.
        job = self.job("--lead", 50, limit="1:00", change=lambda s: s.replace(f"--steps {STEPS}", "--steps 1000000"))
        self.slurm.wait_until(lambda: "start 1 on" in self.text(), 120, "the second start")
        self.slurm.run("scancel", job)
        self.slurm.wait(job)
        self.assertIn("ended with 75", self.text())

    def test_a_crashed_node_goes_on(self):
        job = self.job()
        self.wait_for_steps(200)
        node = random.Random(1).choice(["n2", "n3"])
        self.slurm.hosts.crash(node)
        time.sleep(1)
        self.slurm.restart_node(node)
        self.check_done(job)

    def test_a_job_that_comes_no_further_is_not_queued_again(self):
        # The ranks die before their first step, always.
        job = self.job(change=lambda s: s.replace("train() {\n", "train() {\n  return 76\n"))
        self.assertEqual(self.slurm.wait(job, 120), "FAILED", self.text())
        self.assertIn("for the third time in a row; not queued again", self.text())
        self.assertEqual(self.text().count("begins at step 0"), 3)

    def test_a_wrong_configuration_is_not_queued_again(self):
        job = self.job(change=lambda s: s.replace("model.layers=2", "model.layers=-1"))
        self.assertEqual(self.slurm.wait(job, 60), "FAILED")
        self.assertIn("ended with 64, which another start does not mend", self.text())
        self.assertEqual(checkpoints_of(self.run_folder), [])

    def test_a_launcher_that_says_0_without_a_done_run_is_no_success(self):
        job = self.job(change=lambda s: s.replace("train() {\n", "train() {\n  return 0\n"))
        self.assertEqual(self.slurm.wait(job, 120), "FAILED", self.text())
        self.assertIn("ended with 76 at step 0 for the third time", self.text())

    def test_mpirun_in_an_allocation_gives_the_same(self):
        job = self.job(change=lambda s: s.replace("grep -qw pmix", "grep -qw none-of-them"))
        self.wait_for_steps(200)
        self.slurm.run("scancel", "--batch", "--signal=USR1", job)
        self.check_done(job)
        self.assertIn("begins at step 0: mpirun -n 4", self.text())
        self.assertIn("ended with 75", self.text())

    def test_a_launcher_that_is_asked_at_once_leaves_and_goes_on(self):
        for kind in ("pmix", "none-of-them"):
            with self.subTest(kind):
                self.setUp()
                job = self.job(change=lambda s, kind=kind: s.replace("grep -qw pmix", f"grep -qw {kind}"))
                self.wait_for_text("begins at step 0")
                self.slurm.run("scancel", "--batch", "--signal=USR1", job)
                self.check_done(job)
                self.assertRegex(self.text(), "ended with 7[56] at step [0-9]+; queued again")

    def test_a_rank_has_a_core_for_each_thread(self):
        # The policy of these hosts would hide what mpirun does by itself.
        policy = "unset OMPI_MCA_hwloc_base_binding_policy\n"
        for kind in ("pmix", "none-of-them"):
            with self.subTest(kind):
                self.setUp()
                changes = {"grep -qw pmix": f"grep -qw {kind}", "set -uo pipefail\n": f"set -uo pipefail\n{policy}"}
                job = self.job("--set", "train.threads=2", ranks=1, change=lambda s, changes=changes: replaced(s, changes))
                self.wait_for_steps(100)
                asks = "for process in $(pgrep -x lockstep); do taskset -p $process; done"
                lines = self.slurm.hosts.run("n2", "bash", "-c", asks).stdout.splitlines()
                masks = [int(line.split()[-1], 16) for line in lines]
                self.assertTrue(masks)
                self.assertEqual({mask.bit_count() for mask in masks}, {2})
                self.check_done(job)

    def test_the_code_of_the_rank_that_began_it_counts(self):
        self.log = f"{self.run_folder}-%j.out"
        rank = f"{self.run_folder}.rank"
        with open(rank, "w") as file:
            file.write("#!/bin/bash\n((SLURM_PROCID == 3)) && exit 65\nexec sleep 100\n")
        os.chmod(rank, 0o755)
        job = self.job(change=lambda s: re.sub("(?m)^lockstep=.*", f"lockstep={rank}", s))
        self.assertEqual(self.slurm.wait(job, 60), "FAILED")
        self.assertIn("Terminated", self.text())
        self.assertIn("ended with 65, which another start does not mend", self.text())

    def test_a_chain_of_jobs_ends_the_run_where_none_may_requeue_itself(self):
        script = PROGRAM.run("job", "--nodes", 1, "--tasks-per-node", 2, "--time", "10:00", "--output", self.log,
                             *self.words(self.run_folder))  # fmt: skip
        path = f"{self.run_folder}.sbatch"
        with open(path, "w") as file:
            file.write(script)
        chain = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "launch", "slurm", "chain")
        text = self.slurm.run(chain, 3, path).stdout
        jobs = [line.split()[-1] for line in text.splitlines()]
        self.assertEqual(len(jobs), 3, text)
        self.wait_for_steps(200)
        self.slurm.run("scancel", "--batch", "--signal=USR1", jobs[0])
        self.assertEqual(self.slurm.wait(jobs[0]), "FAILED")  # ended with 75
        self.check_done(jobs[1])
        self.assertEqual(self.slurm.wait(jobs[2]), "COMPLETED")
        self.assertIn("the next job of the chain goes on", self.text())
        self.assertEqual(self.text().count(f"done at step {STEPS}"), 2)

    def sweep(self, lines):
        """Submits a run for each line."""
        script = PROGRAM.run("job", "--time", "10:00", *self.words(self.run_folder))
        for name, text in ((".sbatch", script), (".sweep", "\r\n".join(lines) + "\r\n")):
            with open(self.run_folder + name, "w", newline="") as file:
                file.write(text)
        sweep = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "launch", "slurm", "sweep.sbatch")
        return self.slurm.submit(sweep, f"--array=0-{len(lines) - 1}%2", "--output", f"{self.log}-%a",
                                 arguments=(f"{self.run_folder}.sbatch", f"{self.run_folder}.sweep"))  # fmt: skip

    def log_of_task(self, task):
        path = f"{self.log}-{task}"
        if not os.path.exists(path):
            return ""
        with open(path) as file:
            return file.read()

    def test_a_sweep_trains_each_line_in_a_run_of_its_own(self):
        job = self.sweep(["--set train.seed=1", "--set train.seed=2"])
        for task in (0, 1):
            self.check_task_done(task, same=task == 0)
        self.slurm.wait(job)

    def check_task_done(self, task, same=True):
        run = f"{self.run_folder}-{task}"
        done = f"{run}/done.json"
        self.slurm.wait_until(lambda: os.path.exists(done), 120, f"{done}; {self.log_of_task(task)}")
        found = state_of(run)["parameters_hash"] == state_of(self.undisturbed)["parameters_hash"]
        self.assertEqual(found, same)

    def test_a_task_of_a_sweep_is_queued_again_alone(self):
        job = self.sweep(["--set train.seed=1"] * 2)
        for task in (0, 1):
            path = f"{self.run_folder}-{task}/metrics.jsonl"
            self.slurm.wait_until(lambda path=path: os.path.exists(path) and b'"kind":"step"' in pathlib.Path(path).read_bytes(), 60, path)
        # The last task has the number of the array itself.
        self.slurm.run("scancel", "--batch", "--signal=USR1", f"{job}_1")
        for task in (0, 1):
            self.check_task_done(task)
        self.slurm.wait_until(lambda: self.log_of_task(1).count("done at step") == 1, 30, "the end of task 1")
        self.assertIn(f"job {job}_1, start 0 on", self.log_of_task(1))
        self.assertIn("queued again", self.log_of_task(1))
        self.assertIn(f"job {job}_1, start 1 on", self.log_of_task(1))
        self.assertNotIn("got USR1", self.log_of_task(0))
        self.assertEqual(self.log_of_task(0).count("begins at step"), 1)


def main():
    global PROGRAM, SLURM
    PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    full = "--full" in sys.argv
    if full:
        sys.argv.remove("--full")
    loader = unittest.defaultTestLoader
    names = [word for word in sys.argv[1:] if not word.startswith("-")]
    case = FullJobTest if full else JobTest
    suite = unittest.TestSuite(map(case, names)) if names else loader.loadTestsFromTestCase(case)
    try:
        with Slurm(3, task_plugin="task/affinity") as SLURM:
            result = unittest.TextTestRunner(verbosity=2).run(suite)
    except Unavailable as reason:
        print(f"skipped: {reason}")
        sys.exit(77)
    sys.exit(0 if result.wasSuccessful() else 1)


if __name__ == "__main__":
    main()
