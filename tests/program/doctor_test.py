"""lockstep doctor: well on a healthy machine; planted faults are found, named and given their exit code; what is in
the run folder stays as it is, and nothing is left behind, however the doctor ends.

    tests/program/doctor_test.py build/release/lockstep build/release/tests/program/libdoctor_faults.so [--full]
"""

import glob
import hashlib
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

LOCKSTEP = FAULTS = None  # paths; set by main
FULL = "--full" in sys.argv
PLAIN = {k: v for k, v in os.environ.items() if not k.startswith(("OMPI_", "PMI", "SLURM_", "LOCKSTEP_"))}
ENVIRONMENT = dict(PLAIN, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
                   OMPI_MCA_mpi_yield_when_idle="1", OMPI_MCA_rmaps_base_oversubscribe="1",
                   OMPI_MCA_hwloc_base_binding_policy="none")  # fmt: skip
SECONDS = 150  # more than any limit of the doctor's own, also on a crowded machine


def tree(folder):
    """Every path below a folder with the hash of its bytes and its time of change."""
    found = {}
    for path in sorted(pathlib.Path(folder).rglob("*")):
        data = path.read_bytes() if path.is_file() else b""
        found[str(path)] = (hashlib.sha256(data).hexdigest(), path.stat().st_mtime_ns if path.is_file() else 0)
    return found


def processes_of(folder):
    """Command lines of living processes that name the folder, this test's own left out."""
    found = []
    for name in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            line = pathlib.Path(name).read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in line and int(name.split("/")[2]) != os.getpid():
            found.append(line)
    return found


def wait_until(condition, what):
    until = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < until, f"{what} did not happen within {SECONDS} s"
        time.sleep(0.005)


def only_in_full(test):
    return unittest.skipUnless("--full" in sys.argv, "only with --full")(test)


class DoctorTest(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="lockstep-test-")
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)
        self.run_folder = self.folder / "run"

    def tearDown(self):
        self.wait_for_nothing()

    def wait_for_nothing(self):
        """The janitor works a moment longer than a doctor that was ended."""
        wait_until(lambda: not processes_of(self.folder), "the end of every process")
        self.assertEqual(glob.glob(f"{self.folder}/**/.doctor-*", recursive=True), [])

    def words(self, *more, run=True):
        """The command; without --run no files are tried, which saves time where they do not matter."""
        folder = ["--run", str(self.run_folder)] if run else []
        return [LOCKSTEP, "doctor", "--json", *folder, *map(str, more)]

    def examine(self, command, code=0, plant=None, **more):
        """Runs a doctor; gives its findings as {severity: text of all, remedies included}."""
        environment = dict(more.pop("env", ENVIRONMENT))
        if plant:
            environment.update(LD_PRELOAD=FAULTS, LOCKSTEP_TEST_FAULT=plant[0], LOCKSTEP_TEST_FAULT_RANK=str(plant[1]))
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False,
                              timeout=SECONDS, **more)  # fmt: skip
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        report = json.loads(done.stdout.splitlines()[0])
        self.assertEqual(report["exit_code"], code)
        self.assertLess(report["seconds"], 30)
        found = {"problem": "", "warning": "", "note": "", "ok": ""}
        for finding in report["findings"]:
            found[finding["severity"]] += f"{finding['topic']}: {finding['text']} -> {finding['remedy']}\n"
        return found

    def mpirun(self, ranks, *more, run=True):
        return ["mpirun", "-n", str(ranks), *self.words(*more, run=run)]


class HealthyTest(DoctorTest):
    def test_alone_all_is_tried_and_well(self):
        found = self.examine(self.words())
        self.assertEqual(found["problem"], "")
        for text in ("one program", "end with the known parameters", "locks and exclusive files hold",
                     "durable writing", "killed 4 times"):  # fmt: skip
            self.assertIn(text, found["ok"])
        self.assertFalse(self.run_folder.exists())

    def test_under_mpirun_all_ranks_agree(self):
        for ranks in (1, 2, 3, 4) if FULL else (4,):
            found = self.examine(self.mpirun(ranks))
            self.assertEqual(found["problem"], "", f"{ranks} ranks")
            self.assertIn("end with the known parameters", found["ok"])
            if ranks > 1:
                self.assertIn(f"all {ranks} ranks see one run folder", found["ok"])
                self.assertIn("neighbours:", found["ok"])

    @only_in_full
    def test_several_threads_and_more_workers_than_known_slots(self):
        found = self.examine(self.mpirun(3, "--threads", 3, run=False))
        self.assertEqual(found["problem"], "")
        self.assertIn("and on all together", found["ok"])

    def test_text_ends_with_the_verdict(self):
        done = subprocess.run([LOCKSTEP, "doctor"], env=PLAIN, capture_output=True, text=True, check=True,
                              timeout=SECONDS)  # fmt: skip
        self.assertIn("nothing here forbids training", done.stdout.splitlines()[-1])
        self.assertIn("doctor: known answers", done.stderr)

    @only_in_full
    def test_a_corpus_tells_what_is_needed(self):
        corpus = self.folder / "corpus"
        subprocess.run([LOCKSTEP, "prepare", "dna", "--synthetic", "20000", "--out", corpus], check=True,
                       capture_output=True, timeout=SECONDS)  # fmt: skip
        large = ["--set", "model.hidden_size=60000", "--set", "model.layers=4"]
        found = self.examine(self.words("--corpus", corpus, *large), code=64)
        self.assertRegex(found["problem"], "1 ranks on .* will take up to .* MiB of memory")
        forever = ["--set", "checkpoint.keep_every=500", "--set", "train.steps=100000000000"]
        found = self.examine(self.words("--corpus", corpus, *forever), code=73)
        self.assertRegex(found["problem"], "the run's checkpoints need .* MiB, .* MiB are free")
        many = self.words("--corpus", corpus, "--set", "batch.slots=2", "--threads", 3)
        done = subprocess.run(many, env=PLAIN, capture_output=True, text=True, check=False, timeout=SECONDS)
        self.assertIn("3 workers, but batch.slots is 2", done.stderr)


class LaunchFaultTest(DoctorTest):
    def test_processes_that_do_not_know_each_other(self):
        for variables in ({"PMI_SIZE": "4", "PMI_RANK": "1"}, {"OMPI_COMM_WORLD_SIZE": "4"},
                          {"SLURM_STEP_NUM_TASKS": "4"}, {"SLURM_NTASKS": "4", "SLURM_PROCID": "2"}):  # fmt: skip
            found = self.examine(self.words(), code=64, env=dict(ENVIRONMENT, **variables))
            self.assertIn("takes itself for rank 0 of 1", found["problem"])
            self.assertIn("srun --mpi=pmix", found["problem"])
        self.assertFalse(self.run_folder.exists())

    def test_one_process_in_a_job_of_many(self):
        found = self.examine(self.words(run=False), env=dict(ENVIRONMENT, SLURM_NTASKS="4", SLURM_PROCID="0"))
        self.assertIn("the SLURM job has 4 tasks", found["warning"])

    @only_in_full
    def test_mpirun_in_a_slurm_job_is_well(self):
        found = self.examine(self.mpirun(1, run=False), env=dict(ENVIRONMENT, SLURM_NTASKS="4", SLURM_PROCID="0"))
        self.assertNotIn("tasks", found["warning"])

    @only_in_full
    def test_ranks_on_one_core(self):
        core = min(os.sched_getaffinity(0))
        found = self.examine(["taskset", "-c", str(core), *self.mpirun(2, run=False)])
        self.assertIn(f"compute with 2 threads on 1 core ({core})", found["warning"])

    @only_in_full
    def test_another_program_on_one_rank(self):
        other = self.folder / "lockstep"
        shutil.copy(LOCKSTEP, other)
        with open(other, "ab") as file:
            file.write(b"\0")
        command = [*self.mpirun(1, run=False), ":", "-n", "1", str(other), *self.words(run=False)[1:]]
        found = self.examine(command)
        self.assertRegex(found["warning"], "rank 1 on .* runs another program")
        self.assertIn("end with the known parameters", found["ok"])

    def test_signals_that_cannot_reach_it(self):
        def block():
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
            signal.signal(signal.SIGTERM, signal.SIG_IGN)

        found = self.examine(self.words(run=False), preexec_fn=block)
        self.assertIn("SIGUSR1 blocked", found["warning"])
        self.assertIn("SIGTERM ignored", found["note"])

    def test_few_open_files(self):
        def bound():
            resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))

        found = self.examine(self.words(run=False), preexec_fn=bound)
        self.assertIn("may open 100 files only", found["warning"])


class FileFaultTest(DoctorTest):
    @only_in_full
    def test_a_run_folder_that_cannot_be_made(self):
        self.run_folder.write_text("a file in the way")
        found = self.examine(self.mpirun(2), code=73)
        self.assertIn("cannot make folder", found["problem"])
        self.assertEqual(self.run_folder.read_text(), "a file in the way")

    def test_files_that_may_not_grow(self):
        def bound():
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

        found = self.examine(self.words(), code=74, preexec_fn=bound)
        self.assertIn("File too large", found["problem"])

    def test_a_full_disk(self):
        self.run_folder.mkdir()
        script = f"mount -t tmpfs -o size=3m none {self.run_folder} && exec \"$@\""
        if subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", "true"], capture_output=True,
                          check=False).returncode != 0:  # fmt: skip
            self.skipTest("no mount namespaces here")
        found = self.examine(["unshare", "-m", "sh", "-c", script, "sh", *self.words()], code=74)
        self.assertIn("No space left on device", found["problem"])
        self.assertIn("lies in memory (tmpfs)", found["warning"])

    @only_in_full
    def test_a_folder_that_is_not_shared(self):
        self.run_folder.mkdir()
        script = f"mount -t tmpfs none {self.run_folder} && exec \"$@\""
        other = ["unshare", "-m", "sh", "-c", script, "sh"]
        if subprocess.run([*other, "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("no mount namespaces here")
        found = self.examine([*self.mpirun(1), ":", "-n", "1", *other, *self.words()], code=64)
        self.assertIn("the run folder is not shared", found["problem"])
        self.assertIn("rank 1 on", found["problem"])

    @only_in_full
    def test_locks_that_do_not_hold(self):
        found = self.examine(self.words(), plant=("no-locks", 0))
        self.assertIn("Function not implemented", found["warning"])
        found = self.examine(self.mpirun(2), plant=("free-locks", 1))
        self.assertIn("got a lock that rank 0 holds", found["warning"])


class ArithmeticFaultTest(DoctorTest):
    def test_a_rank_that_computes_wrongly(self):
        for ranks, wrong in ((1, 0), (3, 1)) if FULL else ((3, 1),):
            found = self.examine(self.mpirun(ranks, run=False), code=76, plant=("arithmetic", wrong))
            self.assertRegex(found["problem"], f"rank {wrong} on .* computes wrongly")
            self.assertEqual(found["problem"].count("computes wrongly"), 1)

    @only_in_full
    def test_a_c_library_that_rounds_otherwise(self):
        found = self.examine(self.mpirun(2, run=False), code=76, plant=("exponential", 1))
        self.assertRegex(found["problem"], "rank 1 on .*: exponentials")

    @only_in_full
    def test_tiny_numbers_that_are_flushed(self):
        found = self.examine(self.mpirun(2, run=False), code=76, plant=("flush", 1))
        self.assertRegex(found["problem"], "rank 1 on .*: floating point rounds differently")


class TraceTest(DoctorTest):
    def make_run(self):
        corpus = self.folder / "corpus"
        subprocess.run([LOCKSTEP, "prepare", "dna", "--synthetic", "20000", "--out", corpus], check=True,
                       capture_output=True, timeout=SECONDS)  # fmt: skip
        return [LOCKSTEP, "train", "--corpus", corpus, "--run", self.run_folder, "--set", "model.hidden_size=8",
                "--set", "checkpoint.every=20"]  # fmt: skip

    def test_a_run_that_is_there_stays_as_it_is(self):
        subprocess.run([*self.make_run(), "--steps", "3"], check=True, env=PLAIN, capture_output=True, timeout=SECONDS)
        before = tree(self.run_folder)
        self.examine(self.mpirun(2))
        self.assertEqual(tree(self.run_folder), before)

    @only_in_full
    def test_a_run_that_is_being_trained_is_not_disturbed(self):
        command = [*self.make_run(), "--steps", "100000000"]
        with subprocess.Popen(command, env=PLAIN, stderr=subprocess.DEVNULL) as trainer:
            wait_until(lambda: glob.glob(f"{self.run_folder}/checkpoints/step-*"), "a checkpoint")
            self.examine(self.words())
            self.assertIsNone(trainer.poll())
            trainer.send_signal(signal.SIGTERM)
            self.assertEqual(trainer.wait(timeout=SECONDS), 75)
        subprocess.run([LOCKSTEP, "verify", self.run_folder], check=True, capture_output=True, timeout=SECONDS)

    def start_until(self, command, phase):
        """A doctor that has just announced this phase."""
        process = subprocess.Popen(command, env=ENVIRONMENT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                   text=True)  # fmt: skip
        self.addCleanup(process.stderr.close)
        for line in process.stderr:
            if phase in line:
                return process
        return self.fail(f"no phase {phase}")

    def test_ctrl_c_leaves_nothing(self):
        """Also while files, folders and children are being made: at moments spread over the phases."""
        moments = [0.002 * i for i in range(60)] if FULL else [0.02]
        for phase in ("files in the run folder", "kill and resume"):
            for moment in moments:
                process = self.start_until(self.words(), phase)
                time.sleep(moment)
                process.send_signal(signal.SIGINT)
                code, place = process.wait(timeout=SECONDS), f"{moment} s after the start of {phase}"
                self.assertIn(code, (130, 0), place)  # 0: it was faster
                self.wait_for_nothing()
                self.assertFalse(self.run_folder.exists(), place)

    @only_in_full
    def test_ctrl_c_of_mpirun_leaves_nothing(self):
        for moment in [0.01 * i for i in range(20)] if FULL else (0.1,):
            process = self.start_until(self.mpirun(2), "kill and resume")
            time.sleep(moment)
            process.send_signal(signal.SIGINT)
            process.wait(timeout=SECONDS)
            self.wait_for_nothing()
            self.assertFalse(self.run_folder.exists(), f"{moment} s")

    def test_sigkill_leaves_nothing(self):
        for moment in [0.01 * i for i in range(40)] if FULL else (0.1,):
            process = self.start_until(self.words(), "kill and resume")
            time.sleep(moment)
            process.kill()
            process.wait(timeout=SECONDS)
            self.wait_for_nothing()
            self.assertFalse(self.run_folder.exists(), f"{moment} s")

    @only_in_full
    def test_only_what_was_left_long_ago_is_removed(self):
        """As a machine that died leaves it; a young one may be of a doctor that lives elsewhere."""
        old, young = self.run_folder / ".doctor-other-1", self.run_folder / ".doctor-other-2"
        for folder in (old, young):
            (folder / "corpus").mkdir(parents=True)
        os.utime(old, (time.time() - 3600,) * 2)
        self.examine(self.words())
        self.assertFalse(old.exists())
        self.assertTrue((young / "corpus").exists())
        shutil.rmtree(young)

    @only_in_full
    def test_a_rank_that_is_late_on_a_crowded_machine_is_waited_for(self):
        for _ in range(8 * os.cpu_count()):  # at the lowest priority they want cores but take little of them
            busy = subprocess.Popen(["nice", "-n", "19", "sh", "-c", "while :; do :; done"])
            self.addCleanup(busy.wait)
            self.addCleanup(busy.kill)
        process = self.start_until(self.mpirun(3), "kill and resume")
        rank = self.process_of_rank(2)
        os.kill(rank, signal.SIGSTOP)
        time.sleep(25)  # the phase may take 15 s on a machine that is not crowded
        self.assertIsNone(process.poll(), "the doctor was ended")
        os.kill(rank, signal.SIGCONT)
        said = process.stderr.read()
        self.assertEqual(process.wait(timeout=SECONDS), 0, said)

    @only_in_full
    def test_a_rank_that_stands_still_is_named(self):
        process = self.start_until(self.mpirun(3), "kill and resume")
        os.kill(self.process_of_rank(2), signal.SIGSTOP)
        said = process.stderr.read()
        self.assertEqual(process.wait(timeout=SECONDS), 76)
        self.assertRegex(said, r"doctor: rank 0 on .* did not end in its time; it stood at: waiting for rank 2 \(")

    def process_of_rank(self, rank):
        (process,) = [int(name.split("/")[2]) for name in glob.glob("/proc/[0-9]*/environ")
                      if self.is_rank(name, rank)]  # fmt: skip
        return process

    def is_rank(self, environ, rank):
        try:
            variables = pathlib.Path(environ).read_bytes().split(b"\0")
            line = pathlib.Path(environ).with_name("cmdline").read_bytes().decode()
            name = pathlib.Path(environ).with_name("comm").read_text().strip()  # not the janitor's
        except OSError:
            return False
        return f"OMPI_COMM_WORLD_RANK={rank}".encode() in variables and name == "lockstep" and str(self.folder) in line


if __name__ == "__main__":
    LOCKSTEP, FAULTS = map(os.path.abspath, sys.argv[1:3])
    unittest.main(argv=sys.argv[:1] + [word for word in sys.argv[3:] if word != "--full"], verbosity=2)
