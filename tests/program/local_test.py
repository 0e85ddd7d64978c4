"""launch/local, and what of launch/hosts one host can show: a host file it does not understand, a command that
does not train, a scheduler's allocation around it, signals. On several hosts: tests/cluster/hosts_test.py."""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import ENVIRONMENT, HOSTILE_STEPS, Program, checkpoints_of

SCRIPTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "launch")
LONGEST_SECONDS = 60
# What OpenMPI takes for an allocation of two nodes.
ALLOCATION = {"SLURM_JOBID": "9", "SLURM_JOB_ID": "9", "SLURM_NODELIST": "n[1-2]", "SLURM_NNODES": "2",
              "SLURM_TASKS_PER_NODE": "1(x2)"}  # fmt: skip


class LocalTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name

    def popen(self, script, *words, **environment):
        words = [os.path.join(SCRIPTS, script), *map(str, words)]
        process = subprocess.Popen(words, env=dict(ENVIRONMENT, **environment), cwd=self.folder, text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT)  # fmt: skip
        self.addCleanup(process.kill)
        return process

    def end(self, process, code):
        text, _ = process.communicate(timeout=LONGEST_SECONDS)
        self.assertEqual(process.returncode, code, text)
        return text

    def start(self, script, *words, code=0, **environment):
        return self.end(self.popen(script, *words, **environment), code)

    def host_file(self, text="localhost slots=1\n"):
        path = f"{self.folder}/hosts"
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        return path

    def wait_until(self, condition, process):
        deadline = time.monotonic() + LONGEST_SECONDS
        while not condition():
            self.assertIsNone(process.poll())
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)

    def test_the_ranks_are_as_many_as_the_cores_whatever_their_threads(self):
        for limit in ({"OMP_NUM_THREADS": "5"}, {"OMP_THREAD_LIMIT": "1"}):
            text = self.start("local", "echo", "rank", **limit)
            self.assertEqual(text.count("rank\n"), len(os.sched_getaffinity(0)))

    def test_ranks_are_started_here_whatever_an_allocation_says(self):
        self.assertEqual(self.start("local", "-n", 3, "echo", "rank", **ALLOCATION), 3 * "rank\n")
        hosts = self.host_file("localhost slots=2\n")
        self.assertEqual(self.start("hosts", hosts, "echo", "rank", **ALLOCATION), 2 * "rank\n")

    def test_lines_of_a_host_file(self):
        for line, ranks in (("localhost slots=2\r\n", 2), ("localhost slots = 08 # cores\n", 8), ("localhost", 1),
                            ("\n# none\n\tlocalhost\t\n", 1)):  # fmt: skip
            with self.subTest(line=line):
                self.assertEqual(self.start("hosts", self.host_file(line), "echo", "rank"), ranks * "rank\n")

    def test_a_line_that_is_not_understood_is_refused(self):
        for line, what in (
            ("localhost slots=0", '"slots=0" after "localhost"'), ("localhost slots=", '"slots=" after "localhost"'),
            ("localhost slots=two", '"slots=two"'), ("localhost slots=1 max_slots=2", '"slots=1 max_slots=2"'),
            ("localhost:2", '"localhost:2", which is neither'), ("fe80::1 slots=1", '"fe80::1", which is neither'),
            ("-oProxyCommand=x", '"-oProxyCommand=x", which is neither'), ("höst", '"höst", which is neither'),
            ("me@host slots=1", 'write "User me" for that host into ~/.ssh/config'),
        ):  # fmt: skip
            with self.subTest(line=line):
                path = self.host_file(f"# two lines\n{line}\n")
                text = self.start("hosts", path, "echo", "rank", code=64)
                self.assertIn(f"{path}, line 2, has", text)
                self.assertIn(what, text)
        self.assertIn("names no host", self.start("hosts", self.host_file("# none\n"), "echo", "rank", code=64))

    def test_a_network_that_is_none_is_refused(self):
        for network in ("", "eth0", "10.1.0.0", "10.1.0.0/33", "10.1.0/16", "300.1.0.0/16", "10.1.0.0/16 x",
                        "10.1.0.0/16,", "10.1.0.0/16,eth0"):  # fmt: skip
            text = self.start("hosts", self.host_file(), "--network", network, "echo", "rank", code=64)
            self.assertIn(f'--network is "{network}"; allowed is an IPv4 network', text)

    def test_a_command_that_does_not_train_keeps_its_code_and_leaves_the_run_alone(self):
        words = ("echo", "evaluate", "--corpus", "train", "--run", "run")
        self.assertEqual(self.start("hosts", self.host_file(), *words), " ".join(words[1:]) + "\n")
        text = self.start("hosts", self.host_file(), "--restart", *words, code=64)
        self.assertIn("--restart goes with the verb train", text)
        self.assertFalse(os.path.exists(f"{self.folder}/run"))

    def test_programs_that_are_missing_are_named(self):
        programs = pathlib.Path(self.folder, "programs")
        programs.mkdir()
        for name in ("bash", "env", "dirname", "readlink", "nproc", "echo", "mpirun", "setpriv", "setsid", "tee", "sed",
                     "sleep", "uname"):  # fmt: skip
            (programs / name).symlink_to(shutil.which(name))
        for name in ("mpirun", "setpriv", "setsid", "tee"):
            (programs / name).unlink()
            for script, words in (("local", ("-n", 1)), ("hosts", (self.host_file(),))):
                text = self.start(script, *words, "echo", "rank", code=66, PATH=str(programs))
                self.assertIn(f"launch/{script}: cannot find the program {name} in PATH; it belongs to ", text)
            (programs / name).symlink_to(shutil.which(name))

    def test_a_host_sees_a_run_folder_of_any_name(self):
        for name in ("ä ö", "it's", "$(touch x)"):
            text = self.start("hosts", self.host_file(), "false", "train", "--run", name, code=1, LC_ALL="C")
            self.assertNotIn("no answer", text)

    def test_a_name_beside_the_checkpoints_is_neither_run_nor_counted(self):
        os.makedirs(f"{self.folder}/run/checkpoints")
        for name in ("000000000007", "000000000012", *HOSTILE_STEPS):
            open(f"{self.folder}/run/checkpoints/step-{name}.h5", "w").close()
        self.start("hosts", self.host_file(), PROGRAM.path, "train", "--config", "none", "--run", "run", code=66)
        with open(f"{self.folder}/run/log.txt") as file:
            self.assertIn("1 ranks, from step 12\n", file.read())
        self.assertFalse(os.path.exists(f"{self.folder}/canary"))

    def test_starts_are_not_noted_through_a_link(self):
        os.makedirs(f"{self.folder}/run")
        with open(f"{self.folder}/victim", "w") as file:
            file.write("mine\n")
        os.symlink("../victim", f"{self.folder}/run/log.txt")
        text = self.start("hosts", self.host_file(), "false", "train", "--run", "run", code=1)
        self.assertIn("/run/log.txt is a symbolic link, which is not followed", text)
        with open(f"{self.folder}/victim") as file:
            self.assertEqual(file.read(), "mine\n")

    def test_a_signal_while_the_hosts_are_asked_makes_no_host_lost(self):
        agent = f"{self.folder}/agent"
        with open(agent, "w") as file:
            file.write("#!/bin/sh\ntouch asked\nwhile [ ! -e told ]; do sleep 0.05; done\n")  # in self.folder
        os.chmod(agent, 0o755)
        hosts = self.host_file("localhost slots=1\nfarhost slots=1\n")
        process = self.popen("hosts", hosts, "-n", 1, "false", OMPI_MCA_plm_rsh_agent=agent)
        self.wait_until(lambda: os.path.exists(f"{self.folder}/asked"), process)
        process.send_signal(signal.SIGTERM)
        open(f"{self.folder}/told", "w").close()
        self.assertNotIn("no answer", self.end(process, 1))

    def test_more_ranks_than_slots_are_as_many_after_a_lost_rank(self):
        PROGRAM.run("prepare", "dna", "--synthetic", 3000, "--window", 50, "--out", f"{self.folder}/corpus")
        run = f"{self.folder}/run"
        process = self.popen("hosts", self.host_file(), "-n", 2, "--restart", PROGRAM.path, "train", "--corpus",
                             "corpus", "--run", run, "--steps", 10**8, "--set", "checkpoint.every=20")  # fmt: skip
        self.wait_until(lambda: checkpoints_of(run), process)
        subprocess.run(["pkill", "-KILL", "-n", "-f", f"^{PROGRAM.path} train .*{run}"], check=True)
        self.wait_until(lambda: "start 1 on localhost:1: 2 ranks" in self.log_of(run), process)
        before = checkpoints_of(run)[-1]
        self.wait_until(lambda: checkpoints_of(run)[-1] > before, process)  # which the second start has saved
        process.send_signal(signal.SIGTERM)
        self.end(process, 75)

    @staticmethod
    def log_of(run):
        with open(f"{run}/log.txt") as file:
            return file.read()

    def test_an_ssh_that_outlives_mpirun_does_not_hold_the_script(self):
        agent = f"{self.folder}/agent"
        with open(agent, "w") as file:
            file.write("#!/bin/sh\nexec sleep 1000\n")
        os.chmod(agent, 0o755)
        process = self.popen("hosts", self.host_file("localhost\nfarhost\n"), "true", OMPI_MCA_plm_rsh_agent=agent)
        of_mpirun = ["pgrep", "-f", "^sleep 1000", "-s"]
        self.wait_until(lambda: self.mpirun(process) and self.succeeds(*of_mpirun, self.mpirun(process)), process)
        session = self.mpirun(process)
        os.kill(int(session), signal.SIGKILL)
        self.assertIn("no answer from farhost", self.end(process, 76))
        self.assertFalse(self.succeeds(*of_mpirun, session))

    def mpirun(self, process):
        found = subprocess.run(["pgrep", "-P", str(process.pid), "-x", "mpirun"], capture_output=True, text=True,
                               check=False)  # fmt: skip
        return found.stdout.strip()

    def succeeds(self, *words):
        return subprocess.run(words, capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    unittest.main(verbosity=2)
