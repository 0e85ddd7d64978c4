"""The bound of memory that training prints at start: never exceeded, and at most 10 % above the peak resident
set that the system counted, for models from tiny to large, on several threads and ranks, and after many
checkpoints."""

import itertools
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from build_parts import has_speech
from program import Program
from speech_corpus import prepare_words, some_texts

LEAST_SHARE_OF_BOUND = 0.90

# All augmentation on; stretched samples are what the bound must make room for.
SPEECH = {"data.stack": 5, "data.stride": 2, "augment.stretch": 0.3, "augment.time_masks": 2,
          "augment.time_mask_frames": 20, "augment.band_masks": 2, "augment.band_mask_bins": 4,
          "augment.noise": 0.1, "log.every": 1}  # fmt: skip

# name: (window of a genome or name of another corpus, steps, ranks, settings)
MODELS = {
    "one layer of 16, DNA": (256, 8, 0, {"model.hidden_size": 16, "batch.sequences": 16}),
    "3 x 64 bidirectional GRU": (
        512, 5, 0, {"model.layers": 3, "model.hidden_size": 64, "validation.every": 2, "checkpoint.every": 2,
                    "train.average_weights": "ema", "validation.average": "true", "log.gradient_by_time": 2}),
    "2 x 320 bidirectional LSTM, 2 threads": (
        256, 3, 0, {"model.cell": "lstm", "model.layers": 2, "model.hidden_size": 320,
                    "batch.sequences": 16, "train.threads": 2}),
    "3 x 512 bidirectional GRU, 2 ranks": (
        256, 2, 2, {"model.layers": 3, "model.hidden_size": 512, "batch.sequences": 8}),
    "sequences of 4000 steps, embedding of 256": (
        4000, 2, 0, {"model.layers": 2, "model.hidden_size": 64, "model.embedding_size": 256,
                     "batch.sequences": 8, "batch.slots": 4}),
    "sequences of 4000 steps in parts of 50, 2 ranks": (
        4000, 30, 2, {"model.cell": "lstm", "model.layers": 2, "model.hidden_size": 64, "model.bidirectional": "false",
                      "batch.sequences": 64, "train.bptt_steps": 50, "checkpoint.every": 3}),
    "60 checkpoints of arrays below 1 MiB, 2 ranks": (
        256, 60, 2, {"model.hidden_size": 150, "model.embedding_size": 300, "model.bidirectional": "false",
                     "batch.sequences": 4, "batch.slots": 4, "optimizer.name": "sgd",
                     "checkpoint.every": 1}),
    "3 slots on 2 ranks, of which rank 1 has two": (
        256, 3, 2, {"model.layers": 2, "model.hidden_size": 400, "batch.sequences": 3, "batch.slots": 3}),
    "24 ranks on a host": (
        64, 6, 24, {"model.layers": 3, "model.hidden_size": 150, "model.embedding_size": 300,
                    "batch.sequences": 2, "batch.slots": 24, "optimizer.name": "sgd"}),
    "1,200 small arrays": (
        64, 6, 0, {"model.cell": "lstm_ln", "model.layers": 40, "model.hidden_size": 9, "batch.sequences": 4,
                   "optimizer.name": "adamw", "checkpoint.every": 2}),
    "a text in 96 streams, 2 ranks": (
        "text", 12, 2, {"model.cell": "lstm", "model.layers": 2, "model.hidden_size": 64,
                        "model.bidirectional": "false", "batch.sequences": 96, "train.bptt_steps": 20, "validation.every": 5,
                        "checkpoint.every": 3}),
    "tags, convolution of characters, CRF": (
        "tags", 6, 0, {"model.head": "crf", "model.characters": "cnn", "model.hidden_size": 100, "batch.sequences": 16,
                       "validation.every": 3, "checkpoint.every": 3}),
    "tags of 150,000 short sentences in a shard": (
        "pairs of words", 6, 0, {"model.hidden_size": 8, "model.characters": "none", "batch.sequences": 8,
                                 "batch.slots": 4}),
    "pairs, attention, 2 ranks": (
        "pairs", 6, 2, {"model.hidden_size": 96, "model.attention": "dot", "batch.sequences": 16, "validation.every": 3,
                        "checkpoint.every": 3}),
    "chorales, labels of sets": (
        "music", 6, 0, {"model.cell": "lstm", "model.bidirectional": "false", "model.hidden_size": 128,
                        "batch.sequences": 16, "validation.every": 3, "checkpoint.every": 3}),
    "transcripts, convolution of 64, 2 x 96": (
        "speech", 30, 0, {**SPEECH, "model.conv_channels": 64, "model.layers": 2, "model.hidden_size": 96,
                          "model.dropout": 0.2, "batch.sequences": 16}),
    "transcripts, one layer of 16, 2 ranks": (
        "speech", 60, 2, {**SPEECH, "model.hidden_size": 16, "batch.sequences": 32}),
    "transcripts, as many slots as sequences": (
        "speech", 6, 0, {"model.hidden_size": 8, "batch.sequences": 400, "batch.slots": 400, "validation.every": 2}),
    "transcripts, long batches of a small model": (
        "speech", 12, 0, {**SPEECH, "model.hidden_size": 32, "batch.sequences": 100, "batch.slots": 4,
                          "train.recompute": "true"}),
}  # fmt: skip

# Kinds of models and corpora that take long to prepare, or are like those above. weeks_test.py --full trains them, too.
MORE_MODELS = {
    "a text of 60,000 words, tied embeddings, 2 ranks": (
        "many words", 4, 2, {"model.cell": "lstm", "model.bidirectional": "false", "model.hidden_size": 128,
                             "model.embedding_size": 128, "model.tie_embeddings": "true", "batch.sequences": 16,
                             "train.bptt_steps": 20, "validation.every": 2, "checkpoint.every": 2}),
    "genomes mixed and cut, 2 ranks": (
        256, 8, 2, {"data.mix": "{folder}/corpus-256=0.5", "data.cut_steps": 200, "data.source_weights": "*=1.5",
                     "model.layers": 2, "model.hidden_size": 64, "validation.every": 4, "checkpoint.every": 4}),
    "a class of each sentence": (
        "classes", 10, 0, {"model.hidden_size": 96, "model.pooling": "max+mean", "batch.sequences": 32,
                           "validation.every": 5, "checkpoint.every": 5}),
    "real values of series, 2 threads": (
        "series", 10, 0, {"model.cell": "lstm", "model.hidden_size": 80, "batch.sequences": 16, "train.threads": 2,
                          "validation.every": 5, "checkpoint.every": 5}),
}  # fmt: skip


def tagged_words(sentences):
    """Lines of words, of which those with an odd number are names, as CoNLL columns."""
    for s in range(sentences):
        numbers = [(s * 31 + i * i * 7) % 997 for i in range(3 + s % 20)]
        yield "".join(f"w{n} {'B-name' if n % 2 else 'O'}\n" for n in numbers) + "\n"


def write_lines(path, lines):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(lines)


def prepare(program, folder, window):
    """A corpus of DNA, or of the field that `window` names (speech in many shards of a few utterances); its path."""
    corpus = f"{folder}/corpus-{window}"
    if os.path.exists(corpus):
        return corpus
    if window == "speech":
        more = ["--deltas", 2, "--shard-bytes", 100000]
        texts = some_texts(200, seed=1, most_words=30)
        program.run(*prepare_words(folder, corpus, texts, some_texts(20, seed=2), more=more))
    elif window == "text":
        for split, lines in (("train", 300000), ("valid", 5000)):
            with open(f"{folder}/{split}.txt", "w") as file:
                file.writelines(f"w{i * i % 2999} w{i * 7 % 1009}\n" for i in range(lines))
        program.run("prepare", "text", "--task", "lm", "--train", f"{folder}/train.txt", "--valid",
                    f"{folder}/valid.txt", "--shard-bytes", 1000000, "--out", corpus)  # fmt: skip
    elif window == "tags":
        for split, sentences in (("train", 2000), ("valid", 200)):
            with open(f"{folder}/{split}.conll", "w", encoding="utf-8") as file:
                file.writelines(tagged_words(sentences))
        program.run("prepare", "text", "--task", "tag", "--train", f"{folder}/train.conll", "--valid",
                    f"{folder}/valid.conll", "--out", corpus)  # fmt: skip
    elif window == "pairs of words":
        for split, sentences in (("train", 150000), ("valid", 200)):
            with open(f"{folder}/{split}-pairs.conll", "w", encoding="utf-8") as file:
                file.writelines(f"w{s % 5} {'B-name' if s % 3 else 'O'}\nw{s * 7 % 5} O\n\n" for s in range(sentences))
        program.run("prepare", "text", "--task", "tag", "--train", f"{folder}/train-pairs.conll", "--valid",
                    f"{folder}/valid-pairs.conll", "--out", corpus)  # fmt: skip
    elif window == "many words":
        for split, lines in (("train", 60000), ("valid", 500)):
            write_lines(f"{folder}/{split}-many.txt", (f"w{i} w{i * 7 % 60000} w{i * i % 3001}\n" for i in range(lines)))
        program.run("prepare", "text", "--task", "lm", "--train", f"{folder}/train-many.txt", "--valid",
                    f"{folder}/valid-many.txt", "--min-count", 1, "--max-vocabulary", 70000, "--out", corpus)  # fmt: skip
    elif window == "classes":
        for split, sentences in (("train", 4000), ("valid", 400)):
            write_lines(f"{folder}/{split}-classes.tsv", (
                " ".join(f"w{(s * 31 + i * i * 7) % 2999}" for i in range(3 + s % 40)) + f"\tc{s % 5}\n" for s in range(sentences)))
        program.run("prepare", "text", "--task", "classify", "--train", f"{folder}/train-classes.tsv", "--valid",
                    f"{folder}/valid-classes.tsv", "--out", corpus)  # fmt: skip
    elif window == "series":
        for split, series in (("train", 300), ("valid", 30)):
            rows = (f"{n},{(n * 37 + t * 11) % 101 / 10},{(n + t * t) % 89 / 10}\n" for n in range(series) for t in range(50 + n % 150))
            write_lines(f"{folder}/{split}-series.csv", itertools.chain(["series,rain,flow\n"], rows))
        program.run("prepare", "arrays", "--train", f"{folder}/train-series.csv", "--valid", f"{folder}/valid-series.csv",
                    "--sequence-column", "series", "--input-columns", "rain", "--target-columns", "flow", "--target",
                    "real", "--out", corpus)  # fmt: skip
    elif window == "pairs":
        program.run("prepare", "translation", "--synthetic", 2000, "--out", corpus)
    elif window == "music":
        program.run("prepare", "music", "--synthetic", 300, "--out", corpus)
    else:
        program.run("prepare", "dna", "--synthetic", 500000, "--window", window, "--out", corpus)
    return corpus


def measure(program, folder, name):
    """Trains a model; problems found, as text."""
    window, steps, ranks, settings = MODELS[name]
    corpus, run = prepare(program, folder, window), f"{folder}/run-{list(MODELS).index(name)}"
    words = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
    text = program.run("train", "--corpus", corpus, "--run", run, "--steps", steps, *words,
                       ranks=ranks)  # fmt: skip
    with open(f"{run}/log.txt") as log:
        text += log.read()
    announced = float(re.search(r"memory: at most (\d+) MiB", text)[1])
    peak, bound = map(float, re.search(r"peak ([\d.]+) MiB of at most ([\d.]+) MiB", text).groups())
    print(f"{name}: peak {peak} MiB of at most {bound} MiB, {peak / bound:.3f}")
    problems = []
    if peak > bound:
        problems.append(f"{name}: the peak exceeds the bound")
    if ranks > 1:
        peak_of_others, bound_of_others = map(
            float, re.search(r"peak ([\d.]+) MiB of at most ([\d.]+) MiB on the other ranks", text).groups())
        print(f"{name}: others: peak {peak_of_others} MiB of at most {bound_of_others} MiB")
        if peak_of_others > bound_of_others:
            problems.append(f"{name}: the peak of a rank other than 0 exceeds its bound")
    if peak < LEAST_SHARE_OF_BOUND * bound:
        problems.append(f"{name}: the bound is more than 10 % above the peak")
    if not -0.06 < announced - bound < 1.06:  # rounded up, of a bound with one digit
        problems.append(f"{name}: {announced} MiB at start, {bound} MiB at the end")
    return problems


def main():
    program = Program(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        names = [name for name in MODELS if MODELS[name][0] != "speech" or has_speech(program.path)]
        problems = [problem for name in names for problem in measure(program, folder, name)]
    for problem in problems:
        print("wrong:", problem)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
