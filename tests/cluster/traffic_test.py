"""Ranks of a host add their sums before these leave it, and parameters enter a host once: what crosses the
cable in a step falls by the number of ranks on a host, by the counters of the hosts' cables, and the bits are
those of one rank. Skipped (77) where hosts.py says so."""

import os
import subprocess
import sys
import tempfile

FOLDER = os.path.dirname(__file__)
sys.path.insert(0, os.path.join(FOLDER, "..", "support"))
sys.path.insert(0, FOLDER)
from hosts import ENVIRONMENT, NET, Hosts, Unavailable
from program import Program, state_of

STEPS = 6
SETTINGS = ("model.layers=2", "model.hidden_size=160", "model.dropout=0.3", "batch.sequences=16",
            "batch.slots=8", "train.replicated_share=0")  # fmt: skip
# Losses, norms and waiting for each other are sent as ever, and frames have heads.
LEAST_SHARE_OF_RANKS = 0.85


class Cluster:
    def __init__(self, hosts, program, folder):
        self.hosts, self.program, self.folder = hosts, program, folder
        self.runs = 0

    def train(self, on, placing, level, steps):
        """Trains with so many ranks on each host; the parameters' hash and the bytes that n1 sent."""
        self.runs += 1
        run = f"{self.folder}/run{self.runs}"
        command = [
            *self.hosts.launcher("n1"), "mpirun", "-n", str(sum(on)), *placing,
            "--host", ",".join(f"n{i + 1}:{ranks}" for i, ranks in enumerate(on)),
            "--mca", "plm", "rsh", "--mca", "plm_rsh_agent", self.hosts.agent(), "--mca", "plm_rsh_no_tree_spawn", "1",
            "--mca", "btl_tcp_if_include", f"{NET}.0/24", "--mca", "oob_tcp_if_include", f"{NET}.0/24",
            self.program.path, "train", "--corpus", f"{self.folder}/corpus", "--run", run, "--steps", str(steps),
            "--set", f"train.host_level={level}",
        ]  # fmt: skip
        for setting in SETTINGS:
            command += ["--set", setting]
        before = self.hosts.sent_bytes("n1")
        done = subprocess.run(command, env=dict(os.environ, **ENVIRONMENT), capture_output=True, text=True,
                              timeout=100, check=False)  # fmt: skip
        if done.returncode != 0:
            sys.exit(f"exit code {done.returncode}\n{done.stdout}{done.stderr}")
        if f"{sum(on)} ranks x 1 threads" not in done.stdout + done.stderr:
            sys.exit(f"this was not a run of {sum(on)} ranks\n{done.stdout}{done.stderr}")
        return state_of(run)["parameters_hash"], self.hosts.sent_bytes("n1") - before

    def traffic(self, on, placing, level):
        """The hash after STEPS, and the bytes of a step: a longer run less a shorter one, start and end the same."""
        _, short = self.train(on, placing, level, STEPS // 3)
        found, long = self.train(on, placing, level, STEPS)
        return found, (long - short) / (STEPS - STEPS // 3)


def problems_of(cluster, expected):
    problems = []
    # Ranks on each host, where mpirun puts them, and how much less than one level crosses the cable.
    for on, placing, factor in [((2, 2), [], 2), ((4, 4), [], 4), ((3, 2), [], None), ((2, 2), ["--map-by", "node"], None)]:
        name = f"{on} {' '.join(placing)}"
        found, two = cluster.traffic(on, placing, "true") if factor else cluster.train(on, placing, "true", STEPS)
        if found != expected:
            problems.append(f"{name}: other bits than one rank")
        if factor is None:
            continue
        flat, one = cluster.traffic(on, placing, "false")
        print(f"{name}: {one / 1e6:.3f} MB a step in one level, {two / 1e6:.3f} in two, ratio {one / two:.2f}")
        if flat != expected:
            problems.append(f"{name}: other bits in one level")
        if one / two < LEAST_SHARE_OF_RANKS * factor:
            problems.append(f"{name}: expected {factor} times less between hosts, found {one / two:.2f}")
    return problems


def main():
    program = Program(os.path.abspath(sys.argv[1]))
    with tempfile.TemporaryDirectory() as folder:
        program.run("prepare", "dna", "--synthetic", 6600, "--window", 64, "--out", f"{folder}/corpus")
        words = [word for setting in SETTINGS for word in ("--set", setting)]
        program.run("train", "--corpus", f"{folder}/corpus", "--run", f"{folder}/alone", "--steps", STEPS, *words)
        try:
            with Hosts(2) as hosts:
                problems = problems_of(Cluster(hosts, program, folder), state_of(f"{folder}/alone")["parameters_hash"])
        except Unavailable as reason:
            print(f"skipped: {reason}")
            sys.exit(77)
    for problem in problems:
        print("wrong:", problem)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
