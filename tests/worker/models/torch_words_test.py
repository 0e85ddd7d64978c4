"""Compares the loss and all gradients of language models with PyTorch's: with a weight of the output of its own and
tied to the embedding, of few words and of so many that the output is computed in blocks of rows.

    torch_words_test.py WORD_DUMP

PyTorch computes in double, so the error is Lockstep's own. Exit code 77: skipped, torch or h5py is missing.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "support"))
import torch_parity
import torch

# Words, units, tied, lengths. 12,000 words have blocks of 384 rows.
CASES = [
    (50, 12, 0, [9, 7, 7, 1]),
    (50, 12, 1, [9, 7, 7, 1]),
    (12000, 6, 0, [80] * 5 + [17]),
    (12000, 6, 1, [80] * 5 + [17]),
]


class WordModel(torch.nn.Module):
    def __init__(self, words, units, tied, values):
        super().__init__()
        self.embedding = torch.nn.Embedding(words, units)
        self.rnn = torch.nn.LSTM(units, units, 2)
        self.head = torch.nn.Linear(units, words)
        self.double().load_state_dict(values, strict=False)
        if tied:
            self.head.weight = self.embedding.weight

    def forward(self, words, batch_sizes):
        x = torch.nn.utils.rnn.PackedSequence(self.embedding(words), batch_sizes)
        return self.head(self.rnn(x)[0].data)


def compare(path, seed, words, units, tied, lengths):
    ours, values = torch_parity.dumped(sys.argv[1], path, words, units, tied, seed, *lengths)
    model = WordModel(words, units, tied, values)
    batch_sizes = torch.tensor([sum(length > t for length in lengths) for t in range(lengths[0])])
    logits = model(ours["words"].long().ravel(), batch_sizes)
    loss = torch.nn.functional.cross_entropy(logits, ours["targets"].long().ravel(), reduction="sum")
    loss.backward()
    gradients = {name: p.grad for name, p in model.named_parameters()}
    assert gradients.keys() == values.keys(), (gradients.keys(), values.keys())
    return torch_parity.errors_of(ours, loss, gradients)


sys.exit(torch_parity.run(CASES, compare))
