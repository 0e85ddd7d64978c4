"""A job that was started wrongly says so at once, on all ranks alike, with the command that would be right; that
command is then run, where this machine can. Hosts that differ in their files: tests/cluster/wrong_hosts_test.py.

    tests/program/wrong_launch_test.py build/release/lockstep build/release/tests/program/libdoctor_faults.so
"""

import os
import pathlib
import re
import stat
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import ENVIRONMENT, Program, flags_of_processor, state_of

PROGRAM = FAULTS = None
CORES = len(os.sched_getaffinity(0))
# What the user types shall decide, not what other tests set.
PLAIN = {k: v for k, v in ENVIRONMENT.items() if not k.startswith(("OMPI_MCA", "SLURM_", "PMI", "LOCKSTEP_"))}
SECONDS = 20  # to the message, on a crowded machine; each case prints what it took
HAS_AVX512 = "avx512f" in flags_of_processor()


class WrongLaunchTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory(dir="/var/tmp")
        cls.addClassCleanup(holder.cleanup)
        cls.folder = holder.name
        PROGRAM.run("prepare", "dna", "--synthetic", 6600, "--window", 64, "--out", f"{cls.folder}/corpus")

    def lockstep(self, *settings, run="run", program=None):
        words = [str(program or PROGRAM.path), "train", "--corpus", f"{self.folder}/corpus", "--run"]
        words += [f"{self.folder}/{self.id().split('.')[-1]}-{run}", "--steps", "2", "--set", "model.hidden_size=8"]
        for setting in settings:
            words += ["--set", setting]
        return words

    def start(self, *command, expect="", code=0, environment=None):
        """Runs a command; all it says, in which `expect` must come. Prints how soon it did."""
        start = time.monotonic()
        process = subprocess.Popen(command, env=dict(PLAIN, **(environment or {})), stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True)  # fmt: skip
        text, seen_after = "", None
        for line in process.stdout:
            text += line
            if seen_after is None and expect and re.search(expect, text):
                seen_after = time.monotonic() - start
        process.stdout.close()
        self.assertEqual(process.wait(timeout=60), code, text)
        if expect:
            self.assertIsNotNone(seen_after, text)
            self.assertLess(seen_after, SECONDS)
            print(f"{self.id().split('.')[-1]}: said after {seen_after:.2f} s")
        return text

    def start_as_advised(self, text, *lockstep):
        """The mpirun that a message gives in `...`; nothing is amiss with it."""
        advised = re.search("`(mpirun [^`]*)`", text).group(1).split()
        self.assertNotIn("warning", self.start(*advised, *lockstep))
        return advised

    def test_ranks_that_know_nothing_of_each_other(self):
        text = self.start(*self.lockstep(), code=64, environment={"SLURM_STEP_NUM_TASKS": "4"},
                          expect="takes itself for rank 0 of 1, but SLURM_STEP_NUM_TASKS is 4")  # fmt: skip
        self.assertIn("`srun --mpi=pmix`", text)
        self.assertFalse(os.path.exists(self.lockstep()[5]))

    @unittest.skipIf(CORES < 2, "one core")
    def test_ranks_on_one_core(self):
        core = min(os.sched_getaffinity(0))
        text = self.start("mpirun", "-n", "2", "--bind-to", "none", "taskset", "-c", str(core), *self.lockstep(),
                          expect=rf"ranks 0, 1 on \S+ compute with 2 threads on 1 core \({core}\)")  # fmt: skip
        self.assertIn("--map-by", self.start_as_advised(text, *self.lockstep(run="right")))

    def test_more_threads_than_cores(self):
        ranks = os.cpu_count() + 1
        slots = f"batch.slots={ranks}"
        text = self.start("mpirun", "--oversubscribe", "-n", str(ranks), *self.lockstep(slots),
                          expect=f"compute with {ranks} threads on {CORES} core")  # fmt: skip
        advised = self.start_as_advised(text, *self.lockstep(slots, run="right"))
        self.assertEqual(advised[:3], ["mpirun", "-n", str(os.cpu_count())])

    def test_more_threads_than_a_rank_is_bound_to(self):
        text = self.start("mpirun", "-n", "1", "--bind-to", "core", *self.lockstep("train.threads=2"),
                          expect=r"rank 0 on \S+ computes with 2 threads on 1 core")  # fmt: skip
        if os.cpu_count() >= 2:
            self.start_as_advised(text, *self.lockstep("train.threads=2", run="right"))

    def another_program(self, change):
        path = pathlib.Path(self.folder, "other")
        path.write_bytes(change(pathlib.Path(PROGRAM.path).read_bytes()))
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    def start_two(self, other, **more):
        return self.start("mpirun", "--bind-to", "none", "-n", "1", *self.lockstep(), ":", "-n", "1", *other, **more)

    def test_another_build_on_a_rank(self):
        other = self.another_program(lambda data: data + b"\0")
        text = self.start_two(self.lockstep(program=other), expect=r"rank 1 on \S+ runs another program")
        self.assertIn("`lockstep doctor` compares their answers", text)

    def test_another_version_on_a_rank(self):
        version = subprocess.run([PROGRAM.path, "--version"], capture_output=True, check=True).stdout.split()[1]
        other = self.another_program(lambda data: data.replace(version, b"9" * len(version)))
        expect = rf"rank 1 on \S+ runs another program \(lockstep {'9' * len(version)}, "
        text = self.start_two(self.lockstep(program=other), code=64, expect=expect)
        self.assertIn("install one build on all hosts", text)
        self.assertFalse(os.path.exists(self.lockstep()[5]))

    def test_another_configuration_on_a_rank(self):
        other = self.lockstep("schedule.learning_rate=0.5")
        expect = r'rank 1 on \S+ has schedule.learning_rate = "0.5", rank 0 on \S+ has "'
        text = self.start_two(other, code=64, expect=expect)
        self.assertIn("one --config FILE that all hosts share", text)

    def start_with_old_processor(self, fault, *settings, **more):
        """Rank 1 of two has not the newest instructions."""
        environment = {"LD_PRELOAD": FAULTS, "LOCKSTEP_TEST_FAULT": fault, "LOCKSTEP_TEST_FAULT_RANK": "1"}
        return self.start("mpirun", "--bind-to", "none", "-n", "2", *self.lockstep(*settings),
                          environment=environment, **more)  # fmt: skip

    @unittest.skipUnless(HAS_AVX512, "no AVX-512")
    def test_an_older_processor_that_gives_the_same_bits(self):
        self.start_with_old_processor("no-avx512", expect=r"rank 1 on \S+ has avx2 at best, rank 0 on \S+ avx512: all "
                                      "compute with avx2, slower but to the same bits")  # fmt: skip
        self.start(*self.lockstep(run="new"))
        found = {state_of(self.lockstep(run=run)[5])["parameters_hash"] for run in ("run", "new")}
        self.assertEqual(len(found), 1)

    @unittest.skipUnless(HAS_AVX512, "no AVX-512")
    def test_an_older_processor_that_gives_the_same_bits_in_bf16(self):
        self.start_with_old_processor("no-avx512", "numerics.precision=bf16",
                                      expect="bf16 computes at the speed of float32 here")  # fmt: skip
        self.start(*self.lockstep("numerics.precision=bf16", run="new"))
        found = {state_of(self.lockstep(run=run)[5])["parameters_hash"] for run in ("run", "new")}
        self.assertEqual(len(found), 1)

    @unittest.skipUnless("avx2" in flags_of_processor(), "no AVX2")
    def test_an_older_processor_that_gives_other_bits(self):
        text = self.start_with_old_processor("no-avx2", expect="all compute with sse4, slower and to other bits")
        self.assertIn("`sbatch --exclude=", text)

    @unittest.skipUnless(HAS_AVX512, "no AVX-512")
    def test_a_processor_that_has_not_the_instructions_asked_for(self):
        self.start_with_old_processor("no-avx512", "numerics.isa=avx512", code=64,
                                      expect=r"numerics.isa is avx512; rank 1 on \S+ has avx2 at best")  # fmt: skip
        self.assertFalse(os.path.exists(self.lockstep()[5]))


if __name__ == "__main__":
    PROGRAM, FAULTS = Program(os.path.abspath(sys.argv.pop(1))), os.path.abspath(sys.argv.pop(1))
    unittest.main()
