"""What would grow over weeks of training, seen after some thousand steps: memory, open files, threads, HDF5 identifiers
and the log stay as they are, with validations, checkpoints, epochs and lines of metrics going on.

    weeks_test.py LOCKSTEP LIBRARY [--full]

LIBRARY is tests/support/hdf5_ids.c, built. --full trains 10,000 steps instead of 3,000. With
LOCKSTEP_TEST_CGROUP=FOLDER, a memory control group (version 1 or 2) in which this process may make groups, --full also
trains the models of memory_bound_test.py in a group whose limit is the bound that they print; none may be killed."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import memory_bound_test
from build_parts import has_speech
from job import Job
from program import ENVIRONMENT, Program

PROGRAM = LIBRARY = None
FULL = False
WARM_STEPS = 500
MOST_GROWTH = 1.02  # of resident memory
MOST_LOG_BYTES = 1 << 20  # for 10,000 steps
SETTINGS = {"model.hidden_size": 8, "model.embedding_size": 4, "batch.sequences": 8, "batch.slots": 2,
            "checkpoint.every": 50, "validation.every": 100, "train.average_weights": "ema"}  # fmt: skip


class Rank:
    """The process that trains, as /proc shows it."""

    def __init__(self, process):
        self.process = process

    def sample(self):
        """Resident bytes, open files and threads, after what was freed has gone back to the system."""
        folder = f"/proc/{self.process.pid}"
        resident = int(self.process.status("VmRSS").split()[0]) << 10
        return {"resident": resident, "files": len(os.listdir(f"{folder}/fd")), "threads": len(os.listdir(f"{folder}/task"))}


class WeeksTest(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = holder.name
        self.run_folder, self.ids = f"{self.folder}/run", f"{self.folder}/ids"

    def last_step(self):
        """Of metrics.jsonl, which has a line every ten steps."""
        try:
            with open(f"{self.run_folder}/metrics.jsonl", "rb") as file:
                file.seek(max(0, os.path.getsize(file.name) - 4096))
                steps = re.findall(rb'"step": ?(\d+)', file.read())
        except OSError:
            return 0
        return int(steps[-1]) if steps else 0

    def steady_samples(self, job, rank, step):
        """The least of some samples after this step: a checkpoint that is being written takes memory for a while."""
        self.assertTrue(job.wait_until(lambda: self.last_step() >= step), f"ended before step {step}")
        samples = []
        for more in range(0, 100, 10):
            self.assertTrue(job.wait_until(lambda more=more: self.last_step() >= step + more), "ended too early")
            samples.append(rank.sample())
        return {name: min(sample[name] for sample in samples) for name in samples[0]}

    def test_nothing_grows(self):
        steps = 10000 if FULL else 3000
        corpus = f"{self.folder}/corpus"
        PROGRAM.run("prepare", "dna", "--synthetic", 8000, "--window", 32, "--out", corpus)
        words = ["train", "--corpus", corpus, "--run", self.run_folder, "--steps", 10**6]
        words += [word for key, value in SETTINGS.items() for word in ("--set", f"{key}={value}")]
        job = Job(PROGRAM.path, words, environment={"LD_PRELOAD": LIBRARY, "HDF5_IDS_REPORT": self.ids}.items())
        self.addCleanup(job.kill_all)
        self.assertTrue(job.wait_until(lambda: self.last_step() > 0), "no step was trained")  # before, it has no process
        rank = Rank(job.rank_processes()[0])
        before = self.steady_samples(job, rank, WARM_STEPS)
        after = self.steady_samples(job, rank, steps)
        reached = self.last_step()
        rank.process.send(signal.SIGTERM)
        code, text = job.finish()
        self.assertEqual(code, 75, text)
        print(f"\nafter {WARM_STEPS} steps {before}, after {steps} {after}", end=" ")
        self.assertLessEqual(after["resident"], MOST_GROWTH * before["resident"])
        for name in ("files", "threads"):
            self.assertEqual(after[name], before[name], name)
        self.check_ids()
        self.check_log(reached)

    def check_ids(self):
        with open(self.ids, encoding="utf-8") as file:
            lines = file.read().splitlines()
        self.assertGreater(len(lines), 5)
        self.assertEqual(set(lines[1:]), {lines[1]}, "HDF5 identifiers in use, one line per checkpoint")

    def check_log(self, steps):
        size = sum(os.path.getsize(f"{self.run_folder}/{name}") for name in ("log.txt", "metrics.jsonl"))
        print(f"log {size / steps * 1e4 / 1e3:.0f} kB for 10,000 steps", end=" ")
        self.assertLessEqual(size / steps * 10000, MOST_LOG_BYTES)

    def test_a_limit_of_the_printed_bound_never_kills(self):
        group = os.environ.get("LOCKSTEP_TEST_CGROUP")
        if not FULL or group is None:
            self.skipTest("with --full and LOCKSTEP_TEST_CGROUP=FOLDER, a memory control group of one's own, this trains"
                          " in groups whose limit is the printed bound")  # fmt: skip
        models = {**memory_bound_test.MODELS, **memory_bound_test.MORE_MODELS}
        for number, (name, model) in enumerate(models.items()):
            if model[0] == "speech" and not has_speech(PROGRAM.path):
                continue
            with self.subTest(name=name):
                self.train_within_bound(group, name, model, f"{self.run_folder}-{number}")

    def train_within_bound(self, group, name, model, run):
        window, steps, ranks, settings = model
        corpus = memory_bound_test.prepare(PROGRAM, self.folder, window)
        words = ["train", "--corpus", corpus, "--steps", steps]
        words += [word for key, value in settings.items()
                  for word in ("--set", f"{key}={value}".replace("{folder}", self.folder))]  # fmt: skip
        PROGRAM.run(*words, "--run", f"{run}-first", ranks=ranks, timeout=1200)
        with open(f"{run}-first/log.txt", encoding="utf-8") as file:
            bound = max(1, ranks) * float(re.search(r"peak [\d.]+ MiB of at most ([\d.]+) MiB", file.read())[1])
        inner = f"{group}/lockstep-test-{os.getpid()}"
        os.mkdir(inner)
        try:
            limit = next(f"{inner}/{file}" for file in ("memory.max", "memory.limit_in_bytes") if os.path.exists(f"{inner}/{file}"))
            with open(limit, "w", encoding="utf-8") as file:
                file.write(str(int(bound * (1 << 20))))
            enter = 'echo $$ >"$0/cgroup.procs" && exec "$@"'
            command = ["sh", "-c", enter, inner, *(["mpirun", "-n", str(ranks)] if ranks else []), PROGRAM.path,
                       *map(str, words), "--run", f"{run}-limited"]  # fmt: skip
            done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=1200)
            print(f"\n{name}: limit {bound:.0f} MiB, most in use {self.most_in_use(inner)}, code {done.returncode}", end=" ")
            self.assertEqual(done.returncode, 0, done.stderr[-1000:])
        finally:
            os.rmdir(inner)

    def most_in_use(self, group):
        """What the kernel counted of the group, page cache and kernel memory included, which it takes back at the limit."""
        for name in ("memory.peak", "memory.max_usage_in_bytes"):
            if os.path.exists(f"{group}/{name}"):
                with open(f"{group}/{name}", encoding="utf-8") as file:
                    return f"{int(file.read()) >> 20} MiB"
        return "unknown"


if __name__ == "__main__":
    FULL = "--full" in sys.argv and not sys.argv.remove("--full")
    LIBRARY = os.path.abspath(sys.argv.pop(2))
    PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    unittest.main()
