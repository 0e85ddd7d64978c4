"""Compares the loss and all gradients of language models with PyTorch's: with a weight of the output of its own and
tied to the embedding, of few words and of so many that the output is computed in blocks of rows.

    torch_words_test.py WORD_DUMP

PyTorch computes in double, so the error is Lockstep's own. Exit code 77: skipped, torch or h5py is missing.
"""

import os
import subprocess
import sys
import tempfile

SKIPPED = 77
# ||a - b|| / ||b|| of each tensor, as in torch_parity_test.py.
TOLERANCE = 1e-5

try:
    import h5py
    import torch
except ImportError as error:
    print(f"skipped: {error}; install it with launch/setup --tests")
    sys.exit(SKIPPED)

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


def read(path):
    tensors = {}
    with h5py.File(path, "r") as file:
        file.visititems(lambda name, item: tensors.update({name: torch.tensor(item[()])})
                        if isinstance(item, h5py.Dataset) else None)
    return tensors


def distance(a, b):
    return ((a.double() - b).norm() / b.norm()).item()


def compare(word_dump, path, seed, words, units, tied, lengths):
    subprocess.run([word_dump, path, *map(str, (words, units, tied, seed, *lengths))], check=True)
    ours = read(path)
    values = {name.removeprefix("values/"): tensor.double() for name, tensor in ours.items()
              if name.startswith("values/")}
    model = WordModel(words, units, tied, values)
    batch_sizes = torch.tensor([sum(length > t for length in lengths) for t in range(lengths[0])])
    logits = model(ours["words"].long().ravel(), batch_sizes)
    loss = torch.nn.functional.cross_entropy(logits, ours["targets"].long().ravel(), reduction="sum")
    loss.backward()
    theirs = {name: p.grad for name, p in model.named_parameters()}
    assert theirs.keys() == values.keys(), (theirs.keys(), values.keys())
    errors = {name: distance(ours["gradient/" + name], gradient) for name, gradient in theirs.items()}
    return {"loss": distance(ours["loss"], loss.detach().reshape(1)), **errors}


def main(word_dump):
    torch.set_num_threads(1)
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for seed, case in enumerate(CASES, start=1):
            errors = compare(word_dump, os.path.join(folder, "words.h5"), seed, *case)
            name = max(errors, key=errors.get)
            passed = errors[name] <= TOLERANCE  # false for a not-a-number
            failed |= not passed
            print(f"{case[0]:5} words, tied {case[2]}: {errors[name]:.1e} {name}{'' if passed else '  FAILED'}")
    return 1 if failed else 0


sys.exit(main(sys.argv[1]))
