"""`lockstep job` prints a script that a shell reads as it is meant, whatever names are in it; here with
launchers of this test's own in place of SLURM's. On a real SLURM: tests/cluster/slurm_test.py."""

import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import Program

HOSTILE = ["a b", "it's", 'say "x"', "$(touch canary)", "`touch canary`", "a;touch canary", "-n", "#x", "ä\u00a0ö",
           "new\nline", "*", "a&b", "\\", "~"]  # fmt: skip

# What the script calls; each writes down its words.
SRUN = """#!/bin/bash
if [[ $1 == --mpi=list ]]; then echo pmix; exit; fi
printf '%s\\0' "$@" > words
[[ -z ${SRUN_DONE:-} ]] || touch "$SRUN_DONE"
exit "${SRUN_CODE:-0}"
"""
SCONTROL = """#!/bin/bash
if [[ $1 != show ]]; then echo "$*" > requeued; exit; fi
[[ -n ${RESTARTS-0} ]] && echo "JobId=7 Restarts=${RESTARTS-0} Other=1"
"""
NOTHING = "#!/bin/bash\n"


class JobScriptTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shared = tempfile.TemporaryDirectory()
        cls.corpus = f"{cls.shared.name}/corpus"
        PROGRAM.run("prepare", "dna", "--synthetic", 2000, "--window", 50, "--out", cls.corpus)

    @classmethod
    def tearDownClass(cls):
        cls.shared.cleanup()

    def setUp(self):
        self.folder = tempfile.mkdtemp(dir=self.shared.name)
        for name, text in {"srun": SRUN, "scontrol": SCONTROL, "squeue": NOTHING, "sleep": NOTHING}.items():
            with open(f"{self.folder}/{name}", "w") as file:
                file.write(text)
            os.chmod(f"{self.folder}/{name}", 0o755)

    def script(self, *words, run="run", time="10:00", code=0):
        return PROGRAM.run("job", "--time", time, "--corpus", self.corpus, "--run", run, "--steps", 3, *words, code=code)

    def start(self, script, code, **environment):
        known = {"PATH": f"{self.folder}:{os.environ['PATH']}", "SLURM_JOB_ID": "7", "SLURM_JOB_NODELIST": "n1",
                 "SLURM_JOB_NUM_NODES": "1", "SLURM_JOB_END_TIME": "9999999999"}  # fmt: skip
        done = subprocess.run(["bash", "-c", script], cwd=self.folder, env={**known, **environment}, check=False,
                              capture_output=True, text=True, timeout=60)  # fmt: skip
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def words(self):
        with open(f"{self.folder}/words", "rb") as file:
            return [word.decode() for word in file.read().split(b"\0")[:-1]]

    def test_names_that_a_shell_would_take_apart_arrive_whole(self):
        for number, name in enumerate(HOSTILE):
            run = f"{self.folder}/{number}/{name}"
            script = self.script("--set", "model.cell=gru", run=run)
            self.start(script, 0, SRUN_CODE="0")
            words = self.words()
            self.assertEqual(words[words.index("--run") + 1], run)
            self.assertFalse(os.path.exists(f"{self.folder}/canary"))

    def test_75_is_queued_again_and_64_is_not(self):
        script = self.script(run=f"{self.folder}/run")
        os.makedirs(f"{self.folder}/run")
        self.assertIn("ended with 75 at step 0; queued again", self.start(script, 0, SRUN_CODE="75"))
        with open(f"{self.folder}/requeued") as file:
            self.assertEqual(file.read(), "requeue 7\n")
        os.unlink(f"{self.folder}/requeued")
        self.assertIn("not queued again", self.start(script, 64, SRUN_CODE="64"))
        self.assertFalse(os.path.exists(f"{self.folder}/requeued"))

    def test_a_start_that_has_a_successor_leaves_it_alone(self):
        script = self.script(run=f"{self.folder}/run")
        os.makedirs(f"{self.folder}/run")
        text = self.start(script, 76, SRUN_CODE="76", RESTARTS="1")
        self.assertIn("ended with 76; the job has been started again already", text)
        text = self.start(script, 76, SRUN_CODE="76", RESTARTS="")  # behind a cut link nobody says so
        self.assertIn("ended with 76; SLURM does not answer", text)
        self.assertEqual(os.listdir(f"{self.folder}/run"), [])
        self.assertFalse(os.path.exists(f"{self.folder}/requeued"))

    def test_a_finished_run_is_not_queued_again(self):
        script = self.script(run=f"{self.folder}/run")
        os.makedirs(f"{self.folder}/run")
        self.assertIn("done at step", self.start(script, 0, SRUN_DONE="run/done.json"))
        self.assertFalse(os.path.exists(f"{self.folder}/requeued"))

    def test_the_mark_of_an_earlier_command_is_not_taken_for_one_of_this(self):
        script = self.script(run=f"{self.folder}/run")
        os.makedirs(f"{self.folder}/run")
        open(f"{self.folder}/run/done.json", "w").close()
        self.assertIn("ended with 76 at step 0; queued again", self.start(script, 0, SRUN_CODE="0"))

    def test_more_workers_than_slots_are_refused(self):
        text = self.script("--nodes", 3, "--tasks-per-node", 3, code=64)
        self.assertIn("9 workers, but batch.slots is 8", text)

    def test_a_lead_longer_than_the_limit_is_refused(self):
        self.assertIn("training would have no time", self.script("--lead", 700, code=64))

    def test_a_time_that_sbatch_does_not_know_is_refused(self):
        self.assertIn('--time is "4h"', self.script(time="4h", code=64))

    def test_a_missing_corpus_is_refused_now_and_not_when_the_job_starts(self):
        text = PROGRAM.run("job", "--time", "1:0:0", "--corpus", "none", "--run", "r", "--steps", 1, code=66)
        self.assertIn("none", text)

    def test_the_scripts_that_are_shipped_are_clean(self):
        folder = os.path.join(os.path.dirname(__file__), "..", "..", "launch", "slurm")
        for name in os.listdir(folder):
            subprocess.run(["shellcheck", os.path.join(folder, name)], check=True)


if __name__ == "__main__":
    PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    unittest.main(verbosity=2)
