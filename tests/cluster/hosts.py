"""Several hosts on one machine: namespaces joined by a switch, each with its own network, host name,
processes, /run and /dev/shm, and, where asked, an sshd (sshd.py). All other files are shared, as on a
cluster's file system.

    with Hosts(3) as hosts:
        hosts.run("n1", "mpirun", *hosts.mpirun_options(), "--host", "n2,n3", ...)
        hosts.cut("n2")

Nothing of it is seen from outside: the switch is a namespace, too, so any number of such clusters can run
beside each other. Everything ends with the process that made it (`unshare --kill-child` and __exit__).

Unavailable says in a sentence why a machine cannot do this: it takes root, namespaces, veth and some
programs. Tests end with 77 then."""

import os
import shutil
import subprocess
import tempfile
import time

import sshd

NET = "10.79.0"
PROGRAMS = {
    "ip": "iproute2", "tc": "iproute2", "nft": "nftables", "unshare": "util-linux", "nsenter": "util-linux",
    "setsid": "util-linux",
}  # fmt: skip

# Ranks of several hosts share the cores of one machine: without yielding each message waits for a time
# slice. Session folders must not be shared, as host-private process numbers repeat.
ENVIRONMENT = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_mpi_yield_when_idle": "1", "OMPI_MCA_orte_tmpdir_base": "/run/tmp",
    "OMPI_MCA_hwloc_base_binding_policy": "none", "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_btl": "tcp,self,vader", "OMPI_MCA_pml": "ob1",
}  # fmt: skip

INIT = r"""
folder=$1 host=$2 sshd=$3
hostname "$host"
mount -t proc proc /proc
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs tmpfs /run
mkdir -p /run/sshd /run/lock && mkdir -m 1777 /run/tmp
mount --bind "$folder/hosts" /etc/hosts
[[ -n $sshd ]] && "$sshd" -f "$folder/sshd_config" -E "$folder/$host.sshd.log"
touch "$folder/$host.up"
while :; do sleep 1000 & wait; done
"""


class Unavailable(Exception):
    """Why there can be no hosts here."""


def quiet(*words, **options):
    return subprocess.run(words, check=False, capture_output=True, text=True, **options)


def require(programs):
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    missing = [f"{p} (package {package})" for p, package in programs.items() if not shutil.which(p, path=path)]
    if missing:
        raise Unavailable("missing: " + ", ".join(missing))


class Hosts:
    def __init__(self, count, ssh=False):
        self.ssh = ssh
        self.names = [f"n{i + 1}" for i in range(count)]
        self.prefix = f"lk{os.getpid()}"
        self.inits = {}  # host: process of `unshare`
        self.first_process = {}  # host: number of its process 1, seen from outside

    def __enter__(self):
        require(PROGRAMS)
        if os.geteuid() != 0:
            raise Unavailable("network namespaces take root")
        self.folder = tempfile.mkdtemp(prefix="lockstep-hosts-", dir="/var/tmp")
        os.chmod(self.folder, 0o755)
        try:
            self.sshd = sshd.find() if self.ssh else ""
            self._write_files()
            if self.sshd:
                self._write_ssh_files()
            self._make_switch()
            for host in self.names:
                self.start(host)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for host in list(self.inits):
            self._end(host)
        for name in [*self.names, "switch"]:
            quiet("ip", "netns", "del", f"{self.prefix}-{name}")
        shutil.rmtree(self.folder, ignore_errors=True)

    def address(self, host):
        return f"{NET}.{int(host[1:])}"

    def _write_files(self):
        with open(f"{self.folder}/hosts", "w") as file:
            file.write("127.0.0.1 localhost\n")
            file.writelines(f"{self.address(host)} {host}\n" for host in self.names)
        # In place of ssh: `agent HOST COMMAND`, from a process that sees the first process of each host.
        with open(f"{self.folder}/agent", "w") as file:
            file.write(f'#!/bin/bash\nhost=$1; shift\nexec nsenter -t "$(<{self.folder}/$host.pid)" -n -m -u -i -p'
                       ' -- bash -c "$*"\n')  # fmt: skip
        os.chmod(f"{self.folder}/agent", 0o755)

    def _write_ssh_files(self):
        for key in ("hostkey", "userkey"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{self.folder}/{key}"], check=True)
        shutil.copy(f"{self.folder}/userkey.pub", f"{self.folder}/authorized_keys")
        with open(f"{self.folder}/sshd_config", "w") as file:
            file.write(f"HostKey {self.folder}/hostkey\nAuthorizedKeysFile {self.folder}/authorized_keys\n"
                       "PermitRootLogin prohibit-password\nUsePAM no\nStrictModes no\nPrintMotd no\n"
                       "ClientAliveInterval 2\nClientAliveCountMax 3\nPidFile /run/sshd.pid\n")  # fmt: skip
        # A dead host ends ssh after some seconds, as a site's settings should do.
        with open(f"{self.folder}/ssh_config", "w") as file:
            file.write(f"Host *\n User root\n IdentityFile {self.folder}/userkey\n BatchMode yes\n LogLevel ERROR\n"
                       " UserKnownHostsFile /dev/null\n StrictHostKeyChecking no\n ConnectTimeout 5\n"
                       " ServerAliveInterval 2\n ServerAliveCountMax 3\n")  # fmt: skip

    def _make_switch(self):
        switch = f"{self.prefix}-switch"
        if quiet("ip", "netns", "add", switch).returncode != 0:
            raise Unavailable("no network namespaces (CAP_SYS_ADMIN, CAP_NET_ADMIN)")
        if quiet("ip", "-n", switch, "link", "add", "br0", "type", "bridge").returncode != 0:
            raise Unavailable("the kernel has no bridge")
        quiet("ip", "-n", switch, "link", "set", "br0", "up")

    def start(self, host):
        """Brings a host up, also again after crash()."""
        space, switch, port = f"{self.prefix}-{host}", f"{self.prefix}-switch", f"v{host}"
        quiet("ip", "netns", "del", space)
        quiet("ip", "-n", switch, "link", "del", port)
        quiet("ip", "netns", "add", space)
        made = quiet("ip", "-n", switch, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", space)
        if made.returncode != 0:
            raise Unavailable(f"no veth: {made.stderr.strip()}")
        # The same hardware address after a restart, so that nobody waits for stale tables.
        mac = f"02:6c:6b:00:00:{int(host[1:]):02x}"
        for words in (
            ["-n", switch, "link", "set", port, "master", "br0", "up"], ["-n", space, "link", "set", "lo", "up"],
            ["-n", space, "link", "set", "eth0", "address", mac],
            ["-n", space, "addr", "add", f"{self.address(host)}/24", "dev", "eth0"],
            ["-n", space, "link", "set", "eth0", "up"],
        ):  # fmt: skip
            subprocess.run(["ip", *words], check=True)
        up = f"{self.folder}/{host}.up"
        if os.path.exists(up):
            os.unlink(up)
        with open(f"{self.folder}/{host}.log", "a") as log:
            self.inits[host] = subprocess.Popen(
                ["ip", "netns", "exec", space, "unshare", "--uts", "--ipc", "--mount", "--pid", "--fork",
                 "--kill-child=KILL", "bash", "-c", INIT, "init", self.folder, host, self.sshd],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self._wait_until_up(host, up)

    def _wait_until_up(self, host, up):
        deadline = time.monotonic() + 20
        while not os.path.exists(up):
            if time.monotonic() > deadline or self.inits[host].poll() is not None:
                with open(f"{self.folder}/{host}.log") as log:
                    raise Unavailable(f"host {host} does not start: {log.read()[-300:]}")
            time.sleep(0.02)
        children = f"/proc/{self.inits[host].pid}/task/{self.inits[host].pid}/children"
        with open(children) as file:
            self.first_process[host] = int(file.read().split()[0])
        with open(f"{self.folder}/{host}.pid", "w") as file:
            file.write(str(self.first_process[host]))

    def _end(self, host):
        process = self.inits.pop(host)
        process.kill()  # --kill-child: the kernel ends all of the host's processes with its first
        process.wait()

    def inside(self, host):
        """The words that, put in front, run a command on the host."""
        return ["nsenter", "-t", str(self.first_process[host]), "-n", "-m", "-u", "-i", "-p", "--"]

    def popen(self, host, *words, environment=None, **options):
        whole = dict(os.environ, **ENVIRONMENT, **(environment or {}))
        return subprocess.Popen([*self.inside(host), *map(str, words)], env=whole, **options)

    def run(self, host, *words, environment=None, timeout=120, **options):
        whole = dict(os.environ, **ENVIRONMENT, **(environment or {}))
        return subprocess.run([*self.inside(host), *map(str, words)], env=whole, capture_output=True, text=True,
                              timeout=timeout, check=False, **options)  # fmt: skip

    # Faults and measures of a host's cable.

    def crash(self, host):
        """The power goes: nobody hears anything of it."""
        self.cut(host)
        self._end(host)

    def cut(self, host):
        """Drops every packet of the host; its link stays up."""
        self._filter(host, "drop")

    def lose(self, host, percent):
        """Drops that share of what arrives at the host."""
        self._filter(host, f"numgen random mod 1000 < {int(percent * 10)} drop", "accept")

    def mend(self, host):
        quiet("ip", "netns", "exec", f"{self.prefix}-{host}", "nft", "delete", "table", "inet", "fault")

    def _filter(self, host, arriving, leaving="drop"):
        self.mend(host)
        rules = (
            "table inet fault {\n"
            f' chain arriving {{ type filter hook input priority 0; iifname "eth0" {arriving}; }}\n'
            f' chain leaving {{ type filter hook output priority 0; oifname "eth0" {leaving}; }}\n'
            "}\n"
        )
        done = quiet("ip", "netns", "exec", f"{self.prefix}-{host}", "nft", "-f", "-", input=rules)
        if done.returncode != 0:
            raise Unavailable(f"nft: {done.stderr.strip()}")

    def unplug(self, host):
        """The host sees that its cable has gone."""
        subprocess.run(["ip", "-n", f"{self.prefix}-switch", "link", "set", f"v{host}", "down"], check=True)

    def plug(self, host):
        subprocess.run(["ip", "-n", f"{self.prefix}-switch", "link", "set", f"v{host}", "up"], check=True)

    def limit(self, host, rate):
        """Both directions, as tc says it (1gbit). The burst holds the 64 KiB the kernel hands over at once."""
        for space, device in ((host, "eth0"), ("switch", f"v{host}")):
            done = quiet("ip", "netns", "exec", f"{self.prefix}-{space}", "tc", "qdisc", "replace", "dev", device,
                         "root", "tbf", "rate", rate, "burst", "128kb", "limit", "1mb")  # fmt: skip
            if done.returncode != 0:
                raise Unavailable(f"no tc with tbf: {done.stderr.strip()}")

    def sent_bytes(self, host):
        text = self.run(host, "cat", "/sys/class/net/eth0/statistics/tx_bytes").stdout
        return int(text) if text.strip() else self._sent_from_proc(host)

    def _sent_from_proc(self, host):
        for line in self.run(host, "cat", "/proc/net/dev").stdout.splitlines():
            if line.strip().startswith("eth0:"):
                return int(line.split(":")[1].split()[8])
        raise RuntimeError(f"{host} has no eth0")

    def launcher(self, host, ssh=False):
        """The words that start something on `host` which reaches the others: mpirun and what calls it."""
        if ssh:
            return self.inside(host)
        # Outside of the host's processes, to see those of the others.
        return ["nsenter", "-t", str(self.first_process[host]), "-n", "-u", "-i", "--"]

    def agent(self, ssh=False):
        """OpenMPI's plm_rsh_agent that reaches these hosts from launcher()."""
        return f"ssh -F {self.folder}/ssh_config" if ssh else f"{self.folder}/agent"
