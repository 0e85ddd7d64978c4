#!/usr/bin/python3
"""The same two networks in PyTorch on the same tables: as many units, batches, steps, the same optimiser and schedule.

    recipes/arrays-synthetic/torch_peer.py FOLDER

FOLDER is what make.py made. Prints test figures and the seconds of training, on one thread.
"""

import csv
import math
import pathlib
import sys
import time

import torch

SEED = 1


def read(path):
    """Sequences of rows of numbers, and the last column of each row."""
    sequences, targets, name = [], [], None
    with open(path, newline="") as file:
        rows = csv.reader(file)
        header = next(rows)
        for row in rows:
            if row[0] != name:
                name = row[0]
                sequences.append([])
                targets.append([])
            sequences[-1].append([float(row[header.index("rain" if "rain" in header else "x")])])
            targets[-1].append(row[-1])
    return [torch.tensor(s) for s in sequences], targets


def scale_of(tensors):
    joined = torch.cat(tensors)
    return joined.mean(), joined.std(unbiased=False)


class Network(torch.nn.Module):
    def __init__(self, bidirectional, outputs):
        super().__init__()
        self.rnn = torch.nn.GRU(1, 32, bidirectional=bidirectional, batch_first=True)
        self.head = torch.nn.Linear(64 if bidirectional else 32, outputs)


def epochs_of_batches(count, size, steps):
    draw, order = torch.Generator().manual_seed(SEED), []
    for _ in range(steps):
        if len(order) < size:
            order = torch.randperm(count, generator=draw).tolist()
        yield order[:size]
        order = order[size:]


def train(network, loss_of_batch, count, size, steps, rate, lowest):
    optimizer = torch.optim.Adam(network.parameters(), lr=rate)
    start = time.perf_counter()
    for step, batch in enumerate(epochs_of_batches(count, size, steps)):
        for group in optimizer.param_groups:
            group["lr"] = lowest + (rate - lowest) * (1 + math.cos(math.pi * step / steps)) / 2
        optimizer.zero_grad()
        loss_of_batch(batch).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
    return time.perf_counter() - start


def river(folder):
    torch.manual_seed(SEED)
    inputs, targets = read(folder / "river-train.csv")
    targets = [torch.tensor([[float(y)] for y in t]) for t in targets]
    (x_mean, x_std), (y_mean, y_std) = scale_of(inputs), scale_of(targets)
    network = Network(False, 1)
    pack = torch.nn.utils.rnn.pack_sequence

    def loss(batch):
        batch = sorted(batch, key=lambda i: -len(inputs[i]))
        x = pack([(inputs[i] - x_mean) / x_std for i in batch])
        y = pack([(targets[i] - y_mean) / y_std for i in batch])
        return ((network.head(network.rnn(x)[0].data) - y.data) ** 2).mean()

    seconds = train(network, loss, len(inputs), 50, 1200, 1e-2, 1e-5)
    tests, truths = read(folder / "river-test.csv")
    errors, all_truths = [], []
    with torch.no_grad():
        for x, y in zip(tests, truths):
            y = torch.tensor([float(v) for v in y])
            found = network.head(network.rnn(((x - x_mean) / x_std).unsqueeze(0))[0]).reshape(-1) * y_std + y_mean
            errors.append(found - y)
            all_truths.append(y)
    errors, all_truths = torch.cat(errors).double(), torch.cat(all_truths).double()
    r2 = 1 - (errors**2).sum() / ((all_truths - all_truths.mean()) ** 2).sum()
    print(f"PyTorch {torch.__version__} river: RMSE {float((errors**2).mean().sqrt()):.4f}, R2 {float(r2):.4f}, "
          f"{seconds:.1f} s")  # fmt: skip


def wave(folder):
    torch.manual_seed(SEED)
    names = ["minus", "none", "plus"]
    inputs, kinds = read(folder / "wave-train.csv")
    mean, std = scale_of(inputs)
    x, y = (torch.stack(inputs) - mean) / std, torch.tensor([names.index(k[0]) for k in kinds])
    network = Network(True, len(names))

    def scores(part):
        return network.head(network.rnn(part)[0].mean(1))

    seconds = train(network, lambda b: torch.nn.functional.cross_entropy(scores(x[b]), y[b]), len(x), 100, 1200, 5e-3,
                    1e-5)  # fmt: skip
    tests, kinds = read(folder / "wave-test.csv")
    with torch.no_grad():
        found = scores((torch.stack(tests) - mean) / std).argmax(1)
    right = (found == torch.tensor([names.index(k[0]) for k in kinds])).double().mean()
    print(f"PyTorch {torch.__version__} wave: accuracy {100 * float(right):.2f} %, {seconds:.1f} s")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    torch.set_num_threads(1)
    river(pathlib.Path(sys.argv[1]))
    wave(pathlib.Path(sys.argv[1]))


if __name__ == "__main__":
    main()
