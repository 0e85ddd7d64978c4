"""Hosts that differ in what they were given are noticed at once, by all ranks alike, with both hosts named:
corpus, run folder, configuration, program, processor. Skipped (77) where there can be no hosts.

    tests/cluster/wrong_hosts_test.py build/release/lockstep build/release/tests/program/libdoctor_faults.so
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
sys.path.insert(0, os.path.dirname(__file__))
from hosts import ENVIRONMENT, Hosts, Unavailable
from program import Program, flags_of_processor

PROGRAM = FAULTS = None
SECONDS = 20  # of a loaded machine; each case prints what it took


class WrongHostsTest(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(dir="/var/tmp")
        self.addCleanup(holder.cleanup)
        self.folder = holder.name
        for name, bases in (("corpus", 6600), ("other", 7700)):
            PROGRAM.run("prepare", "dna", "--synthetic", bases, "--window", 64, "--out", f"{self.folder}/{name}")
        os.makedirs(f"{self.folder}/run")
        os.makedirs(f"{self.folder}/empty")
        self.write("job.toml", "[model]\nhidden_size = 8\n")
        shutil.copy(PROGRAM.path, f"{self.folder}/lockstep")

    def write(self, name, text):
        pathlib.Path(self.folder, name).write_text(text)

    def train(self, hide=None, code=64, expect="", environment=None):
        """Two ranks on each of two hosts; all they say, in which `expect` must come. `hide`: what n2 sees in
        place of which file."""
        with Hosts(2) as hosts:
            if hide:
                seen, place = (f"{self.folder}/{name}" for name in hide)
                done = hosts.run("n2", "mount", "--bind", seen, place)
                self.assertEqual(done.returncode, 0, done.stderr)
            text, ended = self.follow(self.command(hosts, environment or {}), expect)
        self.assertEqual(ended, code, text)
        return text

    def follow(self, command, expect):
        start, seen_after, text = time.monotonic(), None, ""
        with subprocess.Popen(command, env={**os.environ, **ENVIRONMENT}, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True) as process:  # fmt: skip
            for line in process.stdout:
                text += line
                if seen_after is None and re.search(expect, text):
                    seen_after = time.monotonic() - start
        self.assertIsNotNone(seen_after, text)
        self.assertLess(seen_after, SECONDS)
        print(f"{self.id().split('.')[-1]}: said after {seen_after:.2f} s")
        return text, process.returncode

    def command(self, hosts, environment):
        words = [
            *hosts.launcher("n1"), "mpirun", "--mca", "plm_rsh_agent", hosts.agent(), "--mca", "plm_rsh_no_tree_spawn", "1",
            "--host", "n1:2,n2:2", "-np", "4", "--mca", "btl_tcp_if_include", "eth0", "--mca", "oob_tcp_if_include", "eth0",
        ]  # fmt: skip
        for name, value in environment.items():
            words += ["-x", f"{name}={value}"]
        words += [f"{self.folder}/lockstep", "train", "--config", f"{self.folder}/job.toml", "--corpus", f"{self.folder}/corpus",
                  "--run", f"{self.folder}/run", "--steps", "2"]  # fmt: skip
        for setting in ("batch.sequences=16", "batch.slots=8", "train.supervise=false"):
            words += ["--set", setting]
        return words

    def test_hosts_that_see_the_same_files_train(self):
        self.train(code=0, expect="done: step 2")
        self.assertEqual([n for n in os.listdir(f"{self.folder}/run") if n.startswith(".tmp")], [])

    def test_another_corpus_on_a_host(self):
        text = self.train(("other", "corpus"), expect="rank 2 on n2 sees another corpus")
        self.assertIn("rank 0 on n1", text)
        self.assertIn("name a folder that they share with --corpus", text)

    def test_a_corpus_that_a_host_has_not_is_missing_input(self):
        text = self.train(("empty", "corpus"), code=66, expect="cannot read corpus")
        self.assertIn("on host n2", text)

    def test_a_run_folder_of_a_hosts_own(self):
        text = self.train(("empty", "run"), expect="rank 2 on n2 does not see what rank 0 on n1 writes")
        self.assertIn("give --run a folder on the file system that all hosts mount", text)
        self.assertEqual(os.listdir(f"{self.folder}/empty"), [])

    def test_another_configuration_file_on_a_host(self):
        self.write("other.toml", "[model]\nhidden_size = 9\n")
        text = self.train(("other.toml", "job.toml"), expect='rank 2 on n2 has model.hidden_size = "9", rank 0 on n1 has "8"')
        self.assertIn("one --config FILE that all hosts share", text)

    def test_a_configuration_file_that_is_broken_on_a_host(self):
        self.write("broken.toml", "[model\n")
        self.train(("broken.toml", "job.toml"), expect="on host n2: .*job.toml:1: ")

    def test_another_program_on_a_host(self):
        version = subprocess.run([PROGRAM.path, "--version"], capture_output=True, check=True).stdout.split()[1]
        other = pathlib.Path(self.folder, "other_lockstep")
        other.write_bytes(pathlib.Path(PROGRAM.path).read_bytes().replace(version, b"9" * len(version)))
        other.chmod(0o755)
        text = self.train(("other_lockstep", "lockstep"), expect="rank 2 on n2 runs another program")
        self.assertIn("install one build on all hosts", text)

    @unittest.skipUnless("avx512f" in flags_of_processor(), "no AVX-512")
    def test_an_older_processor_on_a_host(self):
        environment = {"LD_PRELOAD": FAULTS, "LOCKSTEP_TEST_FAULT": "no-avx512", "LOCKSTEP_TEST_FAULT_RANK": "2"}
        expect = "rank 2 on n2 has avx2 at best, rank 0 on n1 avx512: all compute with avx2, slower but to the same bits"
        text = self.train(code=0, environment=environment, expect=expect)
        self.assertIn("leave n2 out", text)


if __name__ == "__main__":
    PROGRAM, FAULTS = Program(os.path.abspath(sys.argv.pop(1))), os.path.abspath(sys.argv.pop(1))
    try:
        with Hosts(1):
            pass
    except Unavailable as why:
        print(f"skipped: {why}")
        sys.exit(77)
    unittest.main()
