"""Compares Lockstep's recurrent layers with torch.nn: outputs and all gradients.

    torch_parity_test.py LAYER_DUMP

Runs the executable layer_dump for each configuration, loads its weights into torch by their names
and its packed rows as a PackedSequence (the same time-major order), and compares tensor by tensor.
Torch computes in double, so the error is Lockstep's own. Prints one line a configuration. Exit code
77: skipped, torch or h5py is missing.
"""

import os
import random
import subprocess
import sys
import tempfile

SKIPPED = 77
ISA_MISSING = 3
# ||a - b|| / ||b|| of each tensor: float has 6e-8 a rounding, and products, steps and layers add
# up to some tens of roundings.
TOLERANCE = 1e-5

try:
    import h5py
    import torch
except ImportError as error:
    print(f"skipped: {error}; install it with launch/setup --tests")
    sys.exit(SKIPPED)

MODULES = {
    "rnn_tanh": lambda **shape: torch.nn.RNN(nonlinearity="tanh", **shape),
    "rnn_relu": lambda **shape: torch.nn.RNN(nonlinearity="relu", **shape),
    "gru": torch.nn.GRU,
    "lstm": torch.nn.LSTM,
}


def configurations():
    """(isa, cell, layers, directions, input size, hidden size, lengths), the same on every run."""
    draw = random.Random(1)
    for cell in MODULES:
        for layers in (1, 2, 3):
            for directions in (1, 2):
                lengths = [draw.randint(1, 40) for _ in range(draw.randint(1, 12))] + [1]
                sizes = draw.choice([(5, 17), (16, 32), (39, 67), (1, 3)])
                yield ("best", cell, layers, directions, *sizes, sorted(lengths, reverse=True))
    for isa in ("sse4", "avx2", "avx512"):
        for cell in MODULES:
            yield (isa, cell, 2, 2, 24, 45, [30, 22, 22, 9, 1])
    for cell in MODULES:
        yield ("best", cell, 1, 2, 8, 20, [25] * 6)  # equal lengths
        yield ("best", cell, 2, 1, 8, 20, [1])


def best_isa():
    flags = open("/proc/cpuinfo").read().split()
    return "avx512" if "avx512dq" in flags else "avx2" if "avx2" in flags else "sse4"


def run_lockstep(layer_dump, path, seed, configuration):
    """What layer_dump computed, by name; None where this machine lacks the instruction set."""
    isa, cell, layers, directions, input_size, hidden_size, lengths = configuration
    isa = best_isa() if isa == "best" else isa
    arguments = [path, isa, cell, layers, directions, input_size, hidden_size, seed, *lengths]
    code = subprocess.run([layer_dump, *map(str, arguments)]).returncode
    if code == ISA_MISSING:
        return None
    assert code == 0, f"layer_dump ended with code {code}"
    tensors = {}
    with h5py.File(path, "r") as file:
        file.visititems(lambda name, item: tensors.update({name: torch.tensor(item[()])})
                        if isinstance(item, h5py.Dataset) else None)
    return tensors


def run_torch(configuration, ours):
    """The same names as `ours`, from torch's weights, inputs and backward."""
    _, cell, layers, directions, input_size, hidden_size, lengths = configuration
    module = MODULES[cell](input_size=input_size, hidden_size=hidden_size, num_layers=layers,
                           bidirectional=directions == 2).double()
    module.load_state_dict({name.removeprefix("values/rnn."): tensor
                            for name, tensor in ours.items() if name.startswith("values/")})
    x = ours["x"].double().requires_grad_()
    batch_sizes = torch.tensor([sum(length > t for length in lengths) for t in range(lengths[0])])
    y = module(torch.nn.utils.rnn.PackedSequence(x, batch_sizes))[0].data
    y.backward(ours["d_y"].double())
    gradients = {f"gradient/rnn.{name}": p.grad for name, p in module.named_parameters()}
    return {"y": y.detach(), "d_x": x.grad, **gradients}


def distance(a, b):
    difference, norm = (a.double() - b).norm().item(), b.norm().item()
    return difference / norm if norm > 0 else difference


def main(layer_dump):
    torch.set_num_threads(1)
    failures, worst_of_all = 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        for seed, configuration in enumerate(configurations(), start=1):
            ours = run_lockstep(layer_dump, os.path.join(folder, "layer.h5"), seed, configuration)
            isa, cell, layers, directions, input_size, hidden_size, lengths = configuration
            line = (f"{cell:8} {isa:6} layers {layers} directions {directions} I {input_size:2} "
                    f"H {hidden_size:2} sequences {len(lengths):2} steps {lengths[0]:2}")
            if ours is None:
                print(f"{line}  not on this machine")
                continue
            theirs = run_torch(configuration, ours)
            errors = {name: distance(ours[name], tensor) for name, tensor in theirs.items()}
            name = max(errors, key=errors.get)
            passed = errors[name] <= TOLERANCE  # false for a not-a-number
            failures += not passed
            worst_of_all = max(worst_of_all, errors[name])
            print(f"{line}  {errors[name]:.1e} {name}{'' if passed else '  FAILED'}")
    print(f"worst relative error {worst_of_all:.1e}, allowed {TOLERANCE:.0e}; {failures} failed")
    return 1 if failures else 0


sys.exit(main(sys.argv[1]))
