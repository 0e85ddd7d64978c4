"""What the tests share that compare loss and gradients of a model with PyTorch's. A dump program runs the model on random
data and writes data, loss, values/NAME and gradient/NAME to an HDF5 file; the test computes the same by torch.

Importing it ends the test with exit code 77 (skipped) where torch or h5py is missing.
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


def read(path):
    """All datasets of a file by their names."""
    tensors = {}
    with h5py.File(path, "r") as file:
        file.visititems(lambda name, item: tensors.update({name: torch.tensor(item[()])})
                        if isinstance(item, h5py.Dataset) else None)
    return tensors


def dumped(program, path, *arguments):
    """What the dump program writes, and its parameters in double."""
    subprocess.run([program, path, *map(str, arguments)], check=True)
    ours = read(path)
    values = {name.removeprefix("values/"): tensor.double() for name, tensor in ours.items()
              if name.startswith("values/")}
    return ours, values


def distance(a, b, floor=0.0):
    return ((a.double() - b).norm() / max(b.norm(), floor)).item()


def errors_of(ours, loss, gradients, floor=0.0):
    """The distance of the loss and of each gradient; below `floor`, gradients are compared with that."""
    errors = {name: distance(ours["gradient/" + name], gradient, floor) for name, gradient in gradients.items()}
    return {"loss": distance(ours["loss"], loss.detach().reshape(1)), **errors}


def run(cases, compare):
    """Calls compare(path, seed, *case) for each case, prints the worst tensor, and returns the exit code."""
    torch.set_num_threads(1)
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for seed, case in enumerate(cases, start=1):
            errors = compare(os.path.join(folder, "dump.h5"), seed, *case)
            name = max(errors, key=errors.get)
            passed = errors[name] <= TOLERANCE  # false for a not-a-number
            failed |= not passed
            print(f"{case}: {errors[name]:.1e} {name}{'' if passed else '  FAILED'}")
    return 1 if failed else 0
