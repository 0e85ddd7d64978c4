"""How long Lockstep and PyTorch train until a validation reaches a figure; for bench/recipes --to-validation.

Lockstep is `lockstep train` as users start it, with its start, reading, validations and checkpoints; it is asked to end
when its metrics have the figure. PyTorch has all batches of its training in memory, the same ones in the same order;
its start and its reading do not count. Dropout masks differ, so that each turn has another seed; both follow the
schedule of the recipe and validate after as many steps. One thread each, in turns.
"""

import json
import os
import shutil
import signal
import statistics
import subprocess
import tempfile
import time

from peers import Ranks, TorchProcesses, cpu_model, environment, pin
from recipe_table import RECIPES

HERE = os.path.dirname(os.path.abspath(__file__))
LOOK_SECONDS = 0.05  # between looks at the metrics


def processor_seconds(pid):
    """User and system time of a running process."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def validations(path):
    """The lines of the validations so far; the last line may be half written."""
    if not os.path.exists(path):
        return []
    with open(path) as file:
        lines = [json.loads(line) for line in file if line.endswith("\n")]
    return [line for line in lines if line["kind"] == "validation"]


def train_lockstep(recipe, corpus, seed, program, folder):
    """Steps, best figure, seconds on the clock and of the processor."""
    run = os.path.join(folder, "run")
    shutil.rmtree(run, ignore_errors=True)
    sign = -1 if recipe.figure == "loss" else 1
    command = [program, "train", "--config", os.path.join(HERE, "..", "recipes", recipe.config), "--corpus", corpus,
               "--run", run, "--seed", str(seed),
               "--set", "train.supervise=false"]  # so that its processor time can be read
    start = time.perf_counter()
    process = subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    best, step, clock, processor = -float("inf"), 0, 0, 0
    while process.poll() is None:
        time.sleep(LOOK_SECONDS)
        clock, processor = time.perf_counter() - start, processor_seconds(process.pid)
        for line in validations(os.path.join(run, "metrics.jsonl")):
            best, step = max(best, sign * line[recipe.figure]), line["step"]
            if best >= sign * recipe.goal:
                process.send_signal(signal.SIGTERM)
                process.wait()
                return step, sign * best, clock, processor
    return step, sign * best, clock, processor


def open_torch(recipe, corpus, python, program, folder):
    """PyTorch with all batches of the training and, in the file "validation", those of the validation."""
    ours = Ranks("Lockstep", program, 1, folder)
    theirs = TorchProcesses(python, os.path.join(HERE, "torch_recipe_peer.py"), 1)
    config = os.path.join(HERE, "..", "recipes", recipe.config)
    ours.ask(f"open {corpus} {config} {recipe.steps} {folder}/problem")
    ours.ask(f"validation {folder}/validation")
    ours.close()
    return theirs


def measure(name, corpus, arguments):
    recipe, found = RECIPES[name], {"lockstep": [], "torch": []}
    with tempfile.TemporaryDirectory() as folder:
        theirs = open_torch(recipe, corpus, arguments.python,
                            os.path.join(arguments.build, "bench", "bench_recipe_peer"), folder)
        for seed in range(1, arguments.turns + 1):
            found["lockstep"].append(train_lockstep(recipe, corpus, seed, os.path.join(arguments.build, "lockstep"),
                                                    folder))
            theirs.ask(f"open {recipe.model} {folder}/problem {recipe.forms[-1]}")
            answer = theirs.ask(f"fit {seed} {recipe.goal} {folder}/validation").split()
            found["torch"].append([int(answer[0]), *map(float, answer[1:])])
        version = theirs.ask("machine")
        theirs.close()
    return {"recipe": name, "figure": recipe.figure, "goal": recipe.goal, "torch": version, "turns": found,
            "load_average": os.getloadavg()[0]}  # fmt: skip


def seconds_text(seconds):
    return f"{statistics.median(seconds):.1f} ({' '.join(f'{some:.1f}' for some in seconds)})"


def print_row(row):
    print(f"{row['recipe']}: {row['figure']} of the validation at {row['goal']}; "
          f"load average {row['load_average']:.1f}")
    print("          | steps             | best figure             | seconds, median and all")
    for name, turns in row["turns"].items():
        steps, best = (" ".join(f"{turn[place]:{form}}" for turn in turns) for place, form in ((0, "d"), (1, ".4f")))
        clock, processor = (seconds_text([turn[place] for turn in turns]) for place in (2, 3))
        print(f"{name:9} | {steps:17} | {best:23} | clock {clock}, processor {processor}")
    ours, theirs = row["turns"]["lockstep"], row["turns"]["torch"]
    for place, name in ((2, "clock"), (3, "processor")):
        ratio = statistics.median(t[place] for t in theirs) / statistics.median(t[place] for t in ours)
        print(f"ratio of the medians, {name}: {ratio:.2f}")


def compare_validations(corpora, arguments):
    """Prints a table for each recipe in `corpora`, name -> folder of the corpus and whether it is made up."""
    cores = pin(1)
    rows = [measure(name, corpus, arguments) for name, (corpus, _) in corpora.items()]
    os.sched_setaffinity(0, cores)
    if arguments.json:
        print(json.dumps(rows, indent=2))
        return
    print(f"{cpu_model()}, PyTorch {rows[0]['torch']}; one thread each, {arguments.turns} interleaved turns\n")
    for row in rows:
        print_row(row)
