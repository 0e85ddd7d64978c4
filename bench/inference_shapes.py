"""Runs of the six shapes of bench/run, with 8 classes, for bench/inference: a model for its speed needs no training, so
each is trained for one step on random numbers."""

import os
import subprocess

import numpy

CLASSES, SEQUENCES, STEPS = 8, 16, 4
# Cell, layers, directions, inputs, hidden units, sequences of a batch, steps.
SHAPES = [("gru", 1, 1, 128, 256, 32, 100), ("gru", 1, 1, 256, 512, 64, 100), ("gru", 3, 2, 80, 512, 32, 100),
          ("gru", 1, 1, 64, 128, 16, 200), ("lstm", 1, 1, 256, 512, 64, 100), ("rnn_tanh", 1, 1, 256, 512, 64, 100)]  # fmt: skip


def ask(program, *words):
    subprocess.run([program, *map(str, words)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def prepare(program, folder, inputs):
    """A corpus of random steps of this width; the same one serves all shapes that read it."""
    corpus = f"{folder}/corpus-{inputs}"
    if os.path.exists(corpus):
        return corpus
    draw = numpy.random.default_rng(1)
    numpy.save(f"{folder}/x.npy", draw.standard_normal((SEQUENCES, STEPS, inputs), "float32"))
    numpy.save(f"{folder}/y.npy", numpy.resize(numpy.arange(CLASSES), (SEQUENCES, STEPS)))
    ask(program, "prepare", "arrays", "--inputs", f"{folder}/x.npy", "--targets", f"{folder}/y.npy", "--target", "class",
        "--target-per", "step", "--out", corpus)  # fmt: skip
    return corpus


def train(program, folder, shape):
    """The run of a shape, and how it is called."""
    cell, layers, directions, inputs, hidden, *_ = shape
    name = f"{cell} {layers} x {hidden}, {'both directions, ' if directions == 2 else ''}inputs {inputs}"
    run = f"{folder}/{name.replace(', ', '-').replace(' ', '-')}"
    settings = {"model.cell": cell, "model.layers": layers, "model.bidirectional": str(directions == 2).lower(),
                "model.hidden_size": hidden, "batch.sequences": SEQUENCES, "validation.every": 0}  # fmt: skip
    words = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
    ask(program, "train", "--corpus", prepare(program, folder, inputs), "--run", run, "--steps", 1, *words)
    return run, name
