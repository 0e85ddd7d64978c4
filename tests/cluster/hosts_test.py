"""launch/hosts on several hosts: the bits of one rank alone, and whatever happens to a host or its cable, the
job ends with 76 and names the host, or finishes; it never hangs and leaves no process behind. Skipped (77)
where hosts.py says so."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
sys.path.insert(0, os.path.dirname(__file__))
from hosts import ENVIRONMENT, NET, Hosts, Unavailable
from program import Program, metrics_of, state_of

LAUNCH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "launch", "hosts")
LONGEST_SECONDS = 120  # for whatever a job does, on a crowded machine
HOSTS = 3
STEPS = 300
MPIRUN = "ORTE has lost communication with a remote daemon"
WATCH = "does not answer; all ranks are ended"
SETTINGS = ["model.layers=2", "model.hidden_size=24", "model.dropout=0.3", "batch.sequences=16",
            "validation.every=100", "checkpoint.every=20", "log.every=1"]  # fmt: skip


class HostsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.corpus = f"{FOLDER}/corpus"
        PROGRAM.run("prepare", "dna", "--synthetic", 6600, "--window", 64, "--out", cls.corpus)
        cls.undisturbed = f"{FOLDER}/undisturbed"
        PROGRAM.run("train", *cls.words(cls.undisturbed, STEPS))

    @classmethod
    def words(cls, run, steps):
        sets = [word for setting in SETTINGS for word in ("--set", setting)]
        return ["--corpus", cls.corpus, "--run", run, "--steps", steps, *sets]

    def setUp(self):
        self.hosts = Hosts(HOSTS, ssh=True).__enter__()
        self.addCleanup(self.hosts.__exit__)
        self.idle = {host: self.processes(host) for host in self.hosts.names}
        self.run_folder = tempfile.mkdtemp(dir=FOLDER)
        self.output = f"{self.run_folder}.out"
        self.event = None  # the last one: what, and when

    def host_file(self, names):
        """`names`: of hosts, with ":SLOTS" where there are more than one."""
        path = f"{self.run_folder}.hosts"
        with open(path, "w") as file:
            file.write("# the hosts of this test\n")
            for host, _, slots in (name.partition(":") for name in names):
                file.write(f"{host} slots={slots or 1}\n")
        return path

    def launch(self, *words, names=None, where="n1", environment=None):
        environment = environment or {"OMPI_MCA_plm_rsh_agent": self.hosts.agent(ssh=True)}
        command = [LAUNCH, self.host_file(names or self.hosts.names), "--network", f"{NET}.0/24", *words]
        with open(self.output, "w") as output:
            self.job = self.hosts.popen(
                where, *command, environment=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        self.event = ("start", time.monotonic())
        self.addCleanup(self.kill)

    def kill(self):
        self.job.kill()
        self.job.wait()

    def start(self, *options, steps=STEPS, **where):
        self.launch(*options, PROGRAM.path, "train", *self.words(self.run_folder, steps), **where)

    def text(self):
        with open(self.output) as file:
            return file.read()

    def log(self):
        with open(f"{self.run_folder}/log.txt") as file:
            return file.read()

    def wait_until(self, condition, what):
        deadline = time.monotonic() + LONGEST_SECONDS
        while not condition():
            self.assertLess(time.monotonic(), deadline, f"{what()}; {self.text()}")
            time.sleep(0.02)

    def wait_for_step(self, step):
        """Until the checkpoint of that step is there; the job then still runs."""
        path = f"{self.run_folder}/checkpoints/step-{step:012}.h5"
        self.wait_until(lambda: os.path.exists(path) or self.job.poll() is not None, lambda: f"step {step}")
        self.assertIsNone(self.job.poll(), self.text())

    def disturb(self, fault, *words):
        self.wait_for_step(40)
        self.event = (fault.__name__, time.monotonic())
        fault(*words)

    def end(self):
        try:
            code = self.job.wait(LONGEST_SECONDS)
        except subprocess.TimeoutExpired:
            self.fail(f"the job hangs: {self.text()}")
        what, since = self.event
        print(f"ended {time.monotonic() - since:.1f} s after {what}", end=" ... ", file=sys.stderr, flush=True)
        return code

    def processes(self, host):
        """Command lines on that host, but for the one that asks."""
        text = self.hosts.run(host, "ps", "-eo", "args", "--no-headers").stdout
        return sorted(line.strip() for line in text.splitlines() if not line.startswith("ps "))

    def busy(self):
        living = [host for host in self.hosts.names if host in self.hosts.inits]
        return {host: found for host in living if (found := self.processes(host)) != self.idle[host]}

    def check_nothing_left(self):
        self.wait_until(lambda: not self.busy(), lambda: f"left: {self.busy()}, idle: {self.idle}")

    def check_bits(self):
        self.assertEqual(state_of(self.run_folder)["parameters_hash"], state_of(self.undisturbed)["parameters_hash"])
        self.assertEqual(metrics_of(self.run_folder), metrics_of(self.undisturbed))
        PROGRAM.run("verify", self.run_folder)

    def check_finished(self, again=()):
        """`again`: hosts that come back once the run is done."""
        self.assertEqual(self.end(), 0, self.text())
        self.check_bits()
        for host in again:
            self.hosts.mend(host)
        self.check_nothing_left()

    def check_lost(self, host, noticed_by):
        self.assertEqual(self.end(), 76, self.text())
        self.assertNotIn("Killed", self.text())  # the shell's word for it
        self.assertIn(noticed_by, self.text())
        self.assertRegex(self.text(), rf"no answer from {host}\b")
        self.assertFalse(os.path.exists(f"{self.run_folder}/done.json"))

    def test_sigterm_saves_and_the_same_command_goes_on_with_another_number_of_hosts(self):
        self.start(names=["n1", "n2"])
        self.disturb(self.stop)
        self.assertEqual(self.end(), 75, self.text())
        self.check_nothing_left()
        step = state_of(self.run_folder)["step"]
        self.assertGreaterEqual(step, 40)
        self.start()
        self.check_finished()
        self.assertIn(f"start 0 on n1:1 n2:1 n3:1: 3 ranks, from step {step}\n", self.log())

    def stop(self):
        self.signal_script(signal.SIGTERM)

    def signal_script(self, which):
        """To launch/hosts alone; nsenter has put a process between."""
        with open(f"/proc/{self.job.pid}/task/{self.job.pid}/children") as file:
            os.kill(int(file.read()), which)


class FullHostsTest(HostsTest):
    def test_one_two_and_three_hosts_give_the_bits_of_one_rank_alone(self):
        for count in (1, 2, 3):
            with self.subTest(hosts=count):
                self.run_folder = tempfile.mkdtemp(dir=FOLDER)
                self.start(names=self.hosts.names[:count])
                self.check_finished()
                self.assertIn(f"{count} ranks x 1 threads", self.text())

    def test_hosts_with_several_slots_give_the_same_bits(self):
        self.start("--restart", names=["n1:2", "n2:2", "n3"])
        self.disturb(self.hosts.crash, "n2")
        self.check_finished()
        self.assertIn("start 0 on n1:2 n2:2 n3:1: 5 ranks, from step 0\n", self.log())
        self.assertIn("start 1 on n1:2 n3:1: 3 ranks", self.log())

    def test_hosts_that_get_no_rank_are_left_alone(self):
        self.start("-n", 2, names=["n1:2", "n2", "n3"])
        self.check_finished()
        self.assertIn("start 0 on n1:2: 2 ranks", self.log())

    def test_four_hosts_survive_the_loss_of_two(self):
        self.hosts.__exit__()
        self.hosts = Hosts(4, ssh=True).__enter__()
        self.addCleanup(self.hosts.__exit__)
        self.idle = {host: self.processes(host) for host in self.hosts.names}
        self.start("--restart")
        self.disturb(lambda: [self.hosts.crash(host) for host in ("n2", "n4")])
        self.check_finished()
        self.assertIn("start 1 on n1:1 n3:1: 2 ranks", self.log())

    def test_a_killed_script_leaves_nothing_and_the_same_command_goes_on(self):
        self.start("--restart", steps=10**6)
        self.disturb(self.signal_script, signal.SIGKILL)
        self.end()
        self.check_nothing_left()
        self.start("--restart")
        self.check_finished()

    def test_a_killed_mpirun_leaves_nothing_and_the_run_goes_on(self):
        self.start("--restart")
        self.disturb(self.hosts.run, "n1", "pkill", "-KILL", "-x", "mpirun")
        self.check_finished()
        self.assertIn("start 1 on n1:1 n2:1 n3:1: 3 ranks", self.log())

    def test_a_cut_cable_is_76_and_names_the_host(self):
        self.start(steps=10**6)
        self.disturb(self.hosts.cut, "n3")
        self.check_lost("n3", MPIRUN)
        self.hosts.mend("n3")
        self.check_nothing_left()

    def test_a_cable_cut_while_the_ranks_start_is_76_and_names_the_host(self):
        self.start(steps=10**6)
        self.wait_until(lambda: any("lockstep train" in words for words in self.processes("n3")), self.busy)
        self.hosts.cut("n3")
        self.event = ("cut", time.monotonic())
        self.check_lost("n3", "n3")
        self.hosts.mend("n3")
        self.check_nothing_left()

    def test_an_unplugged_host_is_76_and_is_named(self):
        self.start(steps=10**6)
        self.disturb(self.hosts.unplug, "n2")
        self.check_lost("n2", MPIRUN)
        self.hosts.plug("n2")
        self.check_nothing_left()

    def test_a_host_without_power_is_76_and_is_named(self):
        self.start(steps=10**6)
        self.disturb(self.hosts.crash, "n2")
        self.check_lost("n2", MPIRUN)
        self.check_nothing_left()

    def test_a_stop_that_cannot_reach_a_lost_host_ends(self):
        self.start(steps=10**6)
        self.disturb(self.hosts.cut, "n3")
        self.stop()
        self.check_lost("n3", WATCH)
        self.hosts.mend("n3")
        self.check_nothing_left()

    def test_a_host_that_is_down_from_the_start_is_76_and_is_named(self):
        self.hosts.crash("n3")
        self.start()
        self.check_lost("n3", "ORTE was unable")
        self.check_nothing_left()

    def test_a_cable_that_loses_packets_gives_the_same_bits(self):
        self.start()
        self.disturb(self.hosts.lose, "n2", 5)
        self.check_finished()

    def test_a_slow_cable_gives_the_same_bits(self):
        self.start()
        self.disturb(self.hosts.limit, "n3", "20mbit")
        self.check_finished()

    def test_a_crashed_host_is_left_out_and_the_run_goes_on(self):
        self.start("--restart")
        self.disturb(self.hosts.crash, "n3")
        self.check_finished()
        self.assertIn("no answer from n3\n", self.log())
        self.assertRegex(self.log(), r"start 1 on n1:1 n2:1: 2 ranks, from step ([4-9]\d|[12]\d\d)\n")

    def test_a_run_goes_on_while_a_cut_host_still_has_ranks_of_it(self):
        self.start("--restart")
        self.disturb(self.hosts.cut, "n1")
        self.wait_until(lambda: "start 1 on n1:1: 1 ranks" in self.log(), self.log)
        self.hosts.mend("n1")
        self.check_finished()

    def test_a_lost_rank_is_76_and_with_restart_the_run_goes_on_with_all_hosts(self):
        self.start("--restart")
        self.disturb(self.hosts.run, "n2", "bash", "-c", "kill -9 $(pgrep -x lockstep | tail -n 1)")
        self.check_finished()
        self.assertRegex(self.text(), r"rank 1 \(host n2, .*\) was killed by signal 9")
        self.assertIn("start 1 on n1:1 n2:1 n3:1: 3 ranks", self.log())

    def test_three_starts_that_come_no_further_are_enough(self):
        self.start("--restart", steps=10**6)
        self.wait_for_step(40)
        self.wait_until(self.is_over_or_loses_a_rank, lambda: "the end")
        self.assertEqual(self.end(), 76, self.text())
        self.assertRegex(self.log(), "ended with 76; three starts came no further than step ")
        self.check_nothing_left()

    def is_over_or_loses_a_rank(self):
        self.hosts.run("n2", "bash", "-c", "kill -9 $(pgrep -x lockstep | tail -n 1)")
        return self.job.poll() is not None

    def test_a_daemon_that_hangs_is_ended_and_the_run_goes_on_with_all_hosts(self):
        self.start("--restart")
        self.disturb(self.hosts.run, "n2", "bash", "-c", "kill -STOP $(pgrep -x orted); kill -9 $(pgrep -x lockstep)")
        self.check_finished()
        self.assertIn("host n2 has no ranks any more, but mpirun does not end", self.text())
        self.assertIn("start 1 on n1:1 n2:1 n3:1: 3 ranks", self.log())

    def test_an_error_that_another_start_does_not_mend_ends_it(self):
        words = [*self.words(self.run_folder, STEPS), "--set", "model.layers=0"]
        self.launch("--restart", PROGRAM.path, "train", *words)
        self.assertEqual(self.end(), 64, self.text())
        self.assertIn("ended with 64; not started again", self.log())
        self.assertEqual(self.log().count("start "), 1)

    def test_a_run_that_another_start_has_taken_is_left_to_it(self):
        self.start("--restart", steps=10**6)
        self.disturb(self.take)
        self.assertEqual(self.end(), 79, self.text())
        self.assertEqual(self.log().count("start "), 1)
        self.check_nothing_left()

    def take(self):
        with open(f"{self.run_folder}/.owner.new", "w") as file:
            json.dump({"number": 9, "host": "n9", "process": 1, "job": "", "start": 0, "time": "now"}, file)
        os.replace(file.name, f"{self.run_folder}/.owner")

    def test_a_program_that_is_not_there_is_no_lost_host(self):
        self.launch("no-such-program")
        self.assertEqual(self.end(), 64, self.text())
        self.assertIn('no program "no-such-program" here', self.text())

    def test_a_frozen_host_is_76_and_is_named(self):
        self.start(steps=10**6)
        self.disturb(self.hosts.run, "n3", "bash", "-c", "kill -STOP -1")
        self.check_lost("n3", WATCH)
        self.hosts.run("n3", "bash", "-c", "kill -CONT -1")
        self.check_nothing_left()

    def test_hosts_may_be_led_from_one_that_is_not_among_them(self):
        self.start("--restart", names=["n1", "n2"], where="n3")
        self.disturb(self.hosts.cut, "n2")
        self.check_finished(again=["n2"])
        self.assertIn("start 1 on n1:1: 1 ranks", self.log())

    def write_ssh(self, first=""):
        """A folder with an ssh that knows the keys of this test and has no other options than the script's."""
        path, config = f"{self.run_folder}/ssh", f"{self.run_folder}/ssh_config"
        with open(f"{self.hosts.folder}/ssh_config") as source, open(config, "w") as file:
            file.writelines(line for line in source if "Timeout" not in line and "Alive" not in line)
        with open(path, "w") as file:
            file.write(f'#!/bin/sh\n{first}\nexec {shutil.which("ssh")} -F {config} "$@"\n')
        os.chmod(path, 0o755)
        return path

    def test_an_ssh_that_hangs_is_a_lost_host(self):
        agent = self.write_ssh('case " $* " in *" n3 "*) exec sleep 1000 ;; esac')  # mpirun puts -x in front
        self.start("-n", 4, "--restart", environment={"OMPI_MCA_plm_rsh_agent": agent})
        self.check_finished()
        self.assertIn("host n3 does not answer", self.text())
        self.assertIn("no answer from n3\n", self.log())
        self.assertIn("start 0 on n1:1 n2:1 n3:1: 4 ranks", self.log())
        self.assertIn("start 1 on n1:1 n2:1: 2 ranks", self.log())

    def test_without_a_word_about_it_the_way_to_the_hosts_is_ssh(self):
        self.write_ssh()
        self.start("--restart", environment={"PATH": f"{self.run_folder}:{os.environ['PATH']}"})
        self.disturb(self.hosts.crash, "n3")
        self.check_finished()
        self.assertIn("start 1 on n1:1 n2:1: 2 ranks", self.log())

    def test_a_short_outage_only_takes_time(self):
        self.start()
        self.disturb(self.hosts.cut, "n2")
        time.sleep(2)  # less than the daemons' patience
        self.hosts.mend("n2")
        self.check_finished()
        self.assertEqual(self.log().count("start "), 1)


def main():
    global PROGRAM, FOLDER
    PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    full = "--full" in sys.argv
    if full:
        sys.argv.remove("--full")
    case = FullHostsTest if full else HostsTest
    names = sys.argv[1:]
    suite = unittest.TestSuite(map(case, names)) if names else unittest.defaultTestLoader.loadTestsFromTestCase(case)
    try:
        with Hosts(1, ssh=True) as hosts:
            if not hosts.sshd:
                raise Unavailable("no sshd (package openssh-server), and it cannot be downloaded")
        with tempfile.TemporaryDirectory(dir="/var/tmp") as FOLDER:
            result = unittest.TextTestRunner(verbosity=2).run(suite)
    except Unavailable as reason:
        print(f"skipped: {reason}")
        sys.exit(77)
    sys.exit(0 if result.wasSuccessful() else 1)


if __name__ == "__main__":
    main()
