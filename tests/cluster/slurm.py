"""A real SLURM on hosts.py's hosts: controller and munged on a host of their own ("n1"), slurmd and munged on
each of the others. No systemd, no cgroups, no database, nothing of /etc/slurm.

    with Slurm(3) as slurm:
        job = slurm.submit(script, "--nodes", "2")
        slurm.wait(job)

Settings that a stock configuration gets wrong here say why beside them. Unavailable: see hosts.py."""

import glob
import os
import shutil
import subprocess
import time

from hosts import Hosts, Unavailable, require

PROGRAMS = {
    "slurmctld": "slurmctld", "slurmd": "slurmd", "sbatch": "slurm-client", "munged": "munge",
}  # fmt: skip
PLUGINS = ("mpi_pmix.so", "proctrack_linuxproc.so", "select_cons_tres.so")

CONFIGURATION = """
ClusterName=lockstep
SlurmctldHost=n1({controller})
SlurmUser=root
SlurmdUser=root
# A requeued job waits as long as credentials live, 120 s by default.
AuthType=auth/munge
AuthInfo=socket=/run/munge.socket,cred_expire=5
CryptoType=crypto/munge
StateSaveLocation={folder}/state
# Private to the host and gone with it: what a crashed job left would make its next first step fail.
SlurmdSpoolDir=/run/slurmd
SlurmctldPidFile=/run/slurmctld.pid
SlurmdPidFile=/run/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin={task_plugin}
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
MpiDefault=pmix
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
JobRequeue=1
ReturnToService=2
SlurmdTimeout=10
SlurmctldTimeout=10
MessageTimeout=5
TCPTimeout=2
KillWait=5
KillOnBadExit=1
MinJobAge=3600
Waittime=0
InactiveLimit=0
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=1,sched_interval=5,sched_min_interval=200000,batch_sched_delay=0
# Jobs of partition high requeue those of low, which get their --signal first, then 10 s.
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SlurmctldParameters=preempt_send_user_signal
{nodes}
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=5 PreemptMode=OFF
PartitionName=low Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=1 PreemptMode=REQUEUE GraceTime=10
PartitionName=high Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=10 PreemptMode=OFF
"""


class Slurm:
    def __init__(self, nodes, cpus=2, task_plugin="task/none"):
        """`task/affinity` binds tasks to cores, of which all nodes share this machine's."""
        self.hosts = Hosts(nodes + 1)
        self.nodes = self.hosts.names[1:]
        self.cpus = cpus
        self.task_plugin = task_plugin

    def __enter__(self):
        require(PROGRAMS)
        for plugin in PLUGINS:
            if not glob.glob(f"/usr/lib/*/slurm*/{plugin}"):
                raise Unavailable(f"missing: SLURM's {plugin} (package slurm-wlm-basic-plugins)")
        self.hosts.__enter__()
        try:
            self._configure()
            self._daemon("n1", "slurmctld", "-D", "-f", f"{self.folder}/slurm.conf")
            for node in self.nodes:
                self.start_node(node)
            self.wait_for_nodes()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.hosts.__exit__()

    def _configure(self):
        self.folder = f"{self.hosts.folder}/slurm"
        os.makedirs(f"{self.folder}/state")
        with open(f"{self.folder}/munge.key", "wb") as file:
            file.write(os.urandom(1024))
        os.chmod(f"{self.folder}/munge.key", 0o400)
        nodes = "\n".join(
            f"NodeName={n} NodeAddr={self.hosts.address(n)} CPUs={self.cpus} RealMemory=2000 State=UNKNOWN"
            for n in self.nodes
        )
        files = {
            "slurm.conf": CONFIGURATION.format(
                folder=self.folder, nodes=nodes, controller=self.hosts.address("n1"),
                task_plugin=self.task_plugin,
            ),
            # slurmd always loads a cgroup plugin, and the automatic choice fails without /sys/fs/cgroup.
            "cgroup.conf": "CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n",
            # Its folder in /tmp has no host in its name, and /tmp is shared here.
            "mpi.conf": "PMIxCliTmpDirBase=/run/tmp\n",
        }
        for name, text in files.items():
            with open(f"{self.folder}/{name}", "w") as file:
                file.write(text)
        self._munge("n1")

    def _daemon(self, host, *words):
        path = shutil.which(words[0], path="/usr/sbin:/sbin:" + os.environ["PATH"])
        with open(f"{self.folder}/{words[0]}.{host}.out", "a") as log:
            self.hosts.popen(host, "setsid", path, *words[1:], stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def _munge(self, host):
        self._daemon(host, "munged", "--foreground", "--force", "--num-threads=2",
                     f"--key-file={self.folder}/munge.key", "--socket=/run/munge.socket",
                     "--pid-file=/run/munged.pid", f"--log-file={self.folder}/munged.{host}.log",
                     "--seed-file=/run/munge.seed")  # fmt: skip
        deadline = time.monotonic() + 20
        while self.hosts.run(host, "test", "-S", "/run/munge.socket").returncode != 0:
            if time.monotonic() > deadline:
                raise Unavailable(f"munged does not start on {host}")
            time.sleep(0.05)

    def start_node(self, node):
        """Starts slurmd on a host that is up."""
        self._munge(node)
        self._daemon(node, "slurmd", "-D", "-N", node, "-f", f"{self.folder}/slurm.conf")

    def restart_node(self, node):
        """Brings a crashed host back."""
        self.hosts.start(node)
        self.start_node(node)

    def run(self, *words, **options):
        """Runs a command on the controller, which is the login host, too."""
        environment = {"SLURM_CONF": f"{self.folder}/slurm.conf", **options.pop("environment", {})}
        return self.hosts.run("n1", *words, environment=environment, **options)

    def wait_for_nodes(self, seconds=60):
        ready = {"idle", "allocated", "mixed", "completing"}
        deadline = time.monotonic() + seconds
        while True:
            states = self.run("sinfo", "-h", "-N", "-p", "main", "-o", "%T").stdout.split()
            if len(states) == len(self.nodes) and ready.issuperset(states):
                return
            if time.monotonic() > deadline:
                raise RuntimeError(f"nodes are {states}: {self.log_tail()}")
            time.sleep(0.1)

    def log_tail(self):
        text = ""
        for path in sorted(glob.glob(f"{self.folder}/slurm*.log")):
            with open(path) as file:
                text += "".join(file.readlines()[-4:])
        return text

    def submit(self, script, *options, arguments=(), environment=None):
        """sbatch; gives the job's number."""
        done = self.run("sbatch", "--parsable", *options, script, *arguments, environment=environment or {})
        if done.returncode != 0:
            raise RuntimeError(f"sbatch: {done.stderr}")
        return done.stdout.strip()

    def state(self, job):
        """RUNNING, PENDING, COMPLETED, FAILED...; of `scontrol show job`, which keeps ended ones."""
        return self.field(job, "JobState")

    def field(self, job, name):
        text = self.run("scontrol", "show", "job", "-o", job).stdout
        found = [word for word in text.split() if word.startswith(f"{name}=")]
        return found[0].split("=", 1)[1] if found else ""

    def wait_until(self, holds, seconds=120, what="it"):
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{what} did not come within {seconds} s: {self.log_tail()}")
            time.sleep(0.1)

    def wait(self, job, seconds=300):
        """Until the job has ended for good; gives its state."""
        going_on = {"PENDING", "RUNNING", "COMPLETING", "CONFIGURING", "SUSPENDED", "REQUEUED", "PREEMPTED"}
        self.wait_until(lambda: self.state(job) not in going_on, seconds, f"the end of job {job}")
        return self.state(job)


__all__ = ["Slurm", "Unavailable"]
