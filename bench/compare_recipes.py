"""Trains the models of recipes with Lockstep and with PyTorch, in turns, and prints what they train on per second and
ratios. Start it with bench/recipes.

Both have the same first batches of the recipe's corpus in memory, with what the recipe does to samples (cuts, strands,
stretched frames), and train on them again and again with the recipe's dropout, clipping and optimiser. PyTorch takes
the sequences of all slots of a rank as one batch, packed or padded, whichever is faster. A turn is the same number of
whole steps of each (forward, loss, backward, clipping, update); reading is not part of it. Nothing is timed before both
have the same losses in the first steps from the same parameters, without dropout.

One process has one thread and one core, and counts in processor time (user and system), since others may use the
machine, too. Of two processes (ranks of MPI; DistributedDataParallel over gloo), each has one thread and trains on its
half of each batch; they count on the clock, for their processor time depends on how they wait for each other. The
ratio by the other of the two times is printed beside.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile

from compare_validations import compare_validations
from peers import Ranks, TorchProcesses, cpu_model, environment, pin, print_result, run_main
from recipe_table import RECIPES, words_of_prepare

HERE = os.path.dirname(os.path.abspath(__file__))
COMPARED_STEPS = 4  # without warm-up, some losses grow so much that later ones differ by rounding
AGREEMENT = 2e-4  # of the loss relative to its size; a wrong gate or mask is seen in the second step
FIRST_STEPS = 6  # not timed; the last ones say how long a turn should be
DROPOUTS = ["dropout", "input_dropout", "output_dropout", "pooled_dropout", "symbol_dropout", "unknown_dropout"]
NO_DROPOUT = [f"model.{key}=0" for key in DROPOUTS]


def corpus_of(name, arguments):
    """The folder of the corpus and whether it is made up; None: files are missing."""
    words, made_up = words_of_prepare(RECIPES[name], arguments.data, arguments.folder)
    if words is None:
        return None
    out = os.path.join(arguments.folder, name + "-made-up" * made_up)
    if not os.path.exists(os.path.join(out, "corpus.json")):
        command = [os.path.join(arguments.build, "lockstep"), "prepare", *map(str, words), "--out", out]
        done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}: {done.stderr}")
    return out, made_up


def open_both(peers, recipe, corpus, path, form, settings):
    """Returns the number of parameters."""
    config = os.path.join(HERE, "..", "recipes", recipe.config)
    ours = peers["lockstep"].ask(" ".join(["open", corpus, config, str(recipe.batches), path, *settings]))
    theirs = peers["torch"].ask(f"open {recipe.model} {path} {form}")
    if ours != theirs:
        raise RuntimeError(f"the models differ: Lockstep {ours}, PyTorch {theirs} parameters")
    return int(ours.split()[1])


def require_agreement(peers):
    """Returns the largest relative difference of the losses of the first steps."""
    losses = {name: [float(loss) for loss in peer.ask(f"losses {COMPARED_STEPS}").split()]
              for name, peer in peers.items()}
    worst = max(abs(a - b) / abs(a) for a, b in zip(*losses.values(), strict=True))
    if not worst <= AGREEMENT:
        raise RuntimeError(f"the losses differ by {worst:.1e}: {losses}; not timed")
    return worst


def steps_of_a_turn(peers, work, seconds, turns):
    for peer in peers.values():
        peer.ask(f"{work} {FIRST_STEPS - 2}")
    both = sum(float(peer.ask(f"{work} 2").split()[0]) for peer in peers.values()) / 2
    return max(1, round(seconds / turns / both))


def in_turns(peers, recipe, work, steps, turns):
    """By peer [[clock, processor], ...] of the turns; and the units that each turn trained on."""
    times, units = {name: [] for name in peers}, []
    for _ in range(turns):
        for name, peer in peers.items():
            answer = [float(word) for word in peer.ask(f"{work} {steps}").split()]
            times[name].append(answer[:2])
            if name == "lockstep":
                units.append(answer[3] if recipe.counts_targets else answer[2] * recipe.unit_steps)
    return times, units


def measure(name, peers, corpus, path, arguments, ranks):
    recipe = RECIPES[name]
    worst, seconds = {}, {}
    for form in recipe.forms:
        open_both(peers, recipe, corpus, path, form, NO_DROPOUT)
        worst[form] = require_agreement(peers)
        seconds[form] = min(float(peers["torch"].ask("turn 2").split()[1]) for _ in range(2))
    form = min(seconds, key=seconds.get)
    parameters = open_both(peers, recipe, corpus, path, form, [])
    work = "evaluate" if arguments.forward else "turn"
    steps = steps_of_a_turn(peers, work, arguments.seconds, arguments.turns)
    times, units = in_turns(peers, recipe, work, steps, arguments.turns)
    counted, other = (1, 0) if ranks == 1 else (0, 1)  # of [clock, processor]
    speed = {peer: statistics.median(u / t[counted] for u, t in zip(units, found)) for peer, found in times.items()}
    ratios = [[theirs[i] / ours[i] for ours, theirs in zip(times["lockstep"], times["torch"])]
              for i in (counted, other)]  # fmt: skip
    return {"recipe": name, "parameters": parameters, "unit": recipe.unit, "steps_of_a_turn": steps,
            "turns": arguments.turns, "processor_time": ranks == 1, "speed": speed,
            "ratio": statistics.median(ratios[0]), "ratios_of_turns": [min(ratios[0]), max(ratios[0])],
            "ratio_by_other_time": statistics.median(ratios[1]), "units": units,
            "forward": arguments.forward, "loss_difference": max(worst.values()), "form": form, "times": times,
            "load_average": os.getloadavg()[0]}  # fmt: skip


def compare(arguments, ranks, corpora):
    """The rows of `ranks` processes."""
    cores = pin(ranks)
    rows = []
    try:
        with tempfile.TemporaryDirectory() as folder:
            program = os.path.join(arguments.build, "bench", "bench_recipe_peer")
            peers = {"lockstep": Ranks("Lockstep", program, ranks, folder),
                     "torch": TorchProcesses(arguments.python, os.path.join(HERE, "torch_recipe_peer.py"), ranks)}
            machine = {"isa": peers["lockstep"].ask("machine"), "torch": peers["torch"].ask("machine")}
            for name, (corpus, made_up) in corpora.items():
                row = measure(name, peers, corpus, os.path.join(folder, "problem"), arguments, ranks)
                rows.append({"processes": ranks, "made_up": made_up, **machine, **row})
                print(f"{name}, {ranks} processes: {row['ratio']:.2f}", file=sys.stderr)
            for peer in peers.values():
                peer.close()
    finally:
        os.sched_setaffinity(0, cores)
    return rows


def print_table(rows):
    work = "passes forward with their losses" if rows[0]["forward"] else "training"
    print(f"{cpu_model()}, {rows[0]['isa']}, PyTorch {rows[0]['torch']}; {work}, float32, one thread per process; "
          f"median of {rows[0]['turns']} interleaved turns\n")
    print(f"{'recipe':17} processes |   Lockstep    PyTorch  {'unit':19} by time of | ratio (of turns)  | "
          "by the other | losses   | form    | load")
    for row in rows:
        print(line_of(row))


def line_of(row):
    low, high = row["ratios_of_turns"]
    speed = "".join(f"{row['speed'][name]:11.4g}" for name in ("lockstep", "torch"))
    return (f"{row['recipe']:17} {row['processes']:9} |{speed}  {row['unit'] + '/s':19} "
            f"{'processor' if row['processor_time'] else 'clock':10} | {row['ratio']:5.2f} ({low:.2f}-{high:.2f}) | "
            f"{row['ratio_by_other_time']:12.2f} | {row['loss_difference']:8.1e} | {row['form']:7} | "
            f"{row['load_average']:4.1f}" + "  made-up data" * row["made_up"])


def read_arguments():
    parser = argparse.ArgumentParser(prog="bench/recipes", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--build", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--python", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--data", help="folder with the corpora of the recipes (bench/recipe_table.py)")
    parser.add_argument("--folder", default="build/bench-recipes",
                        help="folder for prepared corpora; default %(default)s")
    parser.add_argument("--recipes", nargs="+", choices=RECIPES, default=list(RECIPES), metavar="NAME",
                        help="default: " + " ".join(RECIPES))
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2], help="processes of each; default 1 2")
    parser.add_argument("--turns", type=int, default=3, help="turns of each; default 3")
    parser.add_argument("--seconds", type=float, default=60,
                        help="about how long the turns of a recipe take together; default 60")
    parser.add_argument("--forward", action="store_true",
                        help="compare passes forward with their losses, as a validation has them, instead of training")
    parser.add_argument("--to-validation", action="store_true",
                        help="train with one process to a figure of the validation, and compare the time that it "
                             "takes; for recipes that have one: " +
                             " ".join(name for name, recipe in RECIPES.items() if recipe.figure))
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    return parser.parse_args()


def main():
    arguments = read_arguments()
    os.makedirs(arguments.folder, exist_ok=True)
    corpora = {}
    for name in arguments.recipes:
        corpus = corpus_of(name, arguments)
        if corpus is None:
            print(f"bench/recipes: {name} is left out: {', '.join(RECIPES[name].files)} not found below "
                  f"{arguments.data or '--data, which was not given'}", file=sys.stderr)
        else:
            corpora[name] = corpus
    if not corpora:
        sys.exit(77)
    if arguments.to_validation:
        compare_validations({name: found for name, found in corpora.items() if RECIPES[name].figure}, arguments)
        return
    rows = [row for ranks in arguments.processes for row in compare(arguments, ranks, corpora)]
    print_result(rows, arguments.json, print_table)


if __name__ == "__main__":
    run_main(main)
