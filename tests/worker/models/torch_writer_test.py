"""Compares the loss and all gradients of encoder-decoder models with PyTorch's: each attention, with and without input
feeding and tied embeddings, for GRUs and LSTMs.

    torch_writer_test.py WRITER_DUMP

PyTorch computes in double, one sequence at a time and step by step, so the error is Lockstep's own. Exit code 77:
skipped, torch or h5py is missing.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "support"))
import torch_parity
import torch

# Where the gradient of a tensor is below the floor times that of all tensors, that is compared with. A softmax does not
# change when all scores do, so the gradient of the bias of a query is a sum that nearly cancels.
FLOOR = 1e-2
START = 0
LENGTHS = ["9:4", "7:11", "7:7", "3:1", "1:5"]

# Attention, input feeding, tied embeddings of one vocabulary, cell, layers.
CASES = [(attention, fed, tied, cell, layers)
         for attention, fed in (("none", 0), ("dot", 0), ("dot", 1), ("additive", 0), ("additive", 1))
         for tied, cell, layers in ((0, "gru", 1), (1, "lstm", 2))]


def layer_names(prefix, layer, suffix=""):
    return [f"{prefix}.{part}_l{layer}{suffix}" for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]


class Writer:
    """The model from torch's cells; `p` are its parameters by Lockstep's names."""

    def __init__(self, p, attention, fed, cell, layers):
        self.p, self.attention, self.fed, self.layers = p, attention, fed, layers
        self.cell = {"gru": torch.gru_cell, "lstm": torch.lstm_cell}[cell]
        self.states = 2 if cell == "lstm" else 1
        source = p["embedding.weight"]
        self.source = source
        self.target = p.get("decoder.embedding.weight", source)
        self.output = p.get("head.weight", self.target)

    def step(self, names, x, state):
        weights = [self.p[name] for name in names]
        if self.states == 2:
            return self.cell(x, state, *weights)
        return (self.cell(x, state[0], *weights),)

    def encode(self, words):
        """The features [steps, 2 * units], and the last state of each direction."""
        x, hidden = self.source[words], self.p["rnn.weight_hh_l0"].shape[1]
        for layer in range(self.layers):
            outputs = []
            for suffix, order in (("", range(len(x))), ("_reverse", reversed(range(len(x))))):
                state = (torch.zeros(1, hidden, dtype=torch.double),) * self.states
                rows = [None] * len(x)
                for t in order:
                    state = self.step(layer_names("rnn", layer, suffix), x[t:t + 1], state)
                    rows[t] = state[0]
                outputs.append(torch.cat(rows))
            x = torch.cat(outputs, 1)
        return x, torch.cat([x[-1, :hidden], x[0, hidden:]])

    def attend(self, h, features):
        p = self.p
        keys = features @ p["attention.key.weight"].T
        if self.attention == "dot":
            scores = keys @ h[0]
        else:
            query = h @ p["attention.query.weight"].T + p["attention.query.bias"]
            scores = torch.tanh(query + keys) @ p["attention.score"][0]
        return torch.softmax(scores, 0)[None] @ features

    def loss(self, words, target):
        p = self.p
        features, pooled = self.encode(words)
        hidden = p["decoder.weight_hh_l0"].shape[1]
        begin = torch.tanh(p["bridge.weight"] @ pooled + p["bridge.bias"]).reshape(-1, 1, hidden)
        states = [tuple(begin[layer * self.states:(layer + 1) * self.states]) for layer in range(self.layers)]
        vector = torch.zeros(1, p["attention.output.weight"].shape[0], dtype=torch.double)
        total, before = 0, START
        for word in target.tolist():
            x = self.target[before][None]
            if self.attention == "none":
                x = torch.cat([x, pooled[None]], 1)
            elif self.fed:
                x = torch.cat([x, vector], 1)
            for layer in range(self.layers):
                states[layer] = self.step(layer_names("decoder", layer), x, states[layer])
                x = states[layer][0]
            context = pooled[None] if self.attention == "none" else self.attend(x, features)
            joined = torch.cat([context, x], 1)
            vector = torch.tanh(joined @ p["attention.output.weight"].T + p["attention.output.bias"])
            logits = vector @ self.output.T + p["head.bias"]
            total = total + torch.nn.functional.cross_entropy(logits, torch.tensor([word]))
            before = word
        return total


def compare(path, seed, attention, fed, tied, cell, layers):
    ours, values = torch_parity.dumped(sys.argv[1], path, attention, fed, tied, cell, layers, seed, *LENGTHS)
    p = {name: tensor.requires_grad_() for name, tensor in values.items()}
    model = Writer(p, attention, fed, cell, layers)
    loss = sum(model.loss(words[words >= 0].long(), target[target >= 0].long())
               for words, target in zip(ours["sources"], ours["targets"]))
    loss.backward()
    gradients = {name: parameter.grad for name, parameter in p.items()}
    floor = FLOOR * torch.cat([gradient.ravel() for gradient in gradients.values()]).norm()
    return torch_parity.errors_of(ours, loss, gradients, floor)


sys.exit(torch_parity.run(CASES, compare))
