"""PyTorch as a peer of bench_layers: requests line by line on stdin, each answered by one line.

  version                      -> versions of PyTorch, and the library its sgemm comes from
  case CELL L D I H B T        -> "ok"; makes the layers
  check PATH CELL L D I H B T  -> largest difference from the results in PATH (bench_layers "save")
  torch                        -> processor seconds of one step of the case
"""

import array
import os
import sys
import time

import torch

TURN_STEPS = 2  # as in bench_layers.cc
CELLS = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM, "rnn_tanh": torch.nn.RNN}


class Problem:
    """A stack of layers with input and output gradient; values are drawn unless set later."""

    def __init__(self, words):
        layers, directions, I, H, B, T = (int(word) for word in words[1:])
        self.net = CELLS[words[0]](I, H, layers, bidirectional=directions == 2)
        self.x = torch.rand(T, B, I, requires_grad=True)
        self.d_y = torch.rand(T, B, directions * H)

    def step(self):
        """Forward and backward. Gradients are dropped, not zeroed: cheapest for PyTorch."""
        self.x.grad = None
        self.net.zero_grad(set_to_none=True)
        y = self.net(self.x)[0]
        y.backward(self.d_y)
        return y


def difference_from_file(path, words):
    """Loads parameters and inputs of a small problem, runs it, compares with the stored results."""
    stored = array.array("f")
    with open(path, "rb") as file:
        stored.frombytes(file.read())
    values = torch.tensor(stored)
    place = 0

    def take(like):
        nonlocal place
        piece = values[place:place + like.numel()].view(like.shape)
        place += like.numel()
        return piece

    problem = Problem(words)
    parameters = list(problem.net.parameters())
    with torch.no_grad():
        for target in [problem.x, problem.d_y, *parameters]:
            target.copy_(take(target))
    results = [problem.step(), problem.x.grad, *(p.grad for p in parameters)]
    worst = max(float((take(r) - r.detach()).abs().max() / max(1.0, float(r.detach().abs().max()))) for r in results)
    if place != len(stored):
        raise ValueError(f"{path} holds {len(stored)} numbers, expected {place}")
    return worst


def time_turn(problem):
    """Seconds of the fastest step of a turn."""
    fastest = float("inf")
    for _ in range(TURN_STEPS):
        before = time.process_time()
        problem.step()
        fastest = min(fastest, time.process_time() - before)
    return fastest


def blas_library():
    """The loaded library that PyTorch's products run in, by its file name."""
    with open("/proc/self/maps") as maps:
        paths = {os.path.realpath(line.split()[-1]) for line in maps if "/" in line}
    names = sorted(os.path.basename(p) for p in paths if "blas" in p or "mkl" in p)
    names = [n for n in names if not n.startswith(("libcublas", "libscipy"))]  # not for float tensors here
    return ",".join(names) or "built in"


def main():
    torch.set_num_threads(1)
    problem = None
    for line in sys.stdin:
        request, *words = line.split()
        try:
            if request == "version":
                answer = f"{torch.__version__} {blas_library()}"
            elif request == "case":
                problem = Problem(words)
                answer = "ok"
            elif request == "check":
                answer = str(difference_from_file(words[0], words[1:]))
            elif request == "torch":
                answer = str(time_turn(problem))
            else:
                answer = f"error: unknown request {request}"
        except (ValueError, RuntimeError, KeyError) as error:
            answer = "error: " + str(error).replace("\n", " ")
        print(answer, flush=True)


if __name__ == "__main__":
    main()
