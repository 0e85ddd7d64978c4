"""The same configuration gives the same bits on any number of ranks and threads, stopped and resumed
elsewhere or not, on AVX2 or AVX-512, with gates kept or computed again: parameters_hash and every loss in metrics.jsonl, for each cell and optimiser, with
dropout, two bidirectional layers, validation, and an uneven last batch."""

import argparse
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import Program, metrics_of, state_of

# 104 windows of which 83 are for training: the batches of an epoch are 16, 16, 16, 16, 16 and 3.
BASES, WINDOW = 6600, 64

CONFIG = """
[model]
layers = 2
hidden_size = {hidden}
embedding_size = 5
dropout = 0.3
[batch]
sequences = 16
slots = 8
[schedule]
learning_rate = 0.01
warmup_steps = 5
[validation]
every = 7
[checkpoint]
every = 1000
[log]
every = 1
"""

VARIANTS = {
    "gru, adam": [],
    "rnn, sgd": ["model.cell=rnn_tanh", "optimizer.name=sgd", "optimizer.momentum=0.9"],
    "gru reset before, adam": ["model.cell=gru_reset_before"],
    "lstm, sgd": ["model.cell=lstm", "optimizer.name=sgd", "clip.mode=adaptive"],
    "lstm, adam, plateau": ["model.cell=lstm", "schedule.name=plateau", "schedule.patience=0"],
    "lstm, carried states": ["model.cell=lstm", "model.bidirectional=false", "train.bptt_steps=7"],
    "lstm, carried states, workers without a slot": [
        "model.cell=lstm", "model.bidirectional=false", "train.bptt_steps=7", "batch.slots=2",
    ],
    "lstm_ln, regularised": [
        "model.cell=lstm_ln", "model.embedding_dropout=0.2", "model.input_dropout=0.2", "model.output_dropout=0.3",
        "model.variational_dropout=true", "model.weight_dropout=0.4", "model.zoneout=0.2", "model.cell_zoneout=0.3",
        "model.activation_l2=2", "model.activation_difference_l2=1", "model.weight_noise=0.05",
    ],
    "gru, bf16": ["numerics.precision=bf16"],
    "lstm, bf16": ["model.cell=lstm", "numerics.precision=bf16"],
    "lstm, bf16-amx": ["model.cell=lstm", "numerics.precision=bf16-amx"],
}
# Keys that change how a run is computed and may not change its bits. AVX2 and AVX-512 agree since
# every product is one chain of fused multiply-adds.
FREE = [["train.recompute=true"], ["numerics.isa=avx2"], ["numerics.isa=avx2", "train.recompute=true"]]


class Case:
    def __init__(self, program, folder, arguments, settings):
        self.program = program
        self.folder = folder
        self.arguments = arguments
        self.settings = [word for setting in settings for word in ("--set", setting)]

    def train(self, run, ranks, threads, steps, free=()):
        settings = [word for setting in free for word in ("--set", setting)]
        self.program.run(
            "train", "--config", f"{self.folder}/config.toml", "--corpus", f"{self.folder}/corpus",
            "--run", run, "--threads", threads, "--steps", steps, *self.settings, *settings, ranks=ranks,
            timeout=3000,
        )  # fmt: skip

    def result(self, name, *legs):
        """Trains in legs of (ranks, threads, until step[, settings]); gives hash and metrics."""
        run = tempfile.mkdtemp(prefix=name, dir=self.folder)
        for leg in legs:
            self.train(run, *leg)
        return state_of(run)["parameters_hash"], metrics_of(run)

    def evaluation(self, run, ranks, threads):
        text = self.program.run(
            "evaluate", "--run", run, "--corpus", f"{self.folder}/corpus", "--split", "test",
            "--threads", threads, "--json", ranks=ranks,
        )  # fmt: skip
        found = json.loads(next(line for line in text.splitlines() if line.startswith("{")))
        del found["seconds"]
        return found

    def check_evaluation(self):
        run = f"{self.folder}/evaluated"
        self.train(run, 0, 1, 3)
        expected = self.evaluation(run, 0, 1)
        shapes = [(2, 1), (3, 2), (0, 4)]
        return [f"evaluation on {s}" for s in shapes if self.evaluation(run, *s) != expected]

    def check_traffic(self):
        """How gradients and parameters travel must not show: with the computation or after it, by
        owners or replicated, on a model that is large enough for several pieces."""
        steps, stop, own = 8, 5, self.settings
        expected = self.result("plain", (0, 1, steps))
        wrong = []
        for ranks, threads in [(2, 1), (3, 1), (2, 2), (1, 4), (8, 1)]:
            for overlap, share in [("true", 0), ("true", 0.5), ("true", 1), ("false", 0.5)]:
                self.settings = own + [
                    "--set", f"train.overlap={overlap}", "--set", f"train.replicated_share={share}"
                ]  # fmt: skip
                if self.result("traffic", (ranks, threads, steps)) != expected:
                    wrong.append(f"{ranks} x {threads}, overlap {overlap}, replicated {share}")
        if self.result("traffic", (3, 1, stop), (2, 1, steps)) != expected:
            wrong.append("stopped on 3 ranks with replicated pieces, resumed on 2")
        return wrong

    def check(self, shapes):
        last, stop = self.arguments.steps, self.arguments.stop
        expected = self.result("reference", (0, 1, last))
        if len(expected[1]) < last:
            return [f"metrics.jsonl has {len(expected[1])} lines, expected at least {last}"]
        wrong = []
        for ranks, threads in shapes:
            if self.result("shape", (ranks, threads, last)) != expected:
                wrong.append(f"{ranks} ranks x {threads} threads")
        for first, second in [((1, 1), (3, 1)), ((4, 2), (0, 1))]:
            if self.result("resumed", (*first, stop), (*second, last)) != expected:
                wrong.append(f"stopped at {stop} on {first}, resumed on {second}")
        for free in FREE:
            if self.result("free", (2, 1, stop, free), (0, 2, last)) != expected:
                wrong.append(f"with {', '.join(free)}")
        return wrong


def shapes_of(arguments, slots=8):
    ranks = [int(n) for n in arguments.ranks.split(",")]
    threads = [int(n) for n in arguments.threads.split(",")]
    every = [(p, 1) for p in ranks] + [(1, t) for t in threads] + [(2, 2), (2, 4), (3, 2)]
    return [(p, t) for p, t in dict.fromkeys(every) if p * t <= slots]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lockstep")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--stop", type=int, default=9)
    parser.add_argument("--hidden", type=int, default=16)
    parser.add_argument("--ranks", default="1,2,3")
    parser.add_argument("--threads", default="1,2")
    arguments = parser.parse_args()
    program = Program(arguments.lockstep)
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        program.run("prepare", "dna", "--synthetic", BASES, "--window", WINDOW,
                    "--out", f"{folder}/corpus")  # fmt: skip
        with open(f"{folder}/config.toml", "w") as file:
            file.write(CONFIG.format(hidden=arguments.hidden))
        for number, (name, settings) in enumerate(VARIANTS.items()):
            # Every shape for the first variant, three telling ones for the others.
            shapes = shapes_of(arguments) if number == 0 else [(2, 1), (3, 2), (8, 1)]
            case = Case(program, folder, arguments, settings)
            wrong = case.check(shapes) + (case.check_evaluation() if number == 0 else [])
            verdict = "other bits: " + "; ".join(wrong) if wrong else "same bits"
            print(f"{name}: {len(shapes) + 2} runs and those with other free keys, {verdict}")
            failed |= bool(wrong)
        wide = ["model.hidden_size=64", "model.layers=3"]
        wrong = Case(program, folder, arguments, wide).check_traffic()
        print(f"traffic: 21 runs, {'other bits: ' + '; '.join(wrong) if wrong else 'same bits'}")
        failed |= bool(wrong)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
