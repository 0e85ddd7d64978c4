"""Runs the lockstep program for tests, alone or under mpirun, and reads what it leaves behind."""

import json
import os
import select
import subprocess
import sys
import time

try:
    import h5py
except ImportError:
    print("skipped: h5py is not installed (Debian package python3-h5py)")
    sys.exit(77)

ENVIRONMENT = dict(
    os.environ,
    OMPI_ALLOW_RUN_AS_ROOT="1",
    OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
    OMPI_MCA_mpi_yield_when_idle="1",  # more ranks than cores
    OMPI_MCA_rmaps_base_oversubscribe="1",
    OMPI_MCA_hwloc_base_binding_policy="none",
)

# What a file beside the checkpoints may be called between "step-" and ".h5". Bash runs the first two when they get
# into arithmetic, where they leave a file "canary"; the others look like numbers, but are not the twelve digits of a
# step.
HOSTILE_STEPS = ["9+PATH[$(touch canary)]", "PATH[$(touch canary)]", "99", "0000000000099", "00000000099x",
                 "000000000099.damaged", "99\nstep-000000000099", "-00000000099", " 00000000099",
                 "\u0660" * 10 + "\u0669\u0669"]  # fmt: skip


class Program:
    def __init__(self, path):
        self.path = path

    def run(self, *words, ranks=0, code=0, timeout=250, folder=None, standard_input=None):
        """Runs `lockstep words` (under mpirun when ranks > 0) in a folder; the exit code must be `code`, unless that is
        None."""
        launcher = ["mpirun", "-n", str(ranks)] if ranks else []
        command = launcher + [self.path] + [str(word) for word in words]
        done = subprocess.run(
            command, env=ENVIRONMENT, capture_output=True, text=True, timeout=timeout, cwd=folder,
            input=standard_input,
        )
        if code is not None and done.returncode != code:
            sys.exit(
                f"{' '.join(command)}: exit code {done.returncode}, expected {code}\n"
                f"{done.stdout}{done.stderr}"
            )
        return done.stdout + done.stderr


    def answers(self, *words, lines, ranks=0, seconds=60):
        """What the program writes while its standard input stays open: a line for each of `lines`, which are written at
        once. None if they do not come."""
        launcher = ["mpirun", "-n", str(ranks)] if ranks else []
        with subprocess.Popen(launcher + [self.path] + [str(word) for word in words], env=ENVIRONMENT,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # fmt: skip
            process.stdin.write("".join(lines).encode())
            process.stdin.flush()
            found, end = b"", time.monotonic() + seconds
            while found.count(b"\n") < len(lines) and time.monotonic() < end:
                if select.select([process.stdout], [], [], 1)[0]:
                    found += os.read(process.stdout.fileno(), 1 << 16)
            process.stdin.close()
            rest = process.stdout.read()
        if process.returncode != 0 or rest:
            sys.exit(f"{words}: exit code {process.returncode}, {rest} after the answers")
        return found.decode() if found.count(b"\n") == len(lines) else None


def checkpoints_of(run):
    """The names of the checkpoints of a run: not .tmp-..., being written, nor ....damaged, set aside."""
    folder = os.path.join(run, "checkpoints")
    if not os.path.isdir(folder):
        return []
    return sorted(name for name in os.listdir(folder) if name.startswith("step-") and name.endswith(".h5"))


def newest_checkpoint(run):
    return os.path.join(run, "checkpoints", checkpoints_of(run)[-1])


def state_of(run):
    """The training state in the newest checkpoint of a run."""
    with h5py.File(newest_checkpoint(run), "r") as file:
        return json.loads(file["lockstep/state"][()])


def parameters_of(run):
    """The parameters in the newest checkpoint of a run, by name."""
    with h5py.File(newest_checkpoint(run), "r") as file:
        return {k: v[...] for k, v in file.items() if isinstance(v, h5py.Dataset)}


def raw_metrics_of(run):
    """The lines of metrics.jsonl behind the first, which says what the run was begun with."""
    with open(os.path.join(run, "metrics.jsonl")) as file:
        lines = [json.loads(line) for line in file]
    return [line for line in lines if line["kind"] != "run"]


def metrics_of(run):
    """The lines of metrics.jsonl, without the fields that are times."""
    times = {"time", "seconds", "gflops", "data_wait_share", "communication_share", "audio_hours_per_hour"}
    return [{k: v for k, v in line.items() if k not in times and not k.endswith("_per_second")}
            for line in raw_metrics_of(run)]  # fmt: skip


def flags_of_processor():
    with open("/proc/cpuinfo") as cpuinfo:
        return next((line.split(":")[1].split() for line in cpuinfo if line.startswith("flags")), [])
