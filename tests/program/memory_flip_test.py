"""A bit that flips in the memory of one rank of a running job ends it with 76 and names the rank; the same command
then goes on to the bits of an undisturbed run.

The moment of the flip is fixed: the rank is stopped where it opens the validation shard. All parameters have arrived by
then, none is on its way, and nothing writes them until the next step has been checked. That step finds the flip; or
the save finds it, when the validation is the best so far and is therefore saved first. Both are tested.

The bit is in the embedding of a symbol that the corpus does not hold. Its values never change, so they can be found in
the memory of the rank, and without the check the run would end with another embedding and nobody would notice."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import program
import storage_faults
from program import Program, metrics_of, parameters_of, raw_metrics_of, state_of

RANKS = 3
STEPS = 100
EVERY = 10  # steps from validation to validation
# The instruction set is fixed, so that every machine finds the same validations to be the best. No supervisor judges
# the rank that is stopped: how long the flip takes depends on the machine.
CONFIG = f"""
[model]
hidden_size = 24
embedding_size = 6
[batch]
sequences = 16
[train]
check_period = 1
stall_seconds = 0
[validation]
every = {EVERY}
[checkpoint]
every = 1000000
keep = 0
[log]
every = 1
[numerics]
isa = "sse4"
"""


def stopped_processes(run):
    """Ids of the processes of a run that a signal has stopped."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
            with open(f"/proc/{pid}/stat") as file:
                state = file.read().rsplit(")", 1)[1].split()[0]
        except OSError:
            continue  # the process has ended
        if run.encode() in words and state == "T":
            found.append(int(pid))
    return found


def flip_everywhere(pid, pattern):
    """Flips the lowest bit of the first byte wherever a process holds `pattern`; returns how often."""
    flips = 0
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
        for line in maps:
            words = line.split()
            if not words[1].startswith("rw") or (len(words) > 5 and words[5] != "[heap]"):
                continue
            begin, end = (int(word, 16) for word in words[0].split("-"))
            try:
                memory.seek(begin)
                data = memory.read(end - begin)
            except OSError:
                continue
            at = data.find(pattern)
            while at >= 0:
                memory.seek(begin + at)
                memory.write(bytes([pattern[0] ^ 1]))
                flips += 1
                at = data.find(pattern, at + 1)
    return flips


class MemoryFlipTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        with open(f"{cls.folder}/config.toml", "w") as file:
            file.write(CONFIG)
        PROGRAM.run("prepare", "dna", "--synthetic", 4000, "--window", 50, "--out", f"{cls.folder}/corpus")
        cls.whole = f"{cls.folder}/whole"
        PROGRAM.run(*cls.words(cls.whole), ranks=2)

    @classmethod
    def words(cls, run, steps=STEPS):
        return ["train", "--config", f"{cls.folder}/config.toml", "--corpus", f"{cls.folder}/corpus",
                "--run", run, "--steps", str(steps)]  # fmt: skip

    def validation_that_is(self, best):
        """The step of a validation of the undisturbed run, not its first, that is the best so far or is not."""
        for line in metrics_of(self.whole):
            if line["kind"] == "validation" and line["step"] > EVERY and line["best"] == best:
                return line["step"]
        self.fail(f"no validation of the undisturbed run has best = {best}")

    def start(self, run, rank, report):
        """Goes on with a run on several ranks; `rank` stops itself before it opens the validation shard."""
        faults = storage_faults.environment(self.folder, "stop-before", 1, operations="open",
                                            only="corpus/valid-", rank=rank, report=report)  # fmt: skip
        process = subprocess.Popen(
            ["mpirun", "-n", str(RANKS), PROGRAM.path, *self.words(run)], env=dict(program.ENVIRONMENT, **faults),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)  # fmt: skip
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()

    def wait_until_stopped(self, process, run):
        """The id of the process that has stopped itself."""
        deadline = time.monotonic() + 120
        while not (found := stopped_processes(run)):
            self.assertIsNone(process.poll(), "the job ended before its rank opened the validation shard")
            self.assertLess(time.monotonic(), deadline, "no rank has stopped within 120 s")
            time.sleep(0.02)
        self.assertEqual(len(found), 1, found)
        return found[0]

    def disturb(self, run, rank):
        """Goes on with a run and flips a bit on one rank; gives the exit code and what was said."""
        report = f"{run}.report"
        process = self.start(run, rank, report)
        pid = self.wait_until_stopped(process, run)
        self.assertEqual(len(storage_faults.Report(report).acts), 1)
        self.assertGreater(flip_everywhere(pid, parameters_of(run)["embedding.weight"][-1].tobytes()), 0)
        os.kill(pid, signal.SIGCONT)
        text, _ = process.communicate(timeout=120)
        return process.returncode, text

    def check_that_a_flip_is_found_at(self, step):
        before = f"{self.folder}/before{step}"  # so that the job's first validation is that of `step`
        PROGRAM.run(*self.words(before, step - EVERY), ranks=2)
        for rank in range(RANKS):
            with self.subTest(rank=rank):
                run = f"{self.folder}/disturbed{step}-{rank}"
                shutil.copytree(before, run)
                code, text = self.disturb(run, rank)
                self.assertEqual(code, 76, text)
                self.assertIn(f"validation at step {step}:", text)
                error = next(line for line in text.splitlines() if "lockstep: error: " in line)
                for each in range(RANKS):
                    self.assertEqual(f"rank {each} (" in error, each == rank, error)
                self.assertEqual(state_of(run)["step"], step - EVERY)
                self.assertEqual(raw_metrics_of(run)[-1]["step"], step)  # the flip took part in no update
                PROGRAM.run(*self.words(run), ranks=2)
                self.assertEqual(state_of(run)["parameters_hash"], state_of(self.whole)["parameters_hash"])
                self.assertEqual(metrics_of(run), metrics_of(self.whole))

    def test_a_flip_before_a_save_is_found_by_it_and_the_resumed_run_is_the_undisturbed_one(self):
        self.check_that_a_flip_is_found_at(self.validation_that_is(best=True))

    def test_a_flip_before_a_step_is_found_in_it_and_the_resumed_run_is_the_undisturbed_one(self):
        self.check_that_a_flip_is_found_at(self.validation_that_is(best=False))


if __name__ == "__main__":
    PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    storage_faults.LIBRARY = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
