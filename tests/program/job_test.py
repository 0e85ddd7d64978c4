"""`lockstep job` prints a script that a shell reads as it is meant, whatever names are in it; here with
launchers of this test's own in place of SLURM's. On a real SLURM: tests/cluster/slurm_test.py."""

import glob
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import HOSTILE_STEPS, Program

HOSTILE = ["a b", "it's", 'say "x"', "$(touch canary)", "`touch canary`", "a;touch canary", "-n", "#x", "ä\u00a0ö",
           "new\nline", "*", "a&b", "\\", "~"]  # fmt: skip

# What the script calls; each writes down its words.
SRUN = """#!/bin/bash
if [[ $1 == --mpi=list ]]; then echo pmix; exit; fi
printf '%s\\0' "$@" > words
eval "${SRUN_DOES:-}"
[[ -z ${SRUN_DONE:-} ]] || touch "$SRUN_DONE"
exit "${SRUN_CODE:-0}"
"""
SCONTROL = """#!/bin/bash
if [[ $1 != show ]]; then echo "$*" > requeued; exit; fi
echo "$4" > asked
state="JobState=${STATE:-RUNNING} Reason=${REASON:-None}"
[[ -n ${RESTARTS-0} ]] && echo "JobId=7 $state Restarts=${RESTARTS-0} Other=1"
[[ -z ${WHOLE_ARRAY:-} ]] || echo "JobId=8 JobState=RUNNING Reason=None Restarts=0 Other=1"
"""
SQUEUE = '#!/bin/bash\neval "${SQUEUE_DOES:-}"\n'
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
        for name, text in {"srun": SRUN, "scontrol": SCONTROL, "squeue": SQUEUE, "sleep": NOTHING}.items():
            with open(f"{self.folder}/{name}", "w") as file:
                file.write(text)
            os.chmod(f"{self.folder}/{name}", 0o755)

    def script(self, *words, run="run", time="10:00", code=0, made_in=None):
        """Made in the folder that it is started in, unless another one is named."""
        return PROGRAM.run("job", "--time", time, "--corpus", self.corpus, "--run", run, "--steps", 3, *words, code=code,
                           folder=made_in or self.folder)  # fmt: skip

    def start(self, script, code, output="lockstep-7.out", **environment):
        """Gives what the job's output holds then."""
        known = {"PATH": f"{self.folder}:{os.environ['PATH']}", "SLURM_JOB_ID": "7", "SLURM_JOB_NODELIST": "n1",
                 "SLURM_JOB_NUM_NODES": "2", "SLURM_NTASKS_PER_NODE": "3", "SLURM_JOB_END_TIME": "9999999999"}  # fmt: skip
        known.update(environment)
        known = {name: value for name, value in known.items() if value is not None}
        with open(f"{self.folder}/{output}", "a+") as file:
            done = subprocess.run(["bash", "-c", script], cwd=self.folder, env=known, check=False, stdout=file,
                                  stderr=file, timeout=60)  # fmt: skip
            file.seek(0)
            text = file.read()
        self.assertEqual(done.returncode, code, text)
        return text

    def started(self):
        return os.path.exists(f"{self.folder}/words")

    def requeued(self):
        """The words of scontrol, since it was last asked so."""
        path = f"{self.folder}/requeued"
        if not os.path.exists(path):
            return None
        with open(path) as file:
            text = file.read()
        os.unlink(path)
        return text

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

    def test_relative_paths_begin_where_the_script_was_made(self):
        words = ("--set", "data.mix=other=1")
        for name in ("it's", "$(touch canary)", "new\nline"):
            made_in = f"{self.folder}/made in/{name}"
            os.makedirs(made_in)
            os.symlink(self.corpus, f"{made_in}/other")
            self.start(self.script(*words, made_in=made_in), 0)
            self.assertTrue(os.path.exists(f"{made_in}/words"), "the launcher was called in the folder of the job")
            self.assertFalse(self.started())
            self.assertFalse(glob.glob(f"{self.folder}/**/canary", recursive=True))
        self.assertIn("cannot read corpus other", self.script(*words, code=66))

    def test_a_folder_that_the_node_does_not_see_is_named(self):
        made_in = f"{self.folder}/gone\x1b[31m"
        os.mkdir(made_in)
        script = self.script(run=f"{self.folder}/run", made_in=made_in)
        os.rmdir(made_in)
        text = self.start(script, 66)
        self.assertIn(f"cannot enter {self.folder}/gone<U+001B>[31m, where relative paths begin; make the script", text)
        self.assertFalse(self.started())

    def test_a_name_beside_the_checkpoints_is_neither_run_nor_counted(self):
        os.makedirs(f"{self.folder}/run/checkpoints")
        names = [f"step-{name}.h5" for name in ("000000000007", "000000000012", *HOSTILE_STEPS)]
        for name in names:
            open(f"{self.folder}/run/checkpoints/{name}", "w").close()
        text = self.start(self.script(run=f"{self.folder}/run"), 0, SRUN_CODE="75")
        self.assertIn("begins at step 12: ", text)
        self.assertFalse(os.path.exists(f"{self.folder}/canary"))

    def test_starts_are_not_noted_through_a_link(self):
        os.makedirs(f"{self.folder}/run")
        script, notes = self.script(run=f"{self.folder}/run"), f"{self.folder}/run/.starts"
        with open(f"{self.folder}/victim", "w") as file:
            file.write("mine\n")
        for target in ("../victim", "../nowhere"):
            os.symlink(target, notes)
            self.assertIn(f"cannot note starts in {notes}: it is a symbolic link", self.start(script, 73))
            os.unlink(notes)
        os.mkfifo(notes)
        self.assertIn("or no regular file; move it away, and submit the job again", self.start(script, 73))
        self.assertFalse(self.started())
        self.assertFalse(os.path.exists(f"{self.folder}/nowhere"))
        with open(f"{self.folder}/victim") as file:
            self.assertEqual(file.read(), "mine\n")

    def test_75_is_queued_again_and_64_is_not(self):
        script = self.script(run=f"{self.folder}/run")
        self.assertIn("ended with 75 at step 0; queued again", self.start(script, 0, SRUN_CODE="75"))
        self.assertEqual(self.requeued(), "requeue 7\n")
        self.assertIn("not queued again", self.start(script, 64, SRUN_CODE="64"))
        self.assertIsNone(self.requeued())

    def test_ranks_and_their_cores_are_those_of_the_job(self):
        script = self.script(run=f"{self.folder}/run")
        self.start(script, 0, SRUN_CODE="75", SLURM_CPUS_PER_TASK="4")
        self.assertLess({"--nodes=2", "--ntasks=6", "--cpus-per-task=4"}, set(self.words()))
        self.start(script, 0, SRUN_CODE="75", SLURM_NTASKS_PER_NODE=None, SLURM_NTASKS="3")
        self.assertLess({"--nodes=2", "--ntasks=3", "--cpus-per-task=1"}, set(self.words()))
        text = self.start(script, 64, SLURM_NTASKS_PER_NODE=None)
        self.assertIn("give sbatch --ntasks-per-node or --ntasks", text)

    def test_a_start_that_has_a_successor_leaves_it_alone(self):
        script = self.script(run=f"{self.folder}/run")
        notes = "echo 7 0 0 > run/.starts; echo 7 1 0 >> run/.starts"
        text = self.start(script, 76, SRUN_CODE="76", SRUN_DOES=notes, RESTARTS="1")
        self.assertIn("ended with 76; the job has been started again already", text)
        text = self.start(script, 76, SRUN_CODE="76", SRUN_DOES=notes, RESTARTS="")  # nobody says so behind a cut link
        self.assertIn("ended with 76; SLURM does not answer", text)
        text = self.start(script, 76, SRUN_CODE="76", SRUN_DOES=notes, RESTARTS="1", STATE="COMPLETING")
        self.assertIn("because SLURM ended or requeued the job", text)
        with open(f"{self.folder}/run/.starts") as file:
            self.assertEqual(file.read(), "7 0 0\n7 1 0\n")
        self.assertIsNone(self.requeued())

    def test_a_task_of_an_array_is_named_alone(self):
        script = self.script(run=f"{self.folder}/run")
        task = {"SRUN_CODE": "75", "SLURM_ARRAY_JOB_ID": "7", "SLURM_ARRAY_TASK_ID": "2"}
        self.start(script, 0, **task)
        self.assertEqual(self.requeued(), "requeue 7_2\n")
        with open(f"{self.folder}/asked") as file:
            self.assertEqual(file.read(), "7_2\n")
        self.assertIn("SLURM does not answer", self.start(script, 75, WHOLE_ARRAY="1", **task))
        self.assertIsNone(self.requeued())

    def test_a_job_that_slurm_has_ended_is_not_queued_again_but_at_its_limit(self):
        script = self.script(run=f"{self.folder}/run")
        for end in ("9999999999", None):  # None: nobody knows it
            text = self.start(script, 75, SRUN_CODE="75", STATE="COMPLETING", SLURM_JOB_END_TIME=end)
            self.assertIn("ended with 75 at step 0 because SLURM ended", text)
            terminated = "kill -TERM $PPID"
            self.start(script, 75, SRUN_CODE="75", SRUN_DOES=terminated, SLURM_JOB_END_TIME=end)
            self.assertIsNone(self.requeued())
            self.start(script, 0, SRUN_CODE="75", SRUN_DOES=terminated, STATE="COMPLETING", REASON="TimeLimit",
                       SLURM_JOB_END_TIME=end)  # fmt: skip
            self.assertEqual(self.requeued(), "requeue 7\n")

    def test_the_third_start_that_comes_no_further_is_the_last(self):
        script = self.script(run=f"{self.folder}/run")
        for count in range(2):
            self.start(script, 0, SRUN_CODE="76", SLURM_RESTART_COUNT=str(count), RESTARTS=str(count))
        # Starts of another job of the run, and one that SLURM ended, are no reason to give up.
        self.start(script, 0, SRUN_CODE="76", SLURM_JOB_ID="8", output="8.out")
        self.start(script, 76, SRUN_CODE="76", SLURM_JOB_ID="9", STATE="COMPLETING", output="9.out")
        text = self.start(script, 76, SRUN_CODE="76", SLURM_RESTART_COUNT="2", RESTARTS="2")
        self.assertIn("ended with 76 at step 0 for the third time in a row; not queued again", text)
        self.requeued()
        self.start(script, 0, SRUN_CODE="76", SLURM_RESTART_COUNT="3", RESTARTS="3")  # queued by hand
        self.assertEqual(self.requeued(), "requeue 7\n")

    def test_starts_that_went_down_with_their_node_count(self):
        script = self.script(run=f"{self.folder}/run")
        for _ in range(3):
            self.start(script, -9, SRUN_DOES="kill -KILL $PPID")
        os.unlink(f"{self.folder}/words")
        self.assertIn("three starts in a row ended at step 0", self.start(script, 76))
        self.assertFalse(self.started())

    def test_a_signal_before_the_ranks_are_started_is_kept(self):
        script = self.script(run=f"{self.folder}/run")
        text = self.start(script, 0, SQUEUE_DOES="kill -USR1 \"$(ps -o ppid= $PPID | tr -d ' ')\"",
                          SLURM_JOB_END_TIME=None)  # fmt: skip
        self.assertIn("got USR1", text)
        self.assertIn("ended with 75 at step 0; queued again", text)
        self.assertFalse(self.started())

    def test_a_launcher_is_asked_once_it_takes_the_signal(self):
        script = self.script(run=f"{self.folder}/run")
        late = "kill -USR1 $PPID; for ((i = 0; i < 20000; i++)); do :; done; trap 'exit 75' USR1; while :; do :; done"
        self.assertIn("ended with 75 at step 0; queued again", self.start(script, 0, SRUN_DOES=late))

    def test_the_code_of_the_rank_that_began_it_counts(self):
        script = self.script(run=f"{self.folder}/run")
        says = ("echo 'srun: error: n1: tasks 1-2: Exited with exit code {}' >&2;"
                "echo 'srun: error: n1: task 0: Terminated' >&2")  # fmt: skip
        of_start = {"SRUN_CODE": "143", "SRUN_DOES": says.format(65)}
        self.assertIn("ended with 65, which another start", self.start(script, 65, **of_start))
        self.start(script, 0, SRUN_CODE="143")  # nothing of an earlier start
        os.unlink(f"{self.folder}/run/.starts")
        self.start(script, 0, SRUN_CODE="143", SRUN_DOES=says.format(76))
        self.start(script, 0, output="of-several-jobs.out", SLURM_JOB_ID="8", **of_start)
        task = {"SLURM_JOB_ID": "18", "SLURM_ARRAY_JOB_ID": "17", "SLURM_ARRAY_TASK_ID": "1"}
        self.start(script, 0, output="lockstep-17-11.out", **task, **of_start)
        self.start(script, 65, output="lockstep-17-1.out", **task, **of_start)

    def test_a_finished_run_is_not_queued_again(self):
        script = self.script(run=f"{self.folder}/run")
        self.assertIn("done at step", self.start(script, 0, SRUN_DONE="run/done.json"))
        self.assertIsNone(self.requeued())

    def test_the_mark_of_an_earlier_command_is_not_taken_for_one_of_this(self):
        script = self.script(run=f"{self.folder}/run")
        os.makedirs(f"{self.folder}/run")
        open(f"{self.folder}/run/done.json", "w").close()
        self.assertIn("ended with 76 at step 0; queued again", self.start(script, 0, SRUN_CODE="0"))
        self.start(script, 75, SRUN_CODE="75", LOCKSTEP_REQUEUE="no")  # in a chain neither
        self.assertIn("done at step", self.start(script, 0, SRUN_DONE="run/done.json", LOCKSTEP_REQUEUE="no"))

    def test_more_workers_than_slots_are_told(self):
        text = self.script("--nodes", 3, "--tasks-per-node", 3, "--set", "batch.slots=8")
        self.assertIn("9 workers, but batch.slots is 8", text)

    def test_a_lead_longer_than_the_limit_is_refused(self):
        self.assertIn("training would have no time", self.script("--lead", 700, code=64))

    def test_a_time_with_units_becomes_one_that_sbatch_knows(self):
        self.assertIn("#SBATCH --time=0-04:00:00\n", self.script(time="4h"))
        self.assertIn("#SBATCH --time=1-12:00:05\n", self.script(time="1d12h5s"))
        self.assertIn("#SBATCH --time=90\n", self.script(time="90"))

    def test_a_time_that_nobody_knows_is_refused(self):
        self.assertIn('--time is "4 hours"', self.script(time="4 hours", code=64))

    def test_a_missing_corpus_is_refused_now_and_not_when_the_job_starts(self):
        text = PROGRAM.run("job", "--time", "1:0:0", "--corpus", "none", "--run", "r", "--steps", 1, code=66)
        self.assertIn("none", text)

    def test_the_scripts_that_are_shipped_are_clean(self):
        root = os.path.join(os.path.dirname(__file__), "..", "..")  # from which scripts name what they source
        folder = os.path.join(root, "launch", "slurm")
        scripts = [name for name in os.listdir(folder) if not name.endswith((".h", ".cc", ".in"))]
        self.assertIn("train.sbatch", scripts)
        for name in scripts:
            subprocess.run(["shellcheck", "-x", f"launch/slurm/{name}"], cwd=root, check=True)


if __name__ == "__main__":
    PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    unittest.main(verbosity=2)
