"""Compares Lockstep's CTC loss and its gradient with torch.nn.functional.ctc_loss.

    ctc_parity_test.py CTC_DUMP

Runs the executable ctc_dump for each configuration and computes the same in torch, in double: log
softmax, ctc_loss(reduction="sum"), gradient with respect to the logits. Prints one line a
configuration. Exit code 77: skipped, torch or h5py is missing.
"""

import os
import random
import subprocess
import sys
import tempfile

SKIPPED = 77
# |a - b| / |b| of the loss and ||a - b|| / ||b|| of the gradient, by what Lockstep computed in.
TOLERANCES = {"float": 1e-4, "double": 1e-8}

try:
    import h5py
    import torch
except ImportError as error:
    print(f"skipped: {error}; install it with launch/setup --tests")
    sys.exit(SKIPPED)


def configurations():
    """(classes, [(length, labels)]), the same on every run."""
    yield 2, [(1, 1)]
    yield 5, [(9, 3), (9, 0), (4, 4), (1, 1), (1, 0)]
    yield 30, [(300, 25)]
    yield 30, [(2000, 300)]
    yield 12, [(5000, 40)]
    draw = random.Random(1)
    for _ in range(12):
        lengths = sorted((draw.randint(1, 60) for _ in range(draw.randint(1, 8))), reverse=True)
        classes = draw.choice([2, 3, 30, 61])
        yield classes, [(length, draw.randint(1, 1 + length // 2)) for length in lengths]


def run_lockstep(ctc_dump, path, seed, classes, sequences):
    """What ctc_dump computed, by name."""
    sizes = [size for sequence in sequences for size in sequence]
    subprocess.run([ctc_dump, path, *map(str, [seed, classes, *sizes])], check=True)
    with h5py.File(path, "r") as file:
        return {name: torch.tensor(item[()]) for name, item in file.items()}


def run_torch(ours):
    """(loss, gradient [rows, classes])."""
    logits = ours["logits"].requires_grad_()
    lengths = ours["lengths"].long()
    batch_sizes = torch.tensor([int((lengths > t).sum()) for t in range(int(lengths[0]))])
    packed = torch.nn.utils.rnn.PackedSequence(logits.log_softmax(1), batch_sizes)
    log_probs = torch.nn.utils.rnn.pad_packed_sequence(packed)[0]
    loss = torch.nn.functional.ctc_loss(log_probs, ours["labels"].long(), lengths,
                                        ours["label_counts"].long(), blank=0, reduction="sum")
    loss.backward()
    return loss.detach(), logits.grad


def distance(a, b):
    difference, norm = (a.double() - b).norm().item(), b.norm().item()
    return difference / norm if norm > 0 else difference


def main(ctc_dump):
    torch.set_num_threads(1)
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed, (classes, sequences) in enumerate(configurations(), start=1):
            ours = run_lockstep(ctc_dump, os.path.join(folder, "ctc.h5"), seed, classes, sequences)
            loss, gradient = run_torch(ours)
            line = (f"classes {classes:2} sequences {len(sequences)} steps {sequences[0][0]:4} "
                    f"labels {len(ours['labels']):3} loss {loss.item():9.2f}")
            for scalar, tolerance in TOLERANCES.items():
                errors = (distance(ours[f"loss_{scalar}"][0], loss),
                          distance(ours[f"gradient_{scalar}"], gradient))
                passed = max(errors) <= tolerance  # false for a not-a-number
                failures += not passed
                line += f"  {scalar} {errors[0]:.1e} {errors[1]:.1e}{'' if passed else ' FAILED'}"
            print(line)
    print(f"relative errors of loss and gradient; {failures} failed")
    return 1 if failures else 0


sys.exit(main(sys.argv[1]))
