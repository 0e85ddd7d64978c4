"""A run that is asked to stop ends after one agreed step with its state saved and exit code 75, whoever is asked, how
and when; resumed on another number of ranks it gives what a run gives that nobody stopped.

    stop_test.py LOCKSTEP [--faults LIBRARY] [--draws N] [--seed S] [--limits N]

--draws adds so many stops with everything drawn, and the cases of the full run; the seed is printed. --limits
repeats the time limit so often.
--faults is the library of tests/support/storage_faults.c; stops in a validation need it and are left out without it."""

import argparse
import fcntl
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import storage_faults
from job import Job
from program import ENVIRONMENT, Program, checkpoints_of, metrics_of, state_of

PROGRAM = None
ARGUMENTS = None
FOREVER = 100000000
MODEL = ["model.hidden_size=16", "model.dropout=0.2", "batch.sequences=8", "log.every=1", "schedule.name=plateau",
         "schedule.patience=0", "schedule.learning_rate=0.01"]  # fmt: skip
# Where a stop is to come, and the settings that make room for it.
MOMENTS = {
    "start-up": ["validation.every=50", "checkpoint.every=1000"],
    "a step": ["validation.every=50", "checkpoint.every=1000"],
    "a validation": ["validation.every=3", "checkpoint.every=1000", "train.stall_seconds=0"],  # rank 0 is stopped in it
    "a save": ["validation.every=50", "checkpoint.every=1"],
}
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)
# Name the rank that is asked, or everybody, or the launcher. mpirun forwards SIGUSR1 only.
WHOM = ("rank 0", "rank 1", "all ranks", "mpirun", "launch/local")
LIMIT_SECONDS = 4
STOP_SECONDS = 10  # from the signal to the end of all processes, for a small model
READS = 400  # fewer than rank 0 of three makes of the validation shard of the long corpus
BUSY_SECONDS = 60  # the same, on a machine that does who knows what beside the short run


def only_in_full(test):
    return unittest.skipUnless("--draws" in sys.argv, "only with --draws")(test)


def last_lines(path):
    try:
        with open(path) as file:
            return file.read().splitlines()
    except FileNotFoundError:
        return []


class RunTestCase(unittest.TestCase):
    """A corpus for all, a run folder for each test."""

    @classmethod
    def setUpClass(cls):
        cls.shared = tempfile.TemporaryDirectory(prefix="lockstep stop ")

    @classmethod
    def corpus(cls, name):
        """A validation of a tiny split, and of one that rank 0 reads in many pieces."""
        bases, window = {"short": (20000, 50), "long": (500000, 500)}[name]
        folder = f"{cls.shared.name}/{name}"
        if not os.path.exists(folder):
            PROGRAM.run("prepare", "dna", "--synthetic", bases, "--window", window, "--train", "1-16000",
                        "--valid", "16001-", "--out", folder)  # fmt: skip
        return folder

    @classmethod
    def tearDownClass(cls):
        cls.shared.cleanup()

    def setUp(self):
        self.run_folder = tempfile.mkdtemp(dir=self.shared.name)

    def words(self, moment, steps, run=None):
        corpus = self.corpus("long" if moment == "a validation" else "short")
        settings = [*MODEL, *MOMENTS[moment], f"train.steps={steps}"]
        words = ["train", "--corpus", corpus, "--run", run or self.run_folder]
        return words + [word for setting in settings for word in ("--set", setting)]


class StopTest(RunTestCase):
    def steps_logged(self, kind="step"):
        return sum(f'"kind":"{kind}"' in line for line in last_lines(f"{self.run_folder}/metrics.jsonl"))

    def is_saving(self):
        folder = f"{self.run_folder}/checkpoints"
        return os.path.isdir(folder) and any(name.startswith(".tmp-") for name in os.listdir(folder))

    def wait_for(self, job, moment, draws):
        if moment == "start-up":
            self.assertTrue(job.wait_for_handlers())
            time.sleep(draws.uniform(0, 0.3))
            return
        if moment == "a validation":
            self.assertTrue(job.wait_until(lambda: self.is_stopped(job)), "the job ended before it validated")
            return
        steps = draws.randrange(1, 40)
        self.assertTrue(job.wait_until(lambda: self.steps_logged() >= steps))
        if moment == "a save":
            self.assertTrue(job.wait_until(self.is_saving))

    @staticmethod
    def is_stopped(job):
        rank = job.rank_processes().get(0)
        return rank is not None and rank.status("State").startswith("T")

    def faults(self, moment, draws):
        """Variables that stop rank 0 in its first validation: before it has read all of the shards."""
        if moment != "a validation":
            return {}
        return storage_faults.environment(self.corpus("long"), "stop-before", draws.randrange(1, READS),
                                          operations="read", only="/valid-", rank=0)  # fmt: skip

    def wake(self, job, whom):
        """Lets rank 0 go on in its validation once it is sure to find that it was asked to stop."""
        rank = job.rank_processes()[0]
        if whom != "rank 1":  # which has been asked by now, while signals for rank 0 wait until it goes on
            self.assertTrue(job.wait_until(lambda: int(rank.status("ShdPnd"), 16) != 0))
        rank.send(signal.SIGCONT)

    def ask(self, job, whom, signal_number):
        if whom == "launch/local":
            job.process.send_signal(signal_number)
        elif whom == "mpirun":
            job.launcher().send(signal.SIGUSR1)
        else:
            ranks = job.rank_processes()
            wanted = ranks.values() if whom == "all ranks" else [ranks[int(whom.split()[1])]]
            for process in wanted:
                process.send(signal_number)

    def stop(self, moment, whom, signal_number, draws):
        """Stops a run that would go on for ever; returns the step that all agreed on, and what was said."""
        launcher = "local" if whom == "launch/local" else "mpirun"
        ranks = draws.choice((2, 3)) if whom != "rank 0" else draws.choice((1, 2))
        job = Job(PROGRAM.path, self.words(moment, FOREVER), ranks=ranks, launcher=launcher,
                  environment=self.faults(moment, draws))  # fmt: skip
        self.wait_for(job, moment, draws)
        self.ask(job, whom, signal_number)
        if moment == "a validation":
            self.wake(job, whom)
        began = time.monotonic()
        if draws.random() < 0.5 and whom != "mpirun":  # impatience while it saves
            time.sleep(draws.uniform(0, 0.1))
            try:
                self.ask(job, whom, draws.choice(SIGNALS))
            except KeyError:
                pass  # it has ended
        code, text = job.finish()
        self.assertEqual(code, 75, text)
        seconds = time.monotonic() - began
        print(f"{moment}, {whom}: {seconds:.1f} s", flush=True)
        self.assertLess(seconds, STOP_SECONDS if ARGUMENTS.draws else BUSY_SECONDS, text)
        job.seconds_until_gone()
        found = re.search(r"stopped at step (\d+) \((SIG\w+) on rank (\d+)\), (.*);", text)
        self.assertIsNotNone(found, text)
        return int(found.group(1)), found

    def check_stopped_at(self, step, found):
        if step == 0:
            self.assertEqual(found.group(4), "before anything was computed")
            self.assertEqual(checkpoints_of(self.run_folder), [])
            return
        self.assertEqual(found.group(4), "state saved")
        self.assertEqual(checkpoints_of(self.run_folder)[-1], f"step-{step:012}.h5")
        self.assertEqual(state_of(self.run_folder)["step"], step)
        steps = [line["step"] for line in metrics_of(self.run_folder) if line["kind"] == "step"]
        self.assertEqual(steps, list(range(1, step + 1)))

    def check_goes_on_as_if_never_stopped(self, moment, step, draws):
        last = step + 3
        PROGRAM.run(*self.words(moment, last), ranks=draws.choice((1, 2, 4)))
        whole = tempfile.mkdtemp(dir=self.shared.name)
        PROGRAM.run(*self.words(moment, last, run=whole))
        for field in ("parameters_hash", "step", "sequences", "plateau", "has_best", "best_loss", "best_step",
                      "validations_since_best"):  # fmt: skip
            self.assertEqual(state_of(self.run_folder)[field], state_of(whole)[field], field)
        self.assertEqual(metrics_of(self.run_folder), metrics_of(whole))
        PROGRAM.run("verify", self.run_folder)

    def check_stop(self, moment, whom, signal_number, seed):
        draws = random.Random(seed)
        with self.subTest(moment=moment, whom=whom, signal=signal_number, seed=seed):
            step, found = self.stop(moment, whom, signal_number, draws)
            if whom in ("rank 0", "rank 1"):
                self.assertEqual(f"rank {found.group(3)}", whom)
            if whom in ("mpirun", "launch/local"):
                self.assertEqual(found.group(2), "SIGUSR1")
            self.check_stopped_at(step, found)
            if moment == "a validation":
                self.assertTrue(state_of(self.run_folder)["validation_due"], "the validation was over")
                self.assertEqual((step, self.steps_logged("validation")), (3, 0))
            self.check_goes_on_as_if_never_stopped(moment, step, draws)

    def test_sigterm_to_one_rank_at_a_step(self):
        self.check_stop("a step", "rank 1", signal.SIGTERM, 1)

    @only_in_full
    def test_sigint_to_all_ranks_in_a_save(self):
        self.check_stop("a save", "all ranks", signal.SIGINT, 2)

    @only_in_full
    def test_sigusr1_to_mpirun_in_start_up(self):
        self.check_stop("start-up", "mpirun", signal.SIGUSR1, 3)

    def test_sigterm_to_launch_local_in_a_validation(self):
        if ARGUMENTS.faults is None:
            self.skipTest("no --faults")
        self.check_stop("a validation", "launch/local", signal.SIGTERM, 4)

    def test_drawn_stops(self):
        seeds = random.Random(ARGUMENTS.seed)
        for _ in range(ARGUMENTS.draws):
            seed = seeds.randrange(1 << 32)
            draws = random.Random(seed)
            self.run_folder = tempfile.mkdtemp(dir=self.shared.name)
            moments = [moment for moment in MOMENTS if moment != "a validation" or ARGUMENTS.faults is not None]
            moment, whom, signal_number = draws.choice(moments), draws.choice(WHOM), draws.choice(SIGNALS)
            print(f"{moment}, {whom}, {signal_number.name}, seed {seed}", flush=True)
            self.check_stop(moment, whom, signal_number, seed)

    def test_a_stop_file_ends_a_run_under_way_and_is_removed(self):
        job = Job(PROGRAM.path, self.words("a step", FOREVER), ranks=2, launcher="mpirun")
        self.assertTrue(job.wait_until(lambda: self.steps_logged() > 3))
        open(f"{self.run_folder}/stop", "w").close()
        code, text = job.finish()
        self.assertEqual(code, 75, text)
        step = int(re.search(r"stopped at step (\d+) \(stop file\), state saved", text).group(1))
        self.assertEqual(state_of(self.run_folder)["step"], step)
        self.assertFalse(os.path.exists(f"{self.run_folder}/stop"))


class TimeLimitTest(RunTestCase):
    """Without a launcher, so that several wait for their end at once."""

    def run_until_stopped(self, seconds, words, environment, results):
        run = tempfile.mkdtemp(dir=self.shared.name)
        began = time.monotonic()
        # Saves that a slow disk makes long would make the end begin earlier.
        settings = ["--set", "validation.every=1000000000", "--set", "checkpoint.every=1000000000"]
        job = Job(PROGRAM.path, [*self.words("a step", FOREVER, run=run), *settings, *words],
                  environment=environment)  # fmt: skip
        code, text = job.finish()
        results.append((code, text, time.monotonic() - began, seconds))

    def runs_with_limits(self, seconds, starts):
        """(exit code, text, seconds that it lasted, limit) of each of several runs at once."""
        results = []
        threads = [
            threading.Thread(target=self.run_until_stopped, args=(seconds, words, environment, results))
            for words, environment in starts
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(results), len(starts))
        return results

    def is_in_time(self, code, text, lasted, limit):
        self.assertEqual(code, 75, text)
        self.assertIn("(time limit)", text)
        if "state saved" not in text:
            return False  # the limit was over before the first step
        # At most a tenth of the limit to spare, and what saving takes.
        self.assertGreater(lasted, limit * 0.6, text)
        return lasted < limit

    def check_limits(self, seconds):
        """A process needs some time to begin and to end, on a slow machine more than a tenth of a short limit. A run
        that does not heed its limit overstays a longer one, too."""
        self.corpus("short")  # before the time counts, and before two threads ask for it
        for longer in (1, 3, 10):
            limit = seconds * longer + 1
            end = {"SLURM_JOB_END_TIME": str(int(time.time()) + limit)}
            results = self.runs_with_limits(limit, [(["--time-limit", limit], {}), ([], end)])
            if all([self.is_in_time(*result) for result in results]):
                return
        self.fail(f"the limit was overstayed each time, at last: {results}")

    def test_a_run_leaves_within_its_time_limit_and_its_slurm_job(self):
        for _ in range(ARGUMENTS.limits):
            self.check_limits(LIMIT_SECONDS if ARGUMENTS.limits == 1 else 20)

    def test_a_limit_without_time_for_a_step_says_so(self):
        code, text = Job(PROGRAM.path, [*self.words("a step", FOREVER), "--time-limit", "0.01"]).finish()
        self.assertEqual(code, 75, text)
        self.assertIn("left no time for a step", text)
        self.assertIn("without a longer limit no start will come further", text)


class OutputTest(RunTestCase):
    """Nothing that happens to what a run says of itself ends it."""

    def train(self, steps, *more, **arguments):
        return PROGRAM.run(*self.words("a step", steps), "--set", "log.seconds=0", *more, **arguments)

    def test_a_reader_that_leaves_does_not_end_the_run(self):
        for launcher in (None, "local"):
            words = [*self.words("a step", 200), "--set", "log.seconds=0"]
            job = Job(PROGRAM.path, words, ranks=2, launcher=launcher)
            job.process.stdout.readline()
            job.process.stdout.close()
            self.assertEqual(job.process.wait(timeout=120), 0)
            self.assertEqual(state_of(self.run_folder)["step"], 200)
            self.run_folder = tempfile.mkdtemp(dir=self.shared.name)

    def test_a_log_on_a_full_disk_costs_one_warning(self):
        largest = 1 << 30  # bytes of a file; the log has as many, other files of a run are far from it
        with open(f"{self.run_folder}/log.txt", "w") as file:
            file.truncate(largest)
        limit = ["env", "--ignore-signal=XFSZ", "prlimit", f"--fsize={largest}"]
        words = [*limit, PROGRAM.path, *self.words("a step", 20), "--set", "log.seconds=0"]
        done = subprocess.run(list(map(str, words)), env=ENVIRONMENT, capture_output=True, text=True, timeout=100,
                              check=False)  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr.count("lines of the log are lost"), 1, done.stderr)
        self.assertIn("done: step 20", done.stderr)

    def test_links_in_the_run_folder_are_not_followed(self):
        victim = f"{self.shared.name}/victim"
        with open(victim, "w") as file:
            file.write("mine")
        names = (".owner", "metrics.jsonl", "config.toml", "corpus.json", "done.json", "log.txt")
        for name in names:
            os.symlink(victim, f"{self.run_folder}/{name}")
        text = self.train(5)
        self.assertEqual(text.count("log.txt: it is a symbolic link"), 1, text)
        self.assertIn("the log goes to standard error only", text)
        self.assertIn("done: step 5", text)
        for name in names[:-1]:
            self.assertFalse(os.path.islink(f"{self.run_folder}/{name}"), name)
        for name, code in ((".lock", 73), ("metrics.jsonl", 65)):
            os.remove(f"{self.run_folder}/{name}")
            os.symlink(victim, f"{self.run_folder}/{name}")
            text = self.train(10, code=code)
            self.assertRegex(text, f"{self.run_folder}/{name}:? .*symbolic link.*; move it away, and run the same")
            os.remove(f"{self.run_folder}/{name}")
        with open(victim) as file:
            self.assertEqual(file.read(), "mine")

    def test_a_log_that_is_a_pipe_without_a_reader_costs_one_warning(self):
        os.mkfifo(f"{self.run_folder}/log.txt")
        text = self.train(5)
        self.assertEqual(text.count("the log goes to standard error only"), 1, text)
        self.assertIn("done: step 5", text)

    def test_a_folder_in_the_way_is_no_failing_disk(self):
        os.mkdir(f"{self.run_folder}/done.json")
        code, text = Job(PROGRAM.path, self.words("a step", 5)).finish()
        self.assertEqual(code, 73, text)
        self.assertIn("done.json: Is a directory; move it away, and run the same command again", text)

    def test_a_folder_named_stop_does_not_end_each_start_anew(self):
        os.mkdir(f"{self.run_folder}/stop")
        code, text = Job(PROGRAM.path, self.words("a step", 5)).finish()
        self.assertEqual(code, 64, text)
        self.assertIn("stop is a folder, so no start of the run can remove it", text)

    def test_waiting_for_the_lock_of_a_run_is_no_stall(self):
        with open(f"{self.run_folder}/.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            words = [*self.words("a step", 5), "--set", "train.stall_seconds=2"]
            code, text = Job(PROGRAM.path, words).finish()
        self.assertEqual(code, 64, text)
        self.assertIn("is being trained by another process", text)

    def test_metrics_that_somebody_deleted_cost_their_lines_and_no_start(self):
        never = ("--set", "validation.every=1000000000")  # its checkpoint would be of a later step
        self.train(10, "--set", "checkpoint.every=10", *never)
        os.remove(f"{self.run_folder}/metrics.jsonl")
        job = Job(PROGRAM.path, [*self.words("a step", FOREVER), "--set", "checkpoint.every=1000000000", *never])
        path = f"{self.run_folder}/metrics.jsonl"
        self.assertTrue(job.wait_until(lambda: os.path.exists(path) and os.path.getsize(path) > 10000))
        for process in job.rank_processes().values():
            process.send(signal.SIGKILL)
        self.assertEqual(job.finish()[0], 76)
        self.train(12, *never)
        steps = [line["step"] for line in metrics_of(self.run_folder) if line["kind"] == "step"]
        self.assertEqual(steps, [11, 12])

    def test_a_log_that_cannot_be_opened_costs_one_warning(self):
        os.mkdir(f"{self.run_folder}/log.txt")
        text = self.train(5)
        self.assertEqual(text.count("the log goes to standard error only"), 1, text)
        self.assertIn("done: step 5", text)

    def test_an_end_of_a_job_that_is_past_is_ignored_with_a_warning(self):
        job = Job(PROGRAM.path, self.words("a step", 5), environment={"SLURM_JOB_END_TIME": "1000"})
        code, text = job.finish()
        self.assertEqual(code, 0, text)
        self.assertIn('SLURM_JOB_END_TIME is "1000"', text)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("lockstep")
    parser.add_argument("--faults", type=os.path.abspath)
    parser.add_argument("--draws", type=int, default=0)
    parser.add_argument("--limits", type=int, default=1)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    ARGUMENTS, rest = parser.parse_known_args()
    print(f"seed {ARGUMENTS.seed}", flush=True)
    storage_faults.LIBRARY = ARGUMENTS.faults
    PROGRAM = Program(os.path.abspath(ARGUMENTS.lockstep))
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
