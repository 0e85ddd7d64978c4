"""Short runs give the bits that release 0.1.0 gave, from corpora with the bytes that it wrote. known_bits.json holds
what commit 58cdea3 computed, before models were chosen by a schema.

    tests/program/known_bits_test.py PROGRAM            compares
    tests/program/known_bits_test.py PROGRAM --record   writes the table anew, for a change that is meant

The table is for AVX2 and AVX-512, which agree; without AVX2 the test is skipped, and runs in bf16 without
AVX512_BF16."""

import hashlib
import json
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import Program, flags_of_processor, metrics_of, state_of
from speech_corpus import prepare_words, some_texts

TABLE = pathlib.Path(__file__).with_suffix("").with_name("known_bits.json")

COMMON = ["batch.sequences=16", "schedule.learning_rate=0.01", "schedule.warmup_steps=5", "validation.every=7",
          "checkpoint.every=1000", "log.every=1", "numerics.isa=avx2", "model.dropout=0.3", "model.hidden_size=16",
          "model.layers=2"]  # fmt: skip
DNA = COMMON + ["model.embedding_size=5"]
ONE_WAY = ["model.bidirectional=false", "train.bptt_steps=7"]
FRAMES = COMMON + ["batch.slots=6", "batch.sequences=12", "data.stack=5", "data.stride=2", "data.window_sequences=20",
                   "augment.stretch=0.25", "augment.time_masks=2", "augment.time_mask_frames=6",
                   "augment.band_masks=2", "augment.band_mask_bins=4", "augment.noise=0.2"]  # fmt: skip
# Corpus and settings of each run.
RUNS = {
    "rnn_tanh": ("dna", DNA + ["model.cell=rnn_tanh", "optimizer.name=sgd", "optimizer.momentum=0.9"]),
    "rnn_relu": ("dna", DNA + ["model.cell=rnn_relu", "optimizer.name=rmsprop"]),
    "gru, random strand": ("dna", DNA + ["data.random_strand=true"]),
    "gru_reset_before, residual": ("dna", DNA + ["model.cell=gru_reset_before", "model.residual=true"]),
    "lstm, adaptive clip": ("dna", DNA + ["model.cell=lstm", "clip.mode=adaptive", "optimizer.name=adamw"]),
    "rnn_tanh, carried": ("dna", DNA + ONE_WAY + ["model.cell=rnn_tanh"]),
    "gru, carried": ("dna", DNA + ONE_WAY),
    "lstm, carried, recompute": ("dna", DNA + ONE_WAY + ["model.cell=lstm", "train.recompute=true"]),
    "gru, bf16": ("dna", DNA + ["numerics.precision=bf16"]),
    "speech, gru, convolution": ("speech", FRAMES + ["model.conv_channels=12"]),
    "speech, lstm": ("speech", FRAMES + ["model.cell=lstm"]),
    "speech, gru, bf16": ("speech", FRAMES + ["numerics.precision=bf16", "model.conv_channels=12"]),
}
STEPS = 12


def prepare(program, folder):
    program.run("prepare", "dna", "--synthetic", 6600, "--window", 64, "--out", f"{folder}/dna")
    train, valid = some_texts(40, seed=1) + [""] * 4, some_texts(9, seed=2)
    program.run(*prepare_words(folder, f"{folder}/speech", train, valid))


def bytes_of(corpus):
    """A hash of the shards of a corpus, whose bytes depend on no folder."""
    digest = hashlib.sha256()
    for shard in sorted(pathlib.Path(corpus).glob("*.h5")):
        digest.update(shard.name.encode() + shard.read_bytes())
    return digest.hexdigest()


def bits_of(program, folder, name, ranks):
    corpus, settings = RUNS[name]
    run = f"{folder}/run-{ranks}-{name.replace(' ', '_').replace(',', '')}"
    words = [word for setting in settings for word in ("--set", setting)]
    if "bf16" in name:  # which AVX2 alone does not have
        words = [word.replace("numerics.isa=avx2", "numerics.isa=auto") for word in words]
    program.run("train", "--corpus", f"{folder}/{corpus}", "--run", run, "--steps", STEPS, *words, ranks=ranks)
    losses = [line["loss"] for line in metrics_of(run)]
    evaluated = program.run("evaluate", "--run", run, "--corpus", f"{folder}/{corpus}", "--split", "valid", "--json")
    found = json.loads(evaluated.strip().splitlines()[-1])
    return {"parameters_hash": state_of(run)["parameters_hash"], "losses": losses, "valid_loss": found["loss"]}


def main():
    program = Program(os.path.abspath(sys.argv[1]))
    flags = flags_of_processor()
    if "avx2" not in flags:
        print("skipped: the table is for processors with AVX2")
        return 77
    recording = "--record" in sys.argv
    known = {} if recording else json.loads(TABLE.read_text())
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        prepare(program, folder)
        found = {f"corpus {kind}": bytes_of(f"{folder}/{kind}") for kind in ("dna", "speech")}
        for number, name in enumerate(RUNS):
            if "bf16" in name and "avx512_bf16" not in flags:
                print(f"{name}: skipped, the processor has no AVX512_BF16")
                continue
            found[name] = bits_of(program, folder, name, 1 + number % 2)
    if recording:
        TABLE.write_text(json.dumps(found, indent=1) + "\n")
        return 0
    for name, bits in found.items():
        same = bits == known[name]
        print(f"{name}: {'as known' if same else f'{bits}, known are {known[name]}'}")
        wrong += [] if same else [name]
    print(f"{len(found) - len(wrong)} as known, {len(wrong)} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
