"""Measures the layers of all peers in one run and prints a table or JSON. Start it with bench/run.

Two processes are kept alive, bench_layers and torch_peer.py, all pinned to one core. For each shape
and repetition the peers take turns (Lockstep, PyTorch, oneDNN, GEMM), so that whatever else happens
on the machine hits all of them; the median of a peer's turns counts, in processor time. Before a
shape is timed, PyTorch and oneDNN must have computed Lockstep's results on a small version of it.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
GATES = {"gru": 3, "lstm": 4, "rnn_tanh": 1}
AGREEMENT = 1e-4  # as in agreement.h

# Cell, layers, directions, I, H, B, T.
SHAPES = [
    ("gru", 1, 1, 128, 256, 32, 100),
    ("gru", 1, 1, 256, 512, 64, 100),
    ("gru", 2, 2, 80, 320, 32, 200),
    ("gru", 3, 2, 80, 512, 32, 100),
    ("gru", 1, 1, 1024, 1024, 64, 50),
    ("gru", 1, 1, 64, 128, 16, 200),
    ("lstm", 1, 1, 128, 256, 32, 100),
    ("lstm", 1, 1, 256, 512, 64, 100),
    ("lstm", 2, 2, 80, 320, 32, 200),
    ("rnn_tanh", 1, 1, 128, 256, 32, 100),
    ("rnn_tanh", 1, 1, 256, 512, 64, 100),
    ("rnn_tanh", 2, 2, 80, 320, 32, 200),
]


class Peer:
    """A process that answers each line with a line."""

    def __init__(self, command, preload=None):
        environment = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1",
                           MKL_NUM_THREADS="1")
        if preload:
            environment["LD_PRELOAD"] = preload
        self.name = os.path.basename(command[-1])
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, env=environment)

    def ask(self, request):
        self.process.stdin.write(request + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if not answer or answer.startswith("error"):
            why = answer or "no answer, it ended"
            raise RuntimeError(f"{self.name}, asked \"{request}\": {why}")
        return answer

    def close(self):
        """The end of its input ends it."""
        self.process.stdin.close()
        self.process.wait()


def flops(shape):
    """Forward and backward: three products with each weight, two operations a multiply-add."""
    cell, layers, directions, I, H, B, T = shape
    inputs = [I] + [directions * H] * (layers - 1)
    return 6 * T * B * directions * GATES[cell] * H * sum(i + H for i in inputs)


def pin_to_one_core():
    """Children inherit it; the highest core, as interrupts tend to go to the lowest."""
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return core


def has_torch(python):
    try:
        return subprocess.run([python, "-c", "import torch"], capture_output=True).returncode == 0
    except OSError:
        return False


def prepare(shape, bench, torch):
    """Makes the case in all peers; none may differ from Lockstep on the small version."""
    text = " ".join(map(str, shape))
    bench.ask(f"case {text}")
    if torch is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "problem.f32")
        small = bench.ask(f"save {path}")
        difference = float(torch.ask(f"check {path} {small}"))
    if not difference <= AGREEMENT:
        raise RuntimeError(f"PyTorch and Lockstep differ by {difference} on {small}; not timed")
    torch.ask(f"case {text}")


def require_agreement(shape, bench):
    """The outputs at full size, where peers may take other paths than on the small version."""
    difference = float(bench.ask("agree"))
    if not difference <= AGREEMENT:
        raise RuntimeError(f"oneDNN and Lockstep differ by {difference} on {shape}; not timed")


def measure(shape, bench, torch, repetitions):
    """The row of a shape, and GFLOP/s of GEMM in its turns."""
    turns = {"lockstep": bench, "torch": torch, "onednn": bench, "gemm": bench}
    times = {name: [] for name, peer in turns.items() if peer is not None}
    for _ in range(repetitions):
        for name, values in times.items():
            values.append(float(turns[name].ask(name)))
    gemm = times.pop("gemm")
    speed = {name: flops(shape) / statistics.median(t) * 1e-9 for name, t in times.items()}
    ours, torchs = speed["lockstep"], speed.get("torch")
    row = dict(zip(("cell", "layers", "directions", "I", "H", "B", "T"), shape))
    row.update(repetitions=repetitions, gflops=ours, gflops_onednn=speed["onednn"],
               gflops_torch=torchs, ratio_onednn=ours / speed["onednn"],
               ratio_torch=torchs and ours / torchs)
    return row, gemm


def cpu_model():
    with open("/proc/cpuinfo") as cpuinfo:
        return next((l.split(":")[1].strip() for l in cpuinfo if l.startswith("model name")), "?")


def report(rows, gemm, bench, torch, repetitions, core):
    isa, onednn = bench.ask("machine").split()
    versions = {"onednn": onednn, "torch": None, "torch_sgemm": None}
    if torch is not None:
        versions["torch"], versions["torch_sgemm"] = torch.ask("version").split()
    return {
        "layers": rows,
        "gemm_peak_gflops": statistics.median(gemm),
        "machine": {"cpu": cpu_model(), "isa": isa, "core": core, "threads": 1,
                    "load_average": os.getloadavg()[0]},
        "versions": versions,
        "repetitions": repetitions,
    }


def print_table(result):
    peak, machine, versions = (result[k] for k in ("gemm_peak_gflops", "machine", "versions"))
    torch = f"PyTorch {versions['torch']} (sgemm: {versions['torch_sgemm']})"
    print(f"{machine['cpu']}, {machine['isa']}, one thread, all pinned to core {machine['core']}; "
          f"GEMM peak {peak:.0f} GFLOP/s")
    print(f"oneDNN {versions['onednn']}, {torch if versions['torch'] else 'PyTorch is missing'}; "
          f"GFLOP/s of forward + backward in processor time, median of {result['repetitions']} "
          f"interleaved turns; load average {machine['load_average']:.1f}\n")
    print("cell      layers dirs    I    H   B    T | Lockstep  peak | PyTorch ratio | "
          "oneDNN ratio")
    for r in result["layers"]:
        torch = "      -     -"
        if r["gflops_torch"]:
            torch = f"{r['gflops_torch']:7.1f} {r['ratio_torch']:5.2f}"
        print(f"{r['cell']:9} {r['layers']:6} {r['directions']:4} {r['I']:4} {r['H']:4} {r['B']:3} "
              f"{r['T']:4} | {r['gflops']:8.1f} {r['gflops'] / peak:4.0%} | {torch} | "
              f"{r['gflops_onednn']:6.1f} {r['ratio_onednn']:5.2f}")


def quick_turns(shape):
    """Turns of a quick run, which is to stay below 40 seconds: few where one step takes long."""
    return 1 if flops(shape) > 50e9 else 2 if flops(shape) > 25e9 else 3


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="3 turns instead of 9, heavy shapes 2 or 1")
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    parser.add_argument("--build", required=True)
    parser.add_argument("--python", required=True)
    parser.add_argument("--blas", required=True)
    options = parser.parse_args()
    core = pin_to_one_core()
    repetitions = 3 if options.quick else 9
    bench = Peer([os.path.join(options.build, "bench", "bench_layers")])
    torch = None
    if has_torch(options.python):
        preload = None if options.blas == "none" else options.blas
        torch = Peer([options.python, os.path.join(HERE, "torch_peer.py")], preload)
    else:
        print(f"{options.python} has no PyTorch: its columns stay empty "
              "(Debian: apt-get install python3-torch)", file=sys.stderr)
    rows, gemm = [], []
    for shape in SHAPES:
        prepare(shape, bench, torch)
        if not options.quick:
            require_agreement(shape, bench)
        row, turns = measure(shape, bench, torch, quick_turns(shape) if options.quick else repetitions)
        rows.append(row)
        gemm += turns
    result = report(rows, gemm, bench, torch, repetitions, core)
    for peer in filter(None, (bench, torch)):
        peer.close()
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        print_table(result)


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as error:
        sys.exit(str(error))
