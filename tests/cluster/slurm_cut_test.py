"""The network of a node is cut while its ranks live: SLURM starts the job again elsewhere, and two starts of
one job meet in one run folder. The later one ends with the bits of a run that nothing disturbed; the earlier
one changes nothing of the run any more and ends by itself with 79. Skipped (77) where slurm.py says so.

Every call that changes a file of the run is written, before it is carried out, to one journal of both starts
(tests/support/storage_faults.c), so it holds who did what and in which order."""

import hashlib
import json
import os
import re
import signal
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
sys.path.insert(0, os.path.dirname(__file__))
from program import Program, metrics_of, state_of
from slurm import Slurm, Unavailable

ENDLESS = 10**8  # steps of the earlier start, which must not be done before SLURM gives it up
MORE_STEPS = 1000  # of the later one, beyond the newest checkpoint that its script finds
SETTINGS = ["model.layers=2", "model.hidden_size=64", "model.dropout=0.3", "batch.sequences=16", "validation.every=1000",
            "checkpoint.every=100", "log.every=50"]  # fmt: skip
CHANGES = "write,truncate,link,rename,unlink,mkdir"


def contents(folder):
    """Inode and hash of each file of the run; a file that is being replaced may be gone again."""
    found = {}
    for path, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(path, name), "rb") as file:
                text = hashlib.sha256(file.read()).hexdigest()
                found[os.path.join(path, name)] = (os.fstat(file.fileno()).st_ino, text)
    return found


class CutTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.slurm = SLURM
        cls.folder = tempfile.mkdtemp(dir=SLURM.hosts.folder)
        cls.corpus = f"{cls.folder}/corpus"
        PROGRAM.run("prepare", "dna", "--synthetic", 6600, "--window", 64, "--out", cls.corpus)

    @classmethod
    def words(cls, run, steps):
        sets = [word for setting in SETTINGS for word in ("--set", setting)]
        return ["--corpus", cls.corpus, "--run", run, "--steps", steps, *sets]

    def setUp(self):
        self.run_folder = tempfile.mkdtemp(dir=self.folder)
        self.log = f"{self.run_folder}.out"
        self.journal_path = f"{self.run_folder}.journal"
        self.slurm.wait_for_nodes()

    def submit(self, nodes):
        """A job of two ranks, which keep the journal."""
        script = PROGRAM.run("job", "--nodes", nodes, "--tasks-per-node", 2 // nodes, "--time", "20:00", "--output", self.log,
                             *self.words(self.run_folder, ENDLESS))  # fmt: skip
        journal = {"LD_PRELOAD": LIBRARY, "FAULTS_UNDER": self.run_folder, "FAULTS_ACT": "note",
                   "FAULTS_AT": "1-", "FAULTS_OPS": CHANGES, "FAULTS_REPORT": self.journal_path}  # fmt: skip
        words = " ".join(f"{name}={value}" for name, value in journal.items())
        start = "FAULTS_NAME=start-${SLURM_RESTART_COUNT:-0}"
        command = '  "${launch[@]}" "$lockstep"'
        later = f"((${{SLURM_RESTART_COUNT:-0}})) && steps=$(($(newest_step) + {MORE_STEPS}))"
        self.assertEqual((script.count(command), script.count(f"--steps {ENDLESS}")), (1, 1))
        script = script.replace(f"--steps {ENDLESS}", "")
        changed = script.replace(
            command, f'  steps={ENDLESS}; {later}\n  words+=(--steps "$steps")\n  env {words} {start}{command}'
        )
        path = f"{self.run_folder}.sbatch"
        with open(path, "w") as file:
            file.write(changed)
        self.job = self.slurm.submit(path)

    def text(self):
        if not os.path.exists(self.log):
            return ""
        with open(self.log) as file:
            return file.read()

    def wait_for(self, holds, what, seconds=120):
        self.slurm.wait_until(holds, seconds, f"{what}; {self.text()[-3000:]}")

    def newest(self):
        folder = f"{self.run_folder}/checkpoints"
        names = os.listdir(folder) if os.path.isdir(folder) else []
        return max((int(name[5:-3]) for name in names if re.fullmatch(r"step-[0-9]+\.h5", name)), default=0)

    def owner(self):
        try:
            with open(f"{self.run_folder}/.owner") as file:
                return json.load(file)
        except FileNotFoundError:
            return {}

    def journal(self):
        """(start, operation, path below the run) of each change, in order."""
        with open(self.journal_path) as file:
            found = re.findall(r"^start-([0-9]) acted [0-9]+ ([a-z]+) (.*)$", file.read(), re.MULTILINE)
        return [(int(start), operation, os.path.relpath(path, self.run_folder)) for start, operation, path in found]

    def processes_of(self, node):
        """Ranks, their supervisors and srun on the node, by the numbers of this machine."""
        space = os.readlink(f"/proc/{self.slurm.hosts.first_process[node]}/ns/pid")
        found = {}
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink(f"/proc/{name}/ns/pid") != space:
                    continue
                with open(f"/proc/{name}/comm") as file:
                    found[int(name)] = file.read().strip()
            except OSError:
                continue
        return found

    def ranks_on(self, node):
        return [process for process, name in self.processes_of(node).items() if name == "lockstep"]

    def signal_node(self, node, number):
        for process in self.ranks_on(node):
            os.kill(process, number)

    def start_and_cut(self, nodes=1):
        """Gives the node of rank 0 and of the script, which is cut off, with ranks that have saved and live."""
        self.submit(nodes)
        self.wait_for(lambda: self.newest() >= 300, "checkpoint 300")
        node = self.owner()["host"]
        self.slurm.hosts.cut(node)
        self.addCleanup(self.slurm.hosts.mend, node)
        return node

    def wait_for_successor(self, node):
        self.wait_for(lambda: self.owner().get("start") == 1, "the token of the second start")
        self.assertNotEqual(self.owner()["host"], node)
        self.assertEqual(self.owner()["job"], self.job)

    def check_superseded(self, node):
        """The earlier start ends by itself, while nobody reaches its node."""
        self.wait_for(lambda: not self.ranks_on(node), "the end of the earlier start", 60)
        # The script's own word of it may come minutes later, as srun asks for a controller that is not there.
        exits = f"srun: error: {node}: tasks 0-1: Exited with exit code 79"
        self.wait_for(lambda: exits in self.text(), "srun's word of 79", 60)
        self.assertIn("has taken over the run", self.text())

    def check_journal(self):
        """Behind the token of the later start the earlier one gives and takes no name, and writes only what has
        no name: its unfinished checkpoint, and the metrics that it has open, which were replaced."""
        journal = self.journal()
        token = journal.index((1, "rename", ".owner"))
        before = [entry for entry in journal[:token] if entry[0] == 0]
        self.assertTrue([entry for entry in before if entry[1] == "link"], "the journal lacks the earlier start")
        late = [entry for entry in journal[token:] if entry[0] == 0]
        nameless = ("checkpoints/.tmp-", "metrics.jsonl")
        harmful = [entry for entry in late if entry[1] != "write" or not entry[2].startswith(nameless)]
        harmful = [entry for entry in harmful if not (entry[1] == "unlink" and "/.tmp-" in entry[2])]
        self.assertEqual(harmful, [])
        print(f"{len(journal)} changes, {len(late)} of the earlier start behind the token", flush=True)

    def check_done(self):
        self.assertEqual(self.slurm.wait(self.job, 240), "COMPLETED", self.text()[-3000:])
        with open(f"{self.run_folder}/done.json") as file:
            done = json.load(file)["step"]
        undisturbed = f"{self.run_folder}.undisturbed"
        PROGRAM.run("train", *self.words(undisturbed, done), timeout=600)
        self.assertEqual(state_of(self.run_folder)["parameters_hash"], state_of(undisturbed)["parameters_hash"])
        metrics = metrics_of(self.run_folder)
        self.assertEqual(metrics, metrics_of(undisturbed))
        steps = [line["step"] for line in metrics if "learning_rate" in line]
        self.assertEqual(steps, list(range(50, done + 1, 50)))
        PROGRAM.run("verify", self.run_folder)

    def test_ranks_behind_a_cut_link_end_themselves_and_the_mended_link_harms_nothing(self):
        node = self.start_and_cut()
        self.wait_for_successor(node)
        self.check_superseded(node)
        self.slurm.hosts.mend(node)
        self.check_done()
        self.check_journal()

    def test_ranks_that_wake_up_when_the_run_is_done_change_nothing(self):
        # As on a node whose files do not answer while it is cut off.
        node = self.start_and_cut()
        self.signal_node(node, signal.SIGSTOP)
        stopped = self.ranks_on(node)
        self.wait_for_successor(node)
        self.check_done()
        before, changes = contents(self.run_folder), len(self.journal())
        self.assertEqual(self.ranks_on(node), stopped)
        self.signal_node(node, signal.SIGCONT)
        self.check_superseded(node)
        self.assertEqual(contents(self.run_folder), before)
        self.slurm.hosts.mend(node)
        self.slurm.wait_for_nodes()
        self.assertEqual(contents(self.run_folder), before)
        self.check_journal()
        self.assertEqual([entry for entry in self.journal()[changes:] if entry[0] == 1], [])

    def test_half_of_a_job_behind_a_cut_link_ends_itself_and_writes_nothing(self):
        # Its ranks wait for those that SLURM has ended, and hear nothing of that.
        node = self.start_and_cut(nodes=2)
        self.wait_for_successor(node)
        cut = time.monotonic()
        self.wait_for(lambda: not self.ranks_on(node), "the end of the earlier start", 60)
        print(f"half a job ended {time.monotonic() - cut:.1f} s after another start took its run", flush=True)
        self.check_done()
        self.assertIn("has taken over the run", self.text())
        before = contents(self.run_folder)
        self.slurm.hosts.mend(node)
        self.slurm.wait_for_nodes()
        self.assertEqual(contents(self.run_folder), before)
        self.check_journal()


def main():
    global PROGRAM, LIBRARY, SLURM
    PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    LIBRARY = os.path.abspath(sys.argv.pop(1))
    names = [word for word in sys.argv[1:] if not word.startswith("-")]
    loader = unittest.defaultTestLoader
    suite = unittest.TestSuite(map(CutTest, names)) if names else loader.loadTestsFromTestCase(CutTest)
    try:
        with Slurm(3) as SLURM:
            result = unittest.TextTestRunner(verbosity=2).run(suite)
    except Unavailable as reason:
        print(f"skipped: {reason}")
        sys.exit(77)
    sys.exit(0 if result.wasSuccessful() else 1)


if __name__ == "__main__":
    main()
