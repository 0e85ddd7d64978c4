"""A run that is stopped after any step and gone on with ends as the run that never stopped: every bit of parameters
and moments, the training state, and all of metrics.jsonl.

A whole run leaves a checkpoint after each of its steps. From each one a copy of the run goes on to the end, with the
lines of metrics.jsonl behind it still there, as a kill leaves them.
"""

import argparse
import collections
import concurrent.futures
import os
import shutil
import struct
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from build_parts import has_speech
from program import Program, checkpoints_of, h5py, metrics_of, state_of
from speech_corpus import prepare_words, some_texts

CONFIG = """
[model]
hidden_size = 6
embedding_size = 4
[batch]
sequences = 8
slots = 4
[schedule]
learning_rate = 0.01
warmup_steps = 5
[validation]
every = 7
[checkpoint]
every = 1
keep = 0
[log]
every = 1
"""
SPEECH = ["data.stack=2", "data.stride=2"]
PARTS = ["model.bidirectional=false"]
ADAPTIVE = ["clip.mode=adaptive", "clip.window=16"]

# Settings, corpus, and what the state at the end must show, so that no variant is without its subject. An epoch of
# dna has 5 batches, the last one short; one of speech has 4.
Variant = collections.namedtuple("Variant", "corpus settings shows", defaults=[lambda state: True])
VARIANTS = {
    "epoch ends, adam": Variant("dna", [], lambda s: s["epoch"] > 2),
    "dropout, adamw, lstm": Variant(
        "dna", ["model.dropout=0.4", "model.layers=2", "optimizer.name=adamw", "optimizer.weight_decay=0.1",
                "model.cell=lstm"]),
    "more slots than workers, sgd": Variant("dna", ["batch.slots=8", "optimizer.name=sgd"]),
    "momentum, adaptive clip": Variant(
        "dna", ["optimizer.name=sgd", "optimizer.momentum=0.9", "optimizer.nesterov=true", *ADAPTIVE],
        lambda s: len(s["clip_history"]) == 16),
    "rmsprop, cosine": Variant(
        "dna", ["optimizer.name=rmsprop", "schedule.name=cosine", "schedule.decay_steps=40"]),
    "moving average, validated": Variant(
        "dna", ["train.average_weights=ema", "train.average_decay=0.9", "validation.average=true"]),
    "mean on a plateau": Variant(
        "dna", ["optimizer.name=sgd", "schedule.learning_rate=3", "validation.every=3", "validation.average=true",
                "train.average_weights=mean_on_plateau", "train.average_patience=1"],
        lambda s: s["average"]["from"] > 0),
    "plateau": Variant(
        "dna", ["schedule.name=plateau", "schedule.patience=0", "schedule.learning_rate=0.3",
                "validation.every=3"], lambda s: s["plateau"]["drops"] > 0),
    "early stopping": Variant(
        "dna", ["schedule.learning_rate=0", "validation.every=5", "validation.patience=6"],
        lambda s: s["finished"]),
    "augmentation, transcripts": Variant(
        "speech", [*SPEECH, "augment.stretch=0.2", "augment.time_masks=2", "augment.time_mask_frames=8",
                   "augment.band_masks=1", "augment.band_mask_bins=4", "augment.noise=0.1"]),
    "carried states, lstm, dropout": Variant(
        "dna", [*PARTS, "model.cell=lstm", "model.layers=2", "model.dropout=0.3", "train.bptt_steps=5"],
        lambda s: s["epoch_part"] > 0 and s["epoch"] > 0),
    "carried states, gru, recompute": Variant(
        "dna", [*PARTS, "train.recompute=true", "train.bptt_steps=20"]),
    "regularised, lstm_ln, carried states": Variant(
        "dna", [*PARTS, "model.cell=lstm_ln", "model.layers=2", "train.bptt_steps=5", "model.embedding_dropout=0.2",
                "model.variational_dropout=true", "model.input_dropout=0.2", "model.weight_dropout=0.4",
                "model.zoneout=0.2", "model.cell_zoneout=0.3", "model.activation_l2=2",
                "model.activation_difference_l2=1", "model.weight_noise=0.05"],
        lambda s: s["epoch_part"] > 0 and s["epoch"] > 0),
    "skipped steps": Variant("overflow", [*SPEECH, "train.max_skipped=1000", "model.cell=rnn_relu"], lambda s: s["skipped"] > 2),
    "conditional random field": Variant("dna", ["model.head=crf", "optimizer.weight_decay=0.1"]),
    "bf16": Variant("dna", ["numerics.precision=bf16"]),
}  # fmt: skip


def prepare(program, folder):
    """Corpora: dna, speech, and speech with an utterance so loud that its products overflow."""
    program.run("prepare", "dna", "--synthetic", 1500, "--window", 32, "--out", f"{folder}/dna")
    if not has_speech(program.path):
        return
    for name in ("speech", "overflow"):
        os.mkdir(f"{folder}/{name}.files")
        words = prepare_words(f"{folder}/{name}.files", f"{folder}/{name}", some_texts(29), some_texts(6, 2))
        if name == "overflow":
            path = f"{folder}/{name}.files/feat/train007.mfc"
            with open(path, "r+b") as file:
                count = struct.unpack(">I", file.read(4))[0]
                loud = [3e38 * (-1) ** i for i in range(count)]
                file.write(struct.pack(f">{count}f", *loud))
            words += ["--normalise", "none"]
        program.run(*words)


def arrays_of(path):
    """Every array of a checkpoint as bytes, by name; not the state."""
    arrays = {}
    with h5py.File(path, "r") as file:
        file.visititems(lambda name, node: arrays.update({name: node[()].tobytes()})
                        if isinstance(node, h5py.Dataset) and name != "lockstep/state" else None)  # fmt: skip
    return arrays


def checkpoint_path(run, step):
    return f"{run}/checkpoints/step-{step:012}.h5"


class Case:
    def __init__(self, program, folder, name, steps):
        self.program = program
        self.folder = folder
        self.name = name
        self.steps = steps
        self.variant = VARIANTS[name]
        self.whole = tempfile.mkdtemp(prefix="whole-", dir=folder)
        self.train(self.whole, steps)
        self.expected = self.outcome(self.whole)
        self.last = state_of(self.whole)["step"]

    def train(self, run, steps, ranks=0):
        settings = [word for setting in self.variant.settings for word in ("--set", setting)]
        self.program.run(
            "train", "--config", f"{self.folder}/config.toml", "--corpus", f"{self.folder}/{self.variant.corpus}",
            "--run", run, "--steps", steps, *settings, ranks=ranks,
        )  # fmt: skip

    def outcome(self, run):
        """All that must be equal; the length of metrics.jsonl is that of its times, too."""
        state = state_of(run)
        del state["metrics_bytes"], state["config"]["train.steps"]
        newest = f"{run}/checkpoints/{checkpoints_of(run)[-1]}"
        return state, arrays_of(newest), metrics_of(run)

    def differences(self, run, expected):
        parts = zip(("state", "arrays", "metrics.jsonl"), self.outcome(run), expected)
        return [part for part, found, wanted in parts if found != wanted]

    def resume(self, step, ranks):
        """Goes on from the checkpoint of a step; what is different at the end, as text."""
        run = tempfile.mkdtemp(prefix="resumed-", dir=self.folder)
        os.mkdir(f"{run}/checkpoints")
        shutil.copy(checkpoint_path(self.whole, step), f"{run}/checkpoints")
        shutil.copy(f"{self.whole}/metrics.jsonl", run)
        self.train(run, self.steps, ranks)
        different = self.differences(run, self.expected)
        shutil.rmtree(run)
        return [f"resumed at step {step} on {ranks} ranks: {', '.join(different)}"] if different else []

    def stop(self, step, ranks):
        """A run that ends at a step has the checkpoint of a run that passes it."""
        run = tempfile.mkdtemp(prefix="stopped-", dir=self.folder)
        self.train(run, step, ranks)
        equal = arrays_of(checkpoint_path(run, step)) == arrays_of(checkpoint_path(self.whole, step))
        shutil.rmtree(run)
        return [] if equal else [f"ended at step {step} on {ranks} ranks: arrays"]

    def check(self, steps, ranks):
        """Tries these steps, on these numbers of ranks in turn; 0 is without a launcher."""
        wrong = [] if self.variant.shows(state_of(self.whole)) else ["the run does not do what its name says"]
        steps = [step for step in steps if step < self.last]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            tasks = [pool.submit(self.resume, step, ranks[i % len(ranks)]) for i, step in enumerate(steps)]
            tasks += [pool.submit(self.stop, step, 0) for step in steps[::5]]
            for task in tasks:
                wrong += task.result()
        print(f"{self.name}: {self.last} steps, gone on after {len(steps)} of them,",
              f"other: {'; '.join(wrong)}" if wrong else "all equal", flush=True)  # fmt: skip
        return not wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lockstep")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--stride", type=int, default=1, help="every so many steps are tried")
    arguments = parser.parse_args()
    program = Program(os.path.abspath(arguments.lockstep))
    equal = True
    with tempfile.TemporaryDirectory(prefix="lockstep-test-") as folder:
        prepare(program, folder)
        with open(f"{folder}/config.toml", "w") as file:
            file.write(CONFIG)
        for number, name in enumerate(VARIANTS):
            if not os.path.exists(f"{folder}/{VARIANTS[name].corpus}"):
                print(f"{name}: skipped, this build has no speech")
                continue
            case = Case(program, folder, name, arguments.steps)
            steps = range(1 + number % arguments.stride, arguments.steps, arguments.stride)
            equal &= case.check(steps, [0, 2, 0, 3, 4])
    sys.exit(0 if equal else 1)


if __name__ == "__main__":
    main()
