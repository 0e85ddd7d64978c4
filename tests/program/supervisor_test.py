"""A rank that dies or stalls, in whatever phase: the job ends with 76, one line names rank, host, process, phase and
step, and no process is left. A rank that is slow, or a job that is stopped as a whole and goes on, is left alone.

    supervisor_test.py LOCKSTEP SHIM [--full]
"""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import program
from program import Program, state_of

PROGRAM = SHIM = None
STALL_SECONDS = 2  # of these tests; what is measured with the default is in docs/architecture.md
END_SECONDS = 20  # from a stall seen to an ended job, on a busy machine; mpirun takes 2 of them
CONFIG = f"""
[model]
hidden_size = 48
[batch]
sequences = 16
[train]
steps = 100000000
stall_seconds = {STALL_SECONDS}
[checkpoint]
every = 20
[validation]
every = 30
[log]
every = 1
"""
NAMED = (
    r"rank (?P<rank>\d+) \(host (?P<host>\S+), process \d+\) (?P<what>.*?) in phase (?P<phase>\w+)"
    r"(?: of step (?P<step>\d+))?; (?:last finished step (?P<finished>\d+)|no step finished)"
)
PHRASES_OF_A_STALL = ["makes no progress", "has been stopped", "has not come back", "has been writing", "has waited"]
ANY_PHASE_OF_THE_LOOP = ["data", "forward", "backward", "exchange", "update", "record", "validation", "save"]


class Job:
    """A training under mpirun (ranks > 0) or alone, and all its processes, known by a mark in their environment."""

    def __init__(self, test, ranks, stall="", settings=(), output=None):
        self.mark = uuid.uuid4().hex
        self.run_folder = tempfile.mkdtemp(dir=test.shared.name)
        self.stalled = f"{self.run_folder}.stalled"
        self.test = test
        environment = dict(program.ENVIRONMENT, LOCKSTEP_TEST_JOB=self.mark,
                           LOCKSTEP_TEST_STALL=stall, LOCKSTEP_TEST_MARK=self.stalled)  # fmt: skip
        words = [PROGRAM.path, "train", "--config", test.config, "--corpus", test.corpus, "--run",
                 self.run_folder]  # fmt: skip
        words += [word for setting in settings for word in ("--set", setting)]
        launcher = ["mpirun", "-n", str(ranks), "-x", f"LD_PRELOAD={SHIM}"]
        if not ranks:
            launcher, environment["LD_PRELOAD"] = [], SHIM
        self.output = tempfile.TemporaryFile("w+", dir=test.shared.name)
        self.process = subprocess.Popen(launcher + words, env=environment, stdout=output or self.output,
                                        stderr=subprocess.STDOUT, start_new_session=True)  # fmt: skip
        test.addCleanup(self.end)

    def end(self):
        for process in self.processes():
            os.kill(process, signal.SIGKILL)
        self.process.wait(timeout=60)
        self.output.close()

    def processes(self):
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{name}/environ", "rb") as file:
                    if f"LOCKSTEP_TEST_JOB={self.mark}".encode() in file.read():
                        found.append(int(name))
            except OSError:
                pass  # it has ended
        return found

    def ranks(self):
        """The processes that train, each the child of its supervisor, by rank."""
        found = {}
        for process in self.processes():
            try:
                with open(f"/proc/{process}/status") as file:
                    status = dict(line.split(":\t", 1) for line in file if ":\t" in line)
                with open(f"/proc/{int(status['PPid'])}/comm") as file:
                    parent = file.read().strip()
                with open(f"/proc/{process}/environ", "rb") as file:
                    rank = re.search(rb"OMPI_COMM_WORLD_RANK=(\d+)", file.read())
            except OSError:
                continue
            if status["Name"].strip() == parent == "lockstep":
                found[int(rank[1]) if rank else 0] = process
        return found

    def text(self):
        self.output.seek(0)
        return self.output.read()

    def wait_until(self, what, condition, seconds=120):
        deadline = time.monotonic() + seconds
        while not condition():
            self.test.assertIsNone(self.process.poll(), self.text())
            self.test.assertLess(time.monotonic(), deadline, f"no {what} within {seconds} s")
            time.sleep(0.01)

    def finished_steps(self):
        path = f"{self.run_folder}/metrics.jsonl"
        if not os.path.exists(path):
            return 0
        with open(path) as file:
            return sum('"kind":"step"' in line for line in file)

    def wait_for_steps(self, count):
        self.wait_until(f"{count} steps", lambda: self.finished_steps() >= count)

    def ends(self, code):
        """Waits for the end; seconds that it took. No process may be left."""
        start = time.monotonic()
        found = self.process.wait(timeout=200)
        seconds = time.monotonic() - start
        self.test.assertEqual(found, code, self.text())
        deadline = time.monotonic() + 10
        while self.processes():
            self.test.assertLess(time.monotonic(), deadline, "processes are left")
            time.sleep(0.01)
        return seconds


def full_pipe(test):
    """The end to write to of a pipe that takes nothing more and that nobody reads."""
    reader, writer = os.pipe()
    for end in (reader, writer):
        test.addCleanup(os.close, end)
    os.set_blocking(writer, False)
    try:
        while os.write(writer, b"x" * 4096):
            pass
    except BlockingIOError:
        os.set_blocking(writer, True)
    return writer


class MemoryLimit:
    """A control group whose processes have so many bytes between them."""

    FOLDER = "/sys/fs/cgroup/memory"  # version 1

    def __init__(self, test, size):
        self.path = f"{self.FOLDER}/lockstep-test-{uuid.uuid4().hex}"
        try:
            os.mkdir(self.path)
            self.write("memory.limit_in_bytes", size)
        except OSError as error:
            test.skipTest(f"no control group for memory: {error}")

    def write(self, name, value):
        with open(f"{self.path}/{name}", "w") as file:
            file.write(str(value))

    def hold(self, process):
        self.write("cgroup.procs", process)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with open(f"{self.path}/cgroup.procs") as file:
            for process in file.read().split():
                os.kill(int(process), signal.SIGKILL)
        for _ in range(1000):  # the kernel lets go of it once all have ended
            try:
                return os.rmdir(self.path)
            except OSError:
                time.sleep(0.01)


def only_in_full(test):
    return unittest.skipUnless("--full" in sys.argv, "only with --full")(test)


class SupervisorTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shared = tempfile.TemporaryDirectory()
        cls.corpus = f"{cls.shared.name}/corpus"
        cls.config = f"{cls.shared.name}/config.toml"
        with open(cls.config, "w") as file:
            file.write(CONFIG)
        PROGRAM.run("prepare", "dna", "--synthetic", 200000, "--window", 200, "--out", cls.corpus)

    @classmethod
    def tearDownClass(cls):
        cls.shared.cleanup()

    def expect_named(self, job, rank, what, phases, code=76, longest=None):
        """The job ends and the one line that says why is right, on the terminal and in the log."""
        seconds = job.ends(code)
        lines = re.findall(r"lockstep: error: .*", job.text())
        self.assertEqual(len(lines), 1, job.text())
        # A crowded machine makes a silence longer that is counted in seconds of the rank's own, and the line says it.
        told = re.search(r" for ([\d.]+) s", lines[0])
        silence = max(float(told[1]) if told else 0, STALL_SECONDS if longest is None else longest)
        self.assertLess(seconds, END_SECONDS + silence)
        found = re.search(NAMED, lines[0])
        self.assertIsNotNone(found, lines[0])
        self.assertEqual((int(found["rank"]), found["host"]), (rank, socket.gethostname()), lines[0])
        self.assertRegex(found["what"], what)
        self.assertIn(found["phase"], phases, lines[0])
        if found["step"]:
            self.assertEqual(int(found["step"]), int(found["finished"] or 0) + 1, lines[0])
        self.assertIn("run the same command again", lines[0])
        log = f"{job.run_folder}/log.txt"
        if found["finished"]:  # before, rank 0 may not have made it when another rank ends
            with open(log) as file:
                self.assertIn(lines[0], file.read())
        return lines[0], seconds

    def stalls_in_call(self, call, nth, how, rank, ranks, settings=(), path=""):
        job = Job(self, ranks, f"{rank} {call} {nth} {how} {path}", settings)
        job.wait_until("stall", lambda: os.path.exists(job.stalled))
        return job

    # Each phase, entered through a call that it makes.

    def test_a_rank_killed_while_it_exchanges_is_named(self):
        job = self.stalls_in_call("MPI_Irecv", 100, "kill", 1, 2)
        line, _ = self.expect_named(job, 1, r"was killed by signal 9 \(Killed\)", ANY_PHASE_OF_THE_LOOP)
        self.assertIn("memory is short", line)

    def test_a_rank_stopped_while_it_exchanges_is_named(self):
        job = self.stalls_in_call("MPI_Irecv", 100, "stop", 1, 3)
        self.expect_named(job, 1, r"has been stopped by a signal for 2\.\d s", ANY_PHASE_OF_THE_LOOP)

    @only_in_full
    def test_a_rank_that_hangs_in_a_message_is_named(self):
        job = self.stalls_in_call("MPI_Testsome", 400, "spin", 1, 2)
        self.expect_named(job, 1, "has not come back from a call of MPI|makes no progress", ANY_PHASE_OF_THE_LOOP)

    @only_in_full
    def test_a_rank_that_hangs_in_a_message_while_a_stop_is_asked_for_is_named(self):
        job = self.stalls_in_call("MPI_Testsome", 400, "spin", 1, 2)
        end = time.monotonic() + 8 * STALL_SECONDS
        while job.process.poll() is None and time.monotonic() < end:  # as launch/local asks, until it ends
            job.process.send_signal(signal.SIGUSR1)
            time.sleep(0.5)
        self.expect_named(job, 1, "has not come back from a call of MPI|makes no progress", ANY_PHASE_OF_THE_LOOP,
                          longest=0)  # fmt: skip

    @only_in_full
    def test_a_rank_killed_while_it_saves_is_named(self):
        job = self.stalls_in_call("fsync", 2, "kill", 0, 2, path="checkpoints/.tmp-")
        self.expect_named(job, 0, "was killed by signal 9", ANY_PHASE_OF_THE_LOOP)

    @only_in_full
    def test_a_read_that_blocks_is_named_with_its_file(self):
        job = self.stalls_in_call("pread", 1000, "block", 1, 2, path="train")
        line, _ = self.expect_named(job, 1, "makes no progress", ["data"])
        self.assertRegex(line, r"\(batches\): \w, in read of pipe")

    @only_in_full
    def test_a_configuration_that_cannot_be_read_is_named(self):
        job = self.stalls_in_call("pread", 1, "block", 1, 2, path="config.toml")
        self.expect_named(job, 1, "has been waiting for the configuration", ["start"], longest=30)

    @only_in_full
    def test_a_rank_stopped_before_others_know_it_is_named(self):
        job = self.stalls_in_call("MPI_Init_thread", 1, "stop", 1, 2)
        self.expect_named(job, 1, "has been stopped", ["connect"])

    @only_in_full
    def test_a_rank_stopped_at_the_end_is_named(self):
        job = self.stalls_in_call("MPI_Finalize", 1, "stop", 1, 2, ["train.steps=3"])
        self.expect_named(job, 1, "has been stopped", ["end"])

    @only_in_full
    def test_a_bug_that_aborts_is_no_case_for_the_same_command_again(self):
        job = self.stalls_in_call("MPI_Ibcast", 2, "abort", 1, 2)
        self.expect_named(job, 1, "was killed by signal 6", ["start", "resume"], code=70)

    @only_in_full
    def test_an_exception_that_nobody_catches_is_a_bug_too(self):
        job = self.stalls_in_call("MPI_Irecv", 100, "terminate", 1, 2)
        self.expect_named(job, 1, "was killed by signal 6", ANY_PHASE_OF_THE_LOOP, code=70)

    @only_in_full
    def test_signals_of_broken_memory_are_named(self):
        for how, number in (("bus", signal.SIGBUS), ("ill", signal.SIGILL), ("fpe", signal.SIGFPE)):
            with self.subTest(how=how):
                job = self.stalls_in_call("MPI_Irecv", 100, how, 1, 2)
                line, _ = self.expect_named(job, 1, f"was killed by signal {int(number)}", ANY_PHASE_OF_THE_LOOP)
                self.assertIn("leave the host out", line)

    @only_in_full
    def test_a_killed_supervisor_takes_its_rank_along_and_mpirun_names_it(self):
        job = Job(self, 2)
        job.wait_for_steps(3)
        with open(f"/proc/{job.ranks()[1]}/stat") as file:
            os.kill(int(file.read().rsplit(")", 1)[1].split()[1]), signal.SIGKILL)
        job.ends(137)  # launch/local and launch/hosts make 76 of it
        self.assertRegex(job.text(), rf"process rank 1 .*on node {socket.gethostname()}.* exited on signal 9")

    @only_in_full
    def test_a_rank_that_ends_by_itself_gives_the_job_its_code(self):
        self.stalls_in_call("MPI_Irecv", 100, "exit", 1, 2).ends(3)

    # Wherever it happens to be.

    def test_a_rank_in_an_endless_loop_is_named_without_a_launcher_too(self):
        # With the default patience: longer than it takes a supervisor to ask who has the run.
        job = Job(self, 0, settings=["train.stall_seconds=6"])
        job.wait_for_steps(5)
        os.kill(job.ranks()[0], signal.SIGRTMIN)
        self.expect_named(job, 0, r"makes no progress for (?:[6-9]|\d\d+)\.\d s", ANY_PHASE_OF_THE_LOOP, longest=6)

    def test_nobody_is_accused_within_three_seconds_of_sigterm(self):
        # With which mpirun ends those that wait for a rank that another supervisor has named. The supervisor is stopped
        # until it has been signalled, so that it gets the signal first and counts no silence before.
        job = Job(self, 0)
        job.wait_for_steps(5)
        rank = job.ranks()[0]
        job.process.send_signal(signal.SIGSTOP)
        os.kill(rank, signal.SIGRTMIN)
        job.wait_until("stall", lambda: os.path.exists(job.stalled))
        asked = time.monotonic()
        job.process.send_signal(signal.SIGTERM)
        job.process.send_signal(signal.SIGCONT)
        self.expect_named(job, 0, "makes no progress", ANY_PHASE_OF_THE_LOOP)
        self.assertGreater(time.monotonic() - asked, 3)

    def test_a_terminal_that_takes_no_more_lines_does_not_keep_a_rank_from_its_end(self):
        job = Job(self, 0, settings=["train.stall_seconds=6"], output=full_pipe(self))
        log = f"{job.run_folder}/log.txt"
        job.ends(76)
        with open(log) as file:
            self.assertRegex(file.read(), r"rank 0 \(host \S+, process \d+\) makes no progress")

    @only_in_full
    def test_a_job_stopped_as_a_whole_goes_on_without_alarm(self):
        job = Job(self, 2, settings=["train.steps=60"])
        job.wait_for_steps(5)
        group = [process for process in job.processes() if process != job.process.pid]
        for process in group:
            os.kill(process, signal.SIGSTOP)
        time.sleep(2 * STALL_SECONDS)
        for process in group:
            os.kill(process, signal.SIGCONT)
        job.ends(0)
        self.assertEqual(state_of(job.run_folder)["step"], 60)

    @only_in_full
    def test_a_rank_that_is_stopped_again_and_again_is_told_to_be_slow_and_lives(self):
        job = Job(self, 2, settings=["model.hidden_size=96"])
        job.wait_for_steps(5)
        slow, told = job.ranks()[1], f"rank 1 (host {socket.gethostname()}) takes "
        deadline = time.monotonic() + 120
        while told not in job.text():
            self.assertLess(time.monotonic(), deadline, job.text())
            self.assertIsNone(job.process.poll(), job.text())
            for _ in range(10):
                os.kill(slow, signal.SIGSTOP)
                time.sleep(0.06)
                os.kill(slow, signal.SIGCONT)
                time.sleep(0.02)
        os.kill(slow, signal.SIGTERM)
        job.ends(75)

    @only_in_full
    def test_without_a_supervisor_there_is_one_process_a_rank(self):
        job = Job(self, 2, settings=["train.supervise=false"])
        job.wait_for_steps(3)
        self.assertEqual(len(job.processes()), 3)  # mpirun and two ranks

    # The same over more of everything.

    @only_in_full
    def test_any_moment_and_any_rank(self):
        any_phase = ["start", "connect", "resume", *ANY_PHASE_OF_THE_LOOP]
        for trial in range(40):
            ranks, which = 1 + trial % 4, trial % (1 + trial % 4)
            how = [signal.SIGKILL, signal.SIGSTOP][trial // 4 % 2]
            job = Job(self, ranks)
            job.wait_until("ranks", lambda job=job, ranks=ranks: len(job.ranks()) == ranks)
            time.sleep(0.05 * trial)
            os.kill(job.ranks()[which], how)
            what = {signal.SIGKILL: "was killed by signal 9", signal.SIGSTOP: "has been stopped"}[how]
            line, seconds = self.expect_named(job, which, what, any_phase)
            print(f"{ranks} ranks, {how.name}: {seconds:.1f} s: {line[:150]}")

    @only_in_full
    def test_a_rank_in_an_endless_loop_in_a_collective_call_is_named(self):
        job = self.stalls_in_call("MPI_Testall", 400, "spin", 1, 2)
        self.expect_named(job, 1, "has not come back from a call of MPI", ["start", "resume", *ANY_PHASE_OF_THE_LOOP])

    @only_in_full
    def test_every_fault_in_every_phase(self):
        loop = ANY_PHASE_OF_THE_LOOP
        phases = {  # a call that is made there, which one, on what file, and what the rank says
            "first read": ("pread", 1, "train", ["start", "resume", *loop]),
            "start": ("MPI_Ibcast", 1, "", ["start", "resume"]),
            "first step": ("MPI_Irecv", 1, "", ["start", "resume", *loop]),
            "read": ("pread", 1000, "train", loop),
            "collective": ("MPI_Testall", 400, "", ["start", "resume", *loop]),
            "record": ("pwrite", 40, "metrics.jsonl", loop),
            "save": ("fsync", 2, "checkpoints/.tmp-", loop),
            "end": ("MPI_Finalize", 1, "", ["end"]),
        }
        whats = {"kill": "was killed by signal 9", "stop": "has been stopped", "segv": "was killed by signal 11",
                 "spin": "makes no progress|not come back", "block": "makes no progress|not come back"}  # fmt: skip
        for number, (phase, (call, nth, path, said)) in enumerate(phases.items()):
            for how, what in whats.items():
                if (phase, how) == ("end", "block"):
                    continue  # told from waiting for others only by its length
                ranks = 2 + number % 3
                settings = ["train.steps=3"] if phase == "end" else []
                with self.subTest(phase=phase, how=how, ranks=ranks):
                    which = 0 if phase in ("record", "save") else 1  # which rank writes the files
                    job = self.stalls_in_call(call, nth, how, which, ranks, settings, path)
                    # A thread reads ahead: a rank whose reads end comes to wait for one.
                    waits = call == "pread" and how in ("spin", "block")
                    if phase == "save" and how in ("spin", "block"):
                        what = "has been writing one checkpoint|makes no progress"
                    line, seconds = self.expect_named(job, which, what, ["data"] if waits else said)
                    print(f"{phase}, {how}, {ranks} ranks: {seconds:.1f} s: {line[:110]}", flush=True)

    @only_in_full
    def test_a_rank_that_the_kernel_kills_for_want_of_memory_is_named(self):
        with MemoryLimit(self, 120 << 20) as limit:
            job = Job(self, 2, settings=["model.hidden_size=1024", "model.layers=2"])
            limit.hold(job.process.pid)  # before mpirun has begun its ranks, which inherit it
            self.assertEqual(job.process.wait(200), 76, job.text())
            lines = re.findall(r"lockstep: error: .*", job.text())
            found = re.search(NAMED, lines[0])
            self.assertEqual(found["host"], socket.gethostname())
            self.assertRegex(found["what"], r"was killed by signal 9 \(Killed\)")
            self.assertIn("memory is short (`dmesg` tells)", lines[0])
            print(lines[0])
            job.ends(76)

    @only_in_full
    def test_a_disk_that_blocks_a_checkpoint_is_named(self):
        job = self.stalls_in_call("fsync", 1, "block", 0, 2, path="checkpoints/.tmp-")
        line, _ = self.expect_named(job, 0, "has been writing one checkpoint for|makes no progress",
                                    ANY_PHASE_OF_THE_LOOP)  # fmt: skip
        self.assertIn("(checkpoints)", line)


if __name__ == "__main__":
    PROGRAM, SHIM = Program(os.path.abspath(sys.argv[1])), os.path.abspath(sys.argv[2])
    unittest.main(argv=sys.argv[:1] + [word for word in sys.argv[3:] if word != "--full"], verbosity=2)
