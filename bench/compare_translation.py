"""Trains the translator of bench/translation_problem.h with Lockstep and with PyTorch, in turns, translates with both,
and prints target tokens and sentences per second and ratios. Start it with bench/translation.

Measured is one thread, in processor time, since others may use the machine, too. A turn of training is one whole step
(forward, loss, backward, clipping, update) for each of 8 batches of 64 pairs, a turn of translating the search for all
their sources. Nothing is timed before both have the same losses in the first steps, without dropout, on the same
parameters and pairs; translations are compared, too.
"""

import argparse
import json
import os
import statistics
import tempfile

from peers import Process, cpu_model, pin, run_main

HERE = os.path.dirname(os.path.abspath(__file__))
SENTENCES = 8 * 64
AGREEMENT = 1e-4  # of the loss in nats per token; a wrong gate or mask is seen in the second step
SAME_TRANSLATIONS = 0.95  # the rest may differ where two ids are nearly equally probable


def in_turns(peers, request, turns):
    """Seconds by peer, with the peers taking turns. `request` is a text, or makes one from the name of the peer."""
    seconds = {name: [] for name in peers}
    for _ in range(turns):
        for name, peer in peers.items():
            seconds[name].append(float(peer.ask(request if isinstance(request, str) else request(name))))
    return seconds


def row_of(work, unit, count, seconds, **more):
    speed = {name: count / statistics.median(times) for name, times in seconds.items()}
    ratios = [b / a for a, b in zip(seconds["lockstep"], seconds["torch"])]
    return {"work": work, "unit": unit, "speed": speed, "ratio": speed["lockstep"] / speed["torch"],
            "ratios_of_turns": [min(ratios), max(ratios)], "seconds": seconds,
            "load_average": os.getloadavg()[0], **more}  # fmt: skip


def require_agreement(peers, path, slots):
    """Returns the largest difference of the losses of the first steps."""
    ours = [float(loss) for loss in peers["lockstep"].ask(f"losses {path} {slots}").split()]
    theirs = [float(loss) for loss in peers["torch"].ask(f"losses {path}").split()]
    worst = max(abs(a - b) for a, b in zip(ours, theirs, strict=True))
    if not worst <= AGREEMENT:
        raise RuntimeError(f"the losses differ by {worst}: Lockstep {ours}, PyTorch {theirs}; not timed")
    return worst


def training(peers, path, slots, turns):
    worst = require_agreement(peers, path, slots)
    _, parameters, tokens = peers["lockstep"].ask(f"case {slots}").split()
    peers["torch"].ask(f"case {path}")
    return row_of(f"training, {slots} slot" + "s" * (slots > 1), "target tokens/s", int(tokens),
                  in_turns(peers, "turn", turns), parameters=int(parameters), loss_difference=worst)  # fmt: skip


def translating(peers, path, beam, turns):
    for name in ("lockstep", "torch"):  # Lockstep writes what PyTorch reads
        peers[name].ask(f"open {path}")
    seconds = in_turns(peers, lambda name: f"translate {beam} {path}.{name}", turns)
    with open(f"{path}.lockstep") as ours, open(f"{path}.torch") as theirs:
        same = sum(a == b for a, b in zip(ours, theirs, strict=True)) / SENTENCES
    if same < SAME_TRANSLATIONS:
        raise RuntimeError(f"with a beam of {beam} only {same:.1%} of the translations are the same in Lockstep and "
                           "PyTorch: they do not compute the same")
    return row_of("greedy search" if beam == 1 else f"beam of {beam}", "sentences/s", SENTENCES, seconds, same=same)


def print_table(rows, machine, turns):
    print(f"{cpu_model()}, {machine['isa']}, PyTorch {machine['torch']}; bidirectional GRU 256, dot attention, GRU 256, "
          f"one embedding of 8,000 pieces, dropout 0.3; processor time of one thread, median of {turns} interleaved "
          "turns\n")
    print("work               | Lockstep   PyTorch  unit            | ratio (of turns)  | agreement            | load")
    for row in rows:
        agreement = (f"losses {row['loss_difference']:.1e}" if "loss_difference" in row
                     else f"{row['same']:.1%} the same")
        low, high = row["ratios_of_turns"]
        print(f"{row['work']:18} | {row['speed']['lockstep']:8.0f}  {row['speed']['torch']:8.0f}  {row['unit']:15} | "
              f"{row['ratio']:5.2f} ({low:.2f}-{high:.2f}) | {agreement:20} | {row['load_average']:4.1f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--python", required=True)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--slots", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--beams", type=int, nargs="*", default=[1, 5])
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    arguments = parser.parse_args()
    pin(1)
    peers = {"lockstep": Process("Lockstep", [arguments.program]),
             "torch": Process("PyTorch", [arguments.python, os.path.join(HERE, "torch_translation_peer.py")])}
    machine = {"isa": peers["lockstep"].ask("machine"), "torch": peers["torch"].ask("machine")}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "problem")
        rows = [training(peers, path, slots, arguments.turns) for slots in arguments.slots]
        rows += [translating(peers, path, beam, arguments.turns) for beam in arguments.beams]
    for peer in peers.values():
        peer.close()
    if arguments.json:
        print(json.dumps({"machine": machine, "rows": rows}, indent=2))
    else:
        print_table(rows, machine, arguments.turns)


if __name__ == "__main__":
    run_main(main)
