"""Measures the layers of all peers in one run and prints a table or JSON. Start it with bench/run.

Two processes are kept alive, bench_layers and torch_peer.py, all pinned to one core. For each shape
and repetition the peers take turns (Lockstep, PyTorch, oneDNN, GEMM), so that whatever else happens
on the machine hits all of them; the median of a peer's turns counts, in processor time. Before a
shape is timed, PyTorch and oneDNN must have computed Lockstep's results on a small version of it.

Directly before and after each turn, the speed of the core is measured (bench/core_speed.h): a share
of the peak is a share of multiply-adds between registers at that moment. Turns that a neighbour on
the core's other hyperthread took part in are discarded; a shape with too few others is marked.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile

from peers import print_result, run_main

HERE = os.path.dirname(os.path.abspath(__file__))
GATES = {"gru": 3, "lstm": 4, "rnn_tanh": 1}
AGREEMENT = 1e-4  # as in agreement.h
ALONE = 0.75  # as in core_speed.cc

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


def prepare(shape, bench, torches):
    """Makes the case in all peers; none may differ from Lockstep on the small version."""
    text = " ".join(map(str, shape))
    bench.ask(f"case {text}")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "problem.f32")
        small = bench.ask(f"save {path}")
        for torch in torches:
            difference = float(torch.ask(f"check {path} {small}"))
            if not difference <= AGREEMENT:
                raise RuntimeError(f"PyTorch and Lockstep differ by {difference} on {small}; not timed")
            torch.ask(f"case {text}")


def require_agreement(shape, bench):
    """The outputs at full size, where peers may take other paths than on the small version."""
    difference = float(bench.ask("agree"))
    if not difference <= AGREEMENT:
        raise RuntimeError(f"oneDNN and Lockstep differ by {difference} on {shape}; not timed")


class Turn:
    """What a peer answered, and the core directly before and after: GFLOP/s and nops."""

    def __init__(self, peer, request, bench):
        before = [float(number) for number in bench.ask("core").split()]
        self.answer = float(peer.ask(request))
        after = [float(number) for number in bench.ask("core").split()]
        self.peak = (before[0] + after[0]) / 2
        self.nops = min(before[1], after[1])


def measure(shape, bench, torches, repetitions):
    """The turns of each peer and of GEMM."""
    peers = [("lockstep", bench), *((f"torch{n}", t) for n, t in enumerate(torches)),
             ("onednn", bench), ("gemm", bench), ("bf16", bench), ("bf16-amx", bench)]  # fmt: skip
    turns = {name: [] for name, _ in peers}
    for _ in range(repetitions):
        for name, peer in peers:
            request = "torch" if name.startswith("torch") else name
            turns[name].append(Turn(peer, request, bench))
    return turns


def turns_alone(turns, most_nops):
    """The turns that had the core for themselves, or all if those are fewer than a third."""
    alone = [turn for turn in turns if turn.nops > ALONE * most_nops]
    return alone if 3 * len(alone) >= len(turns) else turns


def row_of(shape, turns, most_nops):
    """The row of a shape from its turns; `most_nops` is the most of the whole run."""
    kept = {name: turns_alone(some, most_nops) for name, some in turns.items() if name != "gemm"}
    speed = {name: flops(shape) / statistics.median(t.answer for t in some) * 1e-9 for name, some in kept.items()}
    ours = speed["lockstep"]
    row = dict(zip(("cell", "layers", "directions", "I", "H", "B", "T"), shape))
    gflops_torch = [rate for name, rate in speed.items() if name.startswith("torch")]
    row.update(repetitions=len(turns["lockstep"]), gflops=ours, gflops_onednn=speed["onednn"],
               gflops_torch=gflops_torch, ratio_onednn=ours / speed["onednn"],
               ratio_torch=[ours / t for t in gflops_torch], gflops_bf16=speed["bf16"],
               ratio_bf16=speed["bf16"] / ours, gflops_amx=speed["bf16-amx"], ratio_amx=speed["bf16-amx"] / ours,
               register_share=statistics.median(flops(shape) / t.answer * 1e-9 / t.peak for t in kept["lockstep"]),
               turns_alone=sum(t.nops > ALONE * most_nops for t in turns["lockstep"]))  # fmt: skip
    return row


def rows_of(measured):
    """Rows of all shapes; turns of the whole run say what the core can do alone."""
    every = [turn for _, turns in measured for some in turns.values() for turn in some]
    most = max(turn.nops for turn in every)
    gemm = [turn.answer for _, turns in measured for turn in turns_alone(turns["gemm"], most)]
    core = statistics.median(turn.peak for turn in turns_alone(every, most))
    return [row_of(shape, turns, most) for shape, turns in measured], gemm, core


def cpu_model():
    with open("/proc/cpuinfo") as cpuinfo:
        return next((l.split(":")[1].strip() for l in cpuinfo if l.startswith("model name")), "?")


def report(measured, bench, torches, repetitions, core):
    isa, onednn, bf16 = bench.ask("machine").split(maxsplit=2)
    rows, gemm, registers = rows_of(measured)
    return {
        "layers": rows,
        "gemm_peak_gflops": statistics.median(gemm),
        "register_peak_gflops": registers,
        "bf16": bf16,
        "machine": {"cpu": cpu_model(), "isa": isa, "core": core, "threads": 1,
                    "load_average": os.getloadavg()[0]},
        "versions": {"onednn": onednn, "torch": [torch.ask("version") for torch in torches]},
        "repetitions": repetitions,
    }


def print_table(result):
    peak, machine, versions = (result[k] for k in ("gemm_peak_gflops", "machine", "versions"))
    print(f"{machine['cpu']}, {machine['isa']}, one thread, all pinned to core {machine['core']}; "
          f"GEMM peak {peak:.0f} GFLOP/s; between registers {result['register_peak_gflops']:.0f}; "
          f"oneDNN {versions['onednn']}; {result['bf16']}")
    for number, version in enumerate(versions["torch"]):
        name, sgemm = version.split(maxsplit=1)
        print(f"PyTorch {number + 1}: {name} (sgemm: {sgemm})")
    print(f"GFLOP/s of forward + backward in processor time, median of {result['repetitions']} "
          f"interleaved turns; load average {machine['load_average']:.1f}\n"
          "peak: share of the GEMM peak; regs: share of multiply-adds between registers around the same turns; "
          "alone: turns\nwithout a neighbour on the core's other hyperthread. Other turns are discarded, unless "
          "two thirds of them are such.\n")
    heads = "".join(f" | PyTorch {n + 1} ratio" for n in range(len(versions["torch"])))
    print(f"cell      layers dirs    I    H   B    T | Lockstep  peak regs alone{heads} | oneDNN ratio |"
          "  bf16 ratio | bf16-amx ratio")
    for r in result["layers"]:
        torch = "".join(f" |   {g:7.1f} {q:5.2f}" for g, q in zip(r["gflops_torch"], r["ratio_torch"]))
        bf16 = f"{r['gflops_bf16']:5.0f} {r['ratio_bf16']:5.2f} | {r['gflops_amx']:8.0f} {r['ratio_amx']:5.2f}"
        alone = f"{r['turns_alone']}/{r['repetitions']}"
        print(f"{r['cell']:9} {r['layers']:6} {r['directions']:4} {r['I']:4} {r['H']:4} {r['B']:3} "
              f"{r['T']:4} | {r['gflops']:8.1f} {r['gflops'] / peak:4.0%} {r['register_share']:4.0%} {alone:>5} {torch} | "
              f"{r['gflops_onednn']:6.1f} {r['ratio_onednn']:5.2f} | {bf16}")


def torch_peers(options):
    """One for each Python that has PyTorch; the BLAS is preloaded into the first only."""
    peers = []
    for python in filter(None, (options.python, options.other_python)):
        if not has_torch(python):
            print(f"{python} has no PyTorch: it is left out (Debian: apt-get install python3-torch)",
                  file=sys.stderr)
            continue
        preload = options.blas if python == options.python and options.blas != "none" else None
        peers.append(Peer([python, os.path.join(HERE, "torch_peer.py")], preload))
    return peers


def quick_turns(shape):
    """Turns of a quick run, which is to stay below 40 seconds: one where a step takes long."""
    return 1 if flops(shape) > 25e9 else 3


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="3 turns, heavy shapes 1")
    parser.add_argument("--turns", type=int, default=9, help="turns of a run that is not quick")
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    parser.add_argument("--build", required=True)
    parser.add_argument("--python", required=True)
    parser.add_argument("--other-python")
    parser.add_argument("--blas", required=True)
    options = parser.parse_args()
    core = pin_to_one_core()
    repetitions = 3 if options.quick else options.turns
    bench = Peer([os.path.join(options.build, "bench", "bench_layers")])
    torches = torch_peers(options)
    measured = []
    for shape in SHAPES:
        prepare(shape, bench, torches)
        if not options.quick:
            require_agreement(shape, bench)
        measured.append((shape, measure(shape, bench, torches,
                                        quick_turns(shape) if options.quick else repetitions)))
    result = report(measured, bench, torches, repetitions, core)
    for peer in (bench, *torches):
        peer.close()
    print_result(result, options.json, print_table)


if __name__ == "__main__":
    run_main(main)
