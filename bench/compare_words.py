"""Trains the language model of bench/word_problem.h with Lockstep and with PyTorch, in turns, and prints words per
second and ratios. Start it with bench/words --torch.

Measured are one process of one thread, in processor time, since others may use the machine, too; and two processes
of one thread each (ranks of MPI; DistributedDataParallel over gloo), on the clock. A turn is one whole step of each
peer: forward, loss, backward, clipping, update. Nothing is timed before both have the same losses in the first
steps on the same weights and words, without dropout.
"""

import argparse
import os
import statistics
import tempfile

from peers import Ranks, TorchProcesses, cpu_model, pin, print_result, run_main

HERE = os.path.dirname(os.path.abspath(__file__))
WORDS_OF_A_STEP = 20 * 35
# How far losses may differ, in nats per word; a wrong gate or bias is seen in the second. PyTorch rounds to bfloat16
# at other places.
AGREEMENT = {"float32": 1e-4, "bf16": 2e-2, "bf16-amx": 2e-2}


def require_agreement(ours, theirs, path, words, optimizer, precision):
    """Returns the largest difference of the losses of the first steps."""
    mine = [float(loss) for loss in ours.ask(f"losses {path} {words} {optimizer} {precision}").split()]
    other = [float(loss) for loss in theirs.ask(f"losses {path} {optimizer} {precision}").split()]
    worst = max(abs(a - b) for a, b in zip(mine, other, strict=True))
    if not worst <= AGREEMENT[precision]:
        raise RuntimeError(f"the losses differ by {worst}: Lockstep {mine}, PyTorch {other}; not timed")
    return worst


def measure(ours, theirs, path, words, optimizer, precision, turns, clock):
    """The row of one case; `clock` is 0 for time on the clock, 1 for processor time."""
    worst = require_agreement(ours, theirs, path, words, optimizer, precision)
    parameters = int(ours.ask(f"case {words} {optimizer} {precision}").split()[1])
    theirs.ask(f"case {path} {optimizer} {precision}")
    seconds = {"lockstep": [], "torch": []}
    for _ in range(turns):
        for name, peer in (("lockstep", ours), ("torch", theirs)):
            seconds[name].append(float(peer.ask("step").split()[clock]))
    speed = {name: WORDS_OF_A_STEP / statistics.median(times) for name, times in seconds.items()}
    return {"words": words, "parameters": parameters, "optimizer": optimizer, "precision": precision, "turns": turns,
            "processor_time": clock == 1, "words_per_second": speed, "loss_difference": worst,
            "ratio": speed["lockstep"] / speed["torch"], "seconds": seconds,
            "load_average": os.getloadavg()[0]}  # fmt: skip


def compare(arguments, ranks):
    """The rows of `ranks` processes."""
    cores = pin(ranks)
    rows = []
    try:
        with tempfile.TemporaryDirectory() as folder:
            peers = (Ranks("Lockstep", arguments.program, ranks, folder),
                     TorchProcesses(arguments.python, os.path.join(HERE, "torch_words_peer.py"), ranks))
            machine = {"isa": peers[0].ask("machine"), "torch": peers[1].ask("machine")}
            for words in arguments.words:
                for optimizer in arguments.optimizers:
                    row = measure(*peers, os.path.join(folder, "problem"), words, optimizer, arguments.precision,
                                  arguments.turns, clock=1 if ranks == 1 else 0)
                    rows.append({"processes": ranks, **machine, **row})
            for peer in peers:
                peer.close()
    finally:
        os.sched_setaffinity(0, cores)
    return rows


def print_table(rows):
    print(f"{cpu_model()}, {rows[0]['isa']}, PyTorch {rows[0]['torch']}; 2 x 650 LSTM, 20 streams of 35 words, "
          f"dropout 0.5, {rows[0]['precision']}; median of {rows[0]['turns']} interleaved steps\n")
    print("processes  words  parameters  optimizer | Lockstep   PyTorch  words/s | ratio | losses differ by | load")
    for row in rows:
        speed = row["words_per_second"]
        print(f"{row['processes']:9} {row['words']:6} {row['parameters']:11} {row['optimizer']:>10} | "
              f"{speed['lockstep']:8.0f}  {speed['torch']:8.0f}  {'cpu' if row['processor_time'] else 'clock':>7} | "
              f"{row['ratio']:5.2f} | {row['loss_difference']:16.1e} | {row['load_average']:4.1f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--python", required=True)
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--words", type=int, nargs="+", default=[10000, 33000])
    parser.add_argument("--optimizers", nargs="+", default=["sgd", "adam"])
    parser.add_argument("--precision", default="float32", choices=sorted(AGREEMENT),
                        help="of Lockstep; PyTorch takes bfloat16 by torch.autocast unless it is float32")
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    arguments = parser.parse_args()
    rows = [row for ranks in arguments.processes for row in compare(arguments, ranks)]
    print_result(rows, arguments.json, print_table)


if __name__ == "__main__":
    run_main(main)
