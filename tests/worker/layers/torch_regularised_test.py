"""Compares recurrent layers with layer normalisation, dropped weights and zoneout with the same layers in PyTorch.

    torch_regularised_test.py LAYER_DUMP

Runs the executable layer_dump for each configuration. It writes weights, inputs, results, gradients and the masks it
has drawn; here the equations of the papers are computed step by step with torch, in double, by autograd. Layer
normalisation is torch.nn.functional.layer_norm. Prints one line a configuration. Exit code 77: skipped, torch or h5py
is missing.
"""

import os
import subprocess
import sys
import tempfile

SKIPPED = 77
TOLERANCE = 1e-5  # ||a - b|| / ||b|| of each tensor; see torch_parity_test.py
LENGTHS = [17, 12, 12, 5, 1]

try:
    import h5py
    import torch
except ImportError as error:
    print(f"skipped: {error}; install it with launch/setup --tests")
    sys.exit(SKIPPED)

# Cell, layers, directions, weight dropout, zoneout, zoneout of cell states.
CONFIGURATIONS = [
    ("gru_ln", 1, 1, 0.0, 0.0, 0.0),
    ("gru_ln", 2, 2, 0.0, 0.0, 0.0),
    ("lstm_ln", 1, 1, 0.0, 0.0, 0.0),
    ("lstm_ln", 2, 2, 0.0, 0.0, 0.0),
    *((cell, 2, 2, 0.5, 0.0, 0.0) for cell in ("rnn_tanh", "gru", "lstm", "gru_ln", "lstm_ln")),
    *((cell, 2, 2, 0.0, 0.3, 0.0) for cell in ("rnn_tanh", "gru", "gru_ln")),
    *((cell, 2, 2, 0.0, 0.3, 0.5) for cell in ("lstm", "lstm_ln")),
    *((cell, 3, 2, 0.4, 0.2, 0.3) for cell in ("lstm", "lstm_ln")),
]


def run_lockstep(layer_dump, path, seed, configuration):
    """What layer_dump computed, by name, in double."""
    cell, layers, directions, *shares = configuration
    arguments = [path, "avx2", cell, layers, directions, 6, 18, seed, *map(float, shares), *LENGTHS]
    subprocess.run([layer_dump, *map(str, arguments)], check=True)
    tensors = {}
    with h5py.File(path, "r") as file:
        file.visititems(lambda name, item: tensors.update({name: torch.tensor(item[()]).double()})
                        if isinstance(item, h5py.Dataset) else None)
    return tensors


def normed(x, gain):
    return torch.nn.functional.layer_norm(x, x.shape[-1:], weight=gain, eps=1e-5)


def products(cell, p, x, h, weight_hh):
    """The two parts of what stands before the activations, with their biases."""
    a, b = x @ p["weight_ih"].T, h @ weight_hh.T
    if cell == "lstm_ln":
        a, b = normed(a, p["gain_ih"]), normed(b, p["gain_hh"])
    if cell == "gru_ln":
        gates = 2 * h.shape[1]  # r and z
        a, b = (torch.cat([normed(v[:, :gates], g[:gates]), normed(v[:, gates:], g[gates:])], 1)
                for v, g in ((a, p["gain_ih"]), (b, p["gain_hh"])))
    return a + p["bias_ih"], b + p["bias_hh"]


def step(cell, p, x, h, c, weight_hh):
    """Output and cell state, before zoneout."""
    a, b = products(cell, p, x, h, weight_hh)
    if cell == "rnn_tanh":
        return torch.tanh(a + b), c
    if cell.startswith("gru"):
        a_r, a_z, a_n = a.chunk(3, 1)
        b_r, b_z, b_n = b.chunk(3, 1)
        r, z = torch.sigmoid(a_r + b_r), torch.sigmoid(a_z + b_z)
        return (1 - z) * torch.tanh(a_n + r * b_n) + z * h, c
    i, f, g, o = (a + b).chunk(4, 1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    shown = normed(c, p["gain_cell"]) + p["bias_cell"] if cell == "lstm_ln" else c
    return torch.sigmoid(o) * torch.tanh(shown), c


def run_direction(cell, p, x, masks, reverse):
    """Outputs [rows, H] of packed rows; a row that has no step before it starts from zero."""
    active = [sum(length > t for length in LENGTHS) for t in range(LENGTHS[0])]
    starts = [sum(active[:t]) for t in range(len(active))]
    weight_hh = p["weight_hh"] * masks["weight"]
    hidden = weight_hh.shape[1]
    h = c = torch.zeros(0, hidden, dtype=torch.double)
    outputs = [None] * len(active)
    for t in reversed(range(len(active))) if reverse else range(len(active)):
        rows = slice(starts[t], starts[t] + active[t])
        missing = torch.zeros(max(0, active[t] - len(h)), hidden, dtype=torch.double)
        h, c = (torch.cat([state[: active[t]], missing]) for state in (h, c))
        new_h, new_c = step(cell, p, x[rows], h, c, weight_hh)
        keep_h, keep_c = masks["output"][rows], masks["memory"][rows]
        h, c = keep_h * h + (1 - keep_h) * new_h, keep_c * c + (1 - keep_c) * new_c
        outputs[t] = h
    return torch.cat(outputs)


def run_torch(configuration, ours):
    """The same names as `ours`, from torch's autograd."""
    cell, layers, directions, *_ = configuration
    parameters = {name.removeprefix("values/rnn."): tensor.clone().requires_grad_()
                  for name, tensor in ours.items() if name.startswith("values/")}
    x = ours["x"].clone().requires_grad_()
    y = x
    for layer in range(layers):
        outputs = []
        for suffix in [f"_l{layer}", f"_l{layer}_reverse"][:directions]:
            p = {name.removesuffix(suffix): value for name, value in parameters.items() if name.endswith(suffix)}
            masks = {name: ours[f"masks/{name}{suffix}"] for name in ("weight", "output", "memory")}
            outputs.append(run_direction(cell, p, y, masks, suffix.endswith("_reverse")))
        y = torch.cat(outputs, 1)
    y.backward(ours["d_y"])
    gradients = {f"gradient/rnn.{name}": p.grad for name, p in parameters.items()}
    return {"y": y.detach(), "d_x": x.grad, **gradients}


def distance(a, b):
    difference, norm = (a - b).norm().item(), b.norm().item()
    return difference / norm if norm > 0 else difference


def main(layer_dump):
    torch.set_num_threads(1)
    failures, worst_of_all = 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        for seed, configuration in enumerate(CONFIGURATIONS, start=1):
            ours = run_lockstep(layer_dump, os.path.join(folder, "layer.h5"), seed, configuration)
            theirs = run_torch(configuration, ours)
            errors = {name: distance(ours[name], tensor) for name, tensor in theirs.items()}
            name = max(errors, key=errors.get)
            passed = errors[name] <= TOLERANCE  # false for a not-a-number
            failures += not passed
            worst_of_all = max(worst_of_all, errors[name])
            cell, layers, directions, weight, output, memory = configuration
            print(f"{cell:8} layers {layers} directions {directions} weight dropout {weight} zoneout {output} "
                  f"of cell states {memory}  {errors[name]:.1e} {name}{'' if passed else '  FAILED'}")
    print(f"worst relative error {worst_of_all:.1e}, allowed {TOLERANCE:.0e}; {failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
