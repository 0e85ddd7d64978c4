"""Hosts that do not see the same files are noticed before training starts, by all ranks alike: another
corpus, none, and a run folder of a host's own. Skipped (77) where there can be no hosts."""

import os
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
sys.path.insert(0, os.path.dirname(__file__))
from hosts import ENVIRONMENT, Hosts, Unavailable
from program import Program

PROGRAM = None
SECONDS = 20  # of a loaded machine; it takes about one


class WrongFilesTest(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(dir="/var/tmp")
        self.addCleanup(holder.cleanup)
        self.folder = holder.name
        for name, bases in (("corpus", 6600), ("other", 7700)):
            PROGRAM.run("prepare", "dna", "--synthetic", bases, "--window", 64, "--out", f"{self.folder}/{name}")
        os.makedirs(f"{self.folder}/run")
        os.makedirs(f"{self.folder}/empty")

    def train(self, hide=None, code=64):
        """Two ranks on each of two hosts; `hide`: what n2 sees in place of which folder."""
        with Hosts(2) as hosts:
            if hide:
                seen, place = (f"{self.folder}/{name}" for name in hide)
                done = hosts.run("n2", "mount", "--bind", seen, place)
                self.assertEqual(done.returncode, 0, done.stderr)
            start = time.monotonic()
            done = self.mpirun(hosts)
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
            self.assertLess(time.monotonic() - start, SECONDS)
            return done.stdout + done.stderr

    def mpirun(self, hosts):
        words = [
            *hosts.launcher("n1"), "mpirun", "--mca", "plm_rsh_agent", hosts.agent(), "--mca", "plm_rsh_no_tree_spawn", "1",
            "--host", "n1:2,n2:2", "-np", "4", "--mca", "btl_tcp_if_include", "eth0", "--mca", "oob_tcp_if_include", "eth0",
            PROGRAM.path, "train", "--corpus", f"{self.folder}/corpus", "--run", f"{self.folder}/run", "--steps", "2",
        ]  # fmt: skip
        for setting in ("model.hidden_size=8", "batch.sequences=16", "batch.slots=8", "train.supervise=false"):
            words += ["--set", setting]
        whole = {**os.environ, **ENVIRONMENT}
        return subprocess.run(words, env=whole, capture_output=True, text=True, timeout=100, check=False)

    def test_hosts_that_see_the_same_files_train(self):
        self.assertIn("done: step 2", self.train(code=0))
        self.assertEqual([n for n in os.listdir(f"{self.folder}/run") if n.startswith(".tmp")], [])

    def test_another_corpus_on_a_host_is_named_with_both_hosts(self):
        text = self.train(("other", "corpus"))
        self.assertIn("rank 2 on n2 sees another corpus", text)
        self.assertIn("rank 0 on n1", text)

    def test_a_corpus_that_a_host_has_not_is_missing_input(self):
        text = self.train(("empty", "corpus"), code=66)
        self.assertIn("cannot read corpus", text)
        self.assertIn("n2", text)

    def test_a_run_folder_of_a_hosts_own_is_named(self):
        text = self.train(("empty", "run"))
        self.assertIn("rank 2 on n2 does not see what rank 0 on n1 writes", text)
        self.assertEqual(os.listdir(f"{self.folder}/empty"), [])


if __name__ == "__main__":
    PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    try:
        with Hosts(1):
            pass
    except Unavailable as why:
        print(f"skipped: {why}")
        sys.exit(77)
    unittest.main()
