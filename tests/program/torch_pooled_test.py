"""Pooled heads, dense layers and regression agree with PyTorch: for the parameters of a Lockstep checkpoint, taken by
h5py, the scores of a split and the gradient of the mean loss over all its sequences. The gradient is read off one
step of SGD without clipping. Differences are relative to the norm of each tensor."""

import glob
import os
import random
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import Program, h5py, parameters_of

try:
    import torch
except ImportError:
    print("skipped: PyTorch is not installed (Debian package python3-torch)")
    sys.exit(77)

TOLERANCE = 1e-5  # float32 rounding; the sums run in another order
RATE = 1000.0  # of the one step: the gradient is not lost in the rounding of the parameters
COMMON = ["batch.sequences=1000", "batch.slots=3", "clip.mode=off", "optimizer.name=sgd", "model.hidden_size=10",
          "model.embedding_size=6", "model.bidirectional=true", "validation.every=1000"]  # fmt: skip
CELLS = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM, "rnn_tanh": torch.nn.RNN}

# Name, corpus, cell, layers, pooling (None: a target for each step), dense layers, loss.
CASES = [
    ("class of texts, last", "texts", "gru", 1, "last", 0, "softmax"),
    ("class of texts, middle", "texts", "gru", 1, "middle", 0, "softmax"),
    ("class of texts, mean and max, 2 dense layers", "texts", "lstm", 2, "mean+max", 2, "softmax"),
    ("class of texts, attention", "texts", "gru", 1, "attention", 0, "softmax"),
    ("class of texts, all kinds, 1 dense layer", "texts", "rnn_tanh", 1, "last+middle+mean+max+attention", 1, "softmax"),
    ("real values of sequences, squared", "rows", "gru", 1, "last+mean", 1, "squared"),
    ("real values of sequences, absolute", "rows", "lstm", 1, "max", 0, "absolute"),
    ("real values of vectors, no recurrent layer", "vectors", "gru", 0, "last", 3, "squared"),
]  # fmt: skip


def write_texts(path):
    draw = random.Random(1)
    words = [f"word{i}" for i in range(30)]
    with open(path, "w") as file:
        for number in range(40):
            file.write(f"class{number % 3}\t{' '.join(draw.choices(words, k=draw.randint(1, 9)))}\n")


def write_rows(path, longest):
    draw = random.Random(2)
    with open(path, "w") as file:
        file.write("name,a,b,c,first,second\n")
        for number in range(40):
            targets = f"{draw.gauss(0, 1):.5f},{draw.gauss(3, 2):.5f}"
            for _ in range(draw.randint(1, longest)):
                inputs = ",".join(f"{draw.gauss(0, 1):.5f}" for _ in range(3))
                file.write(f"s{number},{inputs},{targets}\n")


def make_corpora(program, folder):
    write_texts(f"{folder}/texts.tsv")
    write_rows(f"{folder}/rows.csv", 8)
    write_rows(f"{folder}/vectors.csv", 1)
    program.run("prepare", "text", "--train", f"{folder}/texts.tsv", "--format", "tsv", "--header", "no",
                "--label-column", 1, "--text-column", 2, "--min-count", 1, "--out", f"{folder}/texts")  # fmt: skip
    for name in ("rows", "vectors"):
        program.run("prepare", "arrays", "--train", f"{folder}/{name}.csv", "--sequence-column", "name",
                    "--target-columns", "first,second", "--target", "real", "--target-per", "sequence", "--out",
                    f"{folder}/{name}")  # fmt: skip


def read_split(corpus):
    """Inputs and targets of the training sequences by sample id."""
    found = {}
    for name in sorted(glob.glob(f"{corpus}/train-*.h5")):
        with h5py.File(name, "r") as file:
            offsets, ids = file["offsets"][...], file["sample_ids"][...]
            inputs, targets = file["inputs"][...], file["targets"][...]
        targets = targets.reshape(len(ids), -1)
        for i, sample in enumerate(ids):
            found[int(sample)] = (torch.from_numpy(inputs[offsets[i] : offsets[i + 1]]), torch.from_numpy(targets[i]))
    return found


class Network(torch.nn.Module):
    def __init__(self, cell, layers, pooling, state):
        super().__init__()
        self.values = torch.nn.ParameterDict(
            {name.replace(".", "/"): torch.nn.Parameter(torch.from_numpy(v).double()) for name, v in state.items()
             if not name.startswith("rnn.")})  # fmt: skip
        self.layers, self.pooling = layers, pooling.split("+")
        self.embeds = "embedding.weight" in state
        recurrent = {name[4:]: torch.from_numpy(v) for name, v in state.items() if name.startswith("rnn.")}
        if layers > 0:
            width, hidden = recurrent["weight_ih_l0"].shape[1], recurrent["weight_hh_l0"].shape[1]
            self.rnn = CELLS[cell](width, hidden, layers, bidirectional=True).double()
            self.rnn.load_state_dict(recurrent)

    def value(self, name):
        return getattr(self.rnn, name[4:]) if name.startswith("rnn.") else self.values[name.replace(".", "/")]

    def encode(self, inputs):
        x = self.value("embedding.weight")[inputs.long().reshape(-1)] if self.embeds else inputs.double()
        return x if self.layers == 0 else self.rnn(x.unsqueeze(1))[0].squeeze(1)

    def pool(self, kind, x):
        half = x.shape[1] // 2
        if kind == "last":
            return x[-1] if self.layers == 0 else torch.cat([x[-1, :half], x[0, half:]])
        if kind == "middle":
            read = (len(x) + 1) // 2
            return torch.cat([x[read - 1, :half], x[len(x) - read, half:]])
        if kind == "mean":
            return x.mean(0)
        if kind == "max":
            return x.max(0).values
        hidden = torch.tanh(x @ self.value("attention.weight").T + self.value("attention.bias"))
        return torch.softmax(hidden @ self.value("attention.context").reshape(-1), 0) @ x

    def forward(self, inputs):
        x = self.encode(inputs)
        y = torch.cat([self.pool(kind, x) for kind in self.pooling])
        for k in range(sum(name.startswith("dense/") and name.endswith("weight") for name in self.values.keys())):
            y = torch.relu(self.value(f"dense.{k}.weight") @ y + self.value(f"dense.{k}.bias"))
        return self.value("head.weight") @ y + self.value("head.bias")


def loss_of(kind, scores, target):
    """The summed loss of a sequence, and how many targets it has."""
    if kind == "softmax":
        return torch.nn.functional.cross_entropy(scores.unsqueeze(0), target.long()), 1
    error = scores - target.double()
    return (error**2 if kind == "squared" else error.abs()).sum(), len(target)


def relative(ours, theirs):
    return float((torch.as_tensor(ours).double() - theirs).norm() / (theirs.norm() + 1e-8))


def worst_differences(program, folder, number, case):
    _, corpus, cell, layers, pooling, dense, loss = case
    settings = [*COMMON, f"model.cell={cell}", f"model.layers={layers}", f"model.pooling={pooling}",
                f"model.dense_layers={dense}", "model.dense_size=7"]  # fmt: skip
    settings += [f"model.loss={loss}"] if loss != "softmax" else []
    words = ["train", "--corpus", f"{folder}/{corpus}", "--steps", 1]
    words += [word for setting in settings for word in ("--set", setting)]
    first, last, logits = (f"{folder}/{name}{number}" for name in ("first", "last", "logits"))
    program.run(*words, "--run", first, "--set", "schedule.learning_rate=0")
    program.run(*words, "--run", last, "--set", f"schedule.learning_rate={RATE}")
    program.run("predict", "--run", first, "--corpus", f"{folder}/{corpus}", "--split", "train", "--logits", logits)
    before, after = parameters_of(first), parameters_of(last)
    network, total, targets, scores = Network(cell, layers, pooling, before), 0, 0, 0.0
    with h5py.File(logits, "r") as file:
        rows = dict(zip(file["sample_ids"][...], zip(file["offsets"][:-1], file["offsets"][1:])))
        for sample, (inputs, target) in read_split(f"{folder}/{corpus}").items():
            found = network(inputs)
            loss_sum, count = loss_of(loss, found, target)
            total, targets = total + loss_sum, targets + count
            scores = max(scores, relative(file["logits"][slice(*rows[sample])].reshape(-1), found.detach()))
    (total / targets).backward()
    gradients = max(relative((before[name] - after[name]) / RATE, network.value(name).grad) for name in before)
    return scores, gradients


def main():
    torch.set_num_threads(1)
    program = Program(sys.argv[1])
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        make_corpora(program, folder)
        for number, case in enumerate(CASES):
            scores, gradients = worst_differences(program, folder, number, case)
            agrees = scores <= TOLERANCE and gradients <= TOLERANCE
            print(f"{case[0]}: {'agrees' if agrees else 'DIFFERS'}, worst relative difference of scores {scores:.1e}, "
                  f"of gradients {gradients:.1e} (allowed {TOLERANCE})")  # fmt: skip
            failed |= not agrees
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
