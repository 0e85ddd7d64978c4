"""One rank on each of two hosts gives the bits of one rank alone, over a cable of 1 Gbit/s, for a model
of several pieces of which some are replicated by default. Skipped (77) where two_hosts says so."""

import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import ENVIRONMENT, Program, metrics_of, state_of

TWO_HOSTS = os.path.join(os.path.dirname(__file__), "two_hosts")
STEPS = 12


def train_on_two_hosts(words):
    command = [TWO_HOSTS, "1gbit", *words]
    done = subprocess.run(
        command, env=ENVIRONMENT, capture_output=True, text=True, timeout=100, check=False
    )
    if done.returncode == 77:
        print(done.stderr.strip())
        sys.exit(77)
    if done.returncode != 0:
        sys.exit(f"exit code {done.returncode}\n{done.stdout}{done.stderr}")
    if "2 ranks x 1 threads" not in done.stdout + done.stderr:
        sys.exit(f"this was not a run of 2 ranks\n{done.stdout}{done.stderr}")


def main():
    path = os.path.abspath(sys.argv[1])
    program = Program(path)
    with tempfile.TemporaryDirectory() as folder:
        program.run("prepare", "dna", "--synthetic", 6600, "--window", 64, "--out", f"{folder}/corpus")
        found = []
        for hosts in (1, 2):
            run = f"{folder}/run{hosts}"
            words = ["train", "--corpus", f"{folder}/corpus", "--run", run, "--steps", str(STEPS)]
            for setting in ("model.layers=3", "model.hidden_size=64", "model.dropout=0.3",
                            "batch.sequences=16", "log.every=1", "validation.every=5"):  # fmt: skip
                words += ["--set", setting]
            program.run(*words) if hosts == 1 else train_on_two_hosts([path, *words])
            found.append((state_of(run)["parameters_hash"], metrics_of(run)))
    if len(found[0][1]) < STEPS:
        sys.exit(f"metrics.jsonl has {len(found[0][1])} lines, expected at least {STEPS}")
    print("same bits" if found[0] == found[1] else "other bits on two hosts")
    sys.exit(0 if found[0] == found[1] else 1)


if __name__ == "__main__":
    main()
