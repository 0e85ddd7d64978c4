"""Twenty steps of training follow PyTorch's: the same corpus, the first parameters taken from a
Lockstep checkpoint by h5py, each step one batch of all sequences, clipping included. Parameters after
20 steps agree within 1e-4, relative to the norm of each tensor."""

import glob
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import Program, h5py, parameters_of

try:
    import torch
except ImportError:
    print("skipped: PyTorch is not installed (Debian package python3-torch)")
    sys.exit(77)

TOLERANCE = 1e-4  # float32 rounding, carried through 20 steps of both programs
STEPS = 20
CONFIG = """
[model]
hidden_size = 12
embedding_size = 6
[batch]
sequences = 1000
slots = 3
[clip]
max_norm = 0.3
[validation]
every = 1000
"""

# Name, settings for Lockstep, torch cell, layers, directions, optimiser for torch, steps of a part.
CASES = [
    ("gru, 2 layers, both directions, adam", ["model.cell=gru", "model.layers=2", "schedule.learning_rate=0.01"],
     torch.nn.GRU, 2, 2, lambda p: torch.optim.Adam(p, lr=0.01)),
    ("lstm, forward, sgd with momentum", ["model.cell=lstm", "model.layers=1", "model.bidirectional=false",
     "optimizer.name=sgd", "optimizer.momentum=0.9", "schedule.learning_rate=0.2"],
     torch.nn.LSTM, 1, 1, lambda p: torch.optim.SGD(p, lr=0.2, momentum=0.9)),
    ("rnn, 3 layers, both directions, nesterov", ["model.cell=rnn_tanh", "model.layers=3", "optimizer.name=sgd",
     "optimizer.momentum=0.8", "optimizer.nesterov=true", "schedule.learning_rate=0.1"],
     torch.nn.RNN, 3, 2, lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.8, nesterov=True)),
    ("gru, 1 layer, both directions, rmsprop", ["model.cell=gru", "model.layers=1", "optimizer.name=rmsprop",
     "schedule.learning_rate=0.003"],
     torch.nn.GRU, 1, 2, lambda p: torch.optim.RMSprop(p, lr=0.003)),
    ("lstm, 2 layers, truncated BPTT", ["model.cell=lstm", "model.layers=2", "model.bidirectional=false",
     "train.bptt_steps=16", "schedule.learning_rate=0.01"],
     torch.nn.LSTM, 2, 1, lambda p: torch.optim.Adam(p, lr=0.01), 16),
    ("gru, truncated BPTT", ["model.cell=gru", "model.layers=1", "model.bidirectional=false",
     "train.bptt_steps=30", "optimizer.name=sgd", "schedule.learning_rate=0.2"],
     torch.nn.GRU, 1, 1, lambda p: torch.optim.SGD(p, lr=0.2), 30),
]  # fmt: skip


class Tagger(torch.nn.Module):
    def __init__(self, cell, layers, directions, state):
        super().__init__()
        symbols, width = state["embedding.weight"].shape
        hidden = state["rnn.weight_hh_l0"].shape[1]
        self.embedding = torch.nn.Embedding(symbols, width)
        self.rnn = cell(width, hidden, layers, bidirectional=directions == 2)
        self.head = torch.nn.Linear(directions * hidden, state["head.bias"].shape[0])
        self.load_state_dict({name: torch.from_numpy(value) for name, value in state.items()})

    def forward(self, sequences, state=None):
        packed = torch.nn.utils.rnn.pack_sequence([self.embedding(s) for s in sequences])
        outputs, state = self.rnn(packed, state)
        return self.head(outputs.data), state


def read_split(corpus, split):
    """All sequences of a split, longest first: lists of inputs and targets."""
    pairs = []
    for name in sorted(glob.glob(f"{corpus}/{split}-*.h5")):
        with h5py.File(name, "r") as file:
            offsets = file["offsets"][...]
            inputs, targets = file["inputs"][...].ravel(), file["targets"][...].ravel()
        for begin, end in zip(offsets[:-1], offsets[1:]):
            pairs.append((torch.from_numpy(inputs[begin:end].astype("int64")),
                          torch.from_numpy(targets[begin:end].astype("int64"))))  # fmt: skip
    pairs.sort(key=lambda pair: -len(pair[0]))
    return [p[0] for p in pairs], [p[1] for p in pairs]


def part_of(sequences, first, steps):
    return [s[first : first + steps] for s in sequences if len(s) > first]


def shortened(state, sequences):
    """What the first sequences carry on, without its history."""
    if isinstance(state, tuple):
        return tuple(shortened(part, sequences) for part in state)
    return state[:, :sequences].detach().contiguous()


def torch_training(model, optimizer, inputs, targets, part_steps):
    state, first = None, 0
    for _ in range(STEPS):
        part, labels = (part_of(sequences, first, part_steps) for sequences in (inputs, targets))
        optimizer.zero_grad()
        logits, state = model(part, None if first == 0 else shortened(state, len(part)))
        torch.nn.functional.cross_entropy(logits, torch.nn.utils.rnn.pack_sequence(labels).data).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.3)
        optimizer.step()
        first = first + part_steps if first + part_steps < len(inputs[0]) else 0
    return {name: value.detach() for name, value in model.state_dict().items()}


def worst_difference(ours, theirs):
    return max(
        float((torch.from_numpy(ours[n]) - theirs[n]).norm() / (theirs[n].norm() + 1e-6)) for n in theirs
    )


def main():
    torch.set_num_threads(1)
    program = Program(sys.argv[1])
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        corpus = f"{folder}/corpus"
        program.run("prepare", "dna", "--synthetic", 3000, "--window", 70, "--out", corpus)
        with open(f"{folder}/config.toml", "w") as file:
            file.write(CONFIG)
        inputs, targets = read_split(corpus, "train")
        for number, (name, settings, cell, layers, directions, optimizer, *part) in enumerate(CASES):
            words = ["train", "--config", f"{folder}/config.toml", "--corpus", corpus]
            words += [word for setting in settings for word in ("--set", setting)]
            # A step with rate 0 leaves the first parameters in a checkpoint.
            program.run(*words, "--run", f"{folder}/first{number}", "--steps", 1,
                        "--set", "schedule.learning_rate=0")  # fmt: skip
            program.run(*words, "--run", f"{folder}/last{number}", "--steps", STEPS)
            model = Tagger(cell, layers, directions, parameters_of(f"{folder}/first{number}"))
            theirs = torch_training(model, optimizer(model.parameters()), inputs, targets,
                                    part[0] if part else len(inputs[0]))
            worst = worst_difference(parameters_of(f"{folder}/last{number}"), theirs)
            verdict = "agrees" if worst <= TOLERANCE else "DIFFERS"
            print(f"{name}: {verdict}, worst relative difference {worst:.2e} (allowed {TOLERANCE})")
            failed |= worst > TOLERANCE
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
