"""PyTorch as a peer of bench/compare_words.py: the language model of bench/word_problem.h, trained with one thread.

Started once, or twice with RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT set: then the processes divide the streams
and train with DistributedDataParallel over gloo. Requests come line by line on stdin of each process, and rank 0
answers each with one line:

  machine                -> version of PyTorch
  losses PATH OPTIMIZER PRECISION
                         -> losses of the first steps on the weights and the text in PATH (bench_words_peer "losses")
  case PATH OPTIMIZER PRECISION
                         -> "ok" and the number of parameters; has dropout
  step                   -> seconds on the clock and of the processor, of one step

PRECISION is float32; all else means bfloat16, as torch.autocast has it.
"""

import json
import math
import time

import torch
from torch_serving import RANK, RANKS, serve

STREAMS, STEPS, UNITS = 20, 35, 650  # as in word_problem.h
COMPARED_STEPS, FIRST_TURNS, DROPOUT, MAX_NORM = 5, 13, 0.5, 5.0  # as in words_peer.cc and training_turns.cc


class WordModel(torch.nn.Module):
    def __init__(self, words, dropout):
        super().__init__()
        self.embedding = torch.nn.Embedding(words, UNITS)
        self.rnn = torch.nn.LSTM(UNITS, UNITS, 2, dropout=dropout)
        self.head = torch.nn.Linear(UNITS, words)
        self.drop = torch.nn.Dropout(dropout)

    def forward(self, words, state):
        y, state = self.rnn(self.drop(self.embedding(words)), state)
        return self.head(self.drop(y)), state


def read_problem(path):
    """Weights by name, and the text [2, parts, STEPS, this rank's streams]: inputs and targets."""
    with open(path, "rb") as file:
        head = json.loads(file.readline())
        weights = {}
        for name, shape in head["parameters"]:
            raw = bytearray(file.read(4 * math.prod(shape)))
            weights[name] = torch.frombuffer(raw, dtype=torch.float32).view(shape)
        text = torch.frombuffer(bytearray(file.read()), dtype=torch.int32).long()
    share = STREAMS // RANKS
    return head["words"], weights, text.view(2, head["parts"], STEPS, STREAMS)[..., RANK * share:(RANK + 1) * share]


def make_optimizer(name, parameters):
    parameters = list(parameters)
    kind, rate = (torch.optim.SGD, 1.0) if name == "sgd" else (torch.optim.Adam, 1e-3)
    try:
        return kind(parameters, lr=rate, fused=True)  # the fastest
    except (TypeError, RuntimeError):  # PyTorch 1.13 has none for processors
        return kind(parameters, lr=rate)


class Training:
    def __init__(self, path, optimizer, precision, dropout):
        self.rounds = precision != "float32"
        words, weights, self.text = read_problem(path)
        self.model = WordModel(words, dropout)
        self.model.load_state_dict(weights)
        self.count = sum(p.numel() for p in self.model.parameters())
        self.optimizer = make_optimizer(optimizer, self.model.parameters())
        if RANKS > 1:
            self.model = torch.nn.parallel.DistributedDataParallel(self.model, gradient_as_bucket_view=True)
        self.part, self.state = 0, None

    def step(self):
        inputs, targets = self.text[:, self.part]
        state = None if self.part == 0 else tuple(s.detach() for s in self.state)
        self.optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.rounds):
            logits, self.state = self.model(inputs, state)
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1).float(), targets.flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), MAX_NORM)
        self.optimizer.step()
        self.part = (self.part + 1) % self.text.shape[1]
        return loss.detach()

    def global_loss(self):
        loss = self.step()
        if RANKS > 1:
            torch.distributed.all_reduce(loss)
        return loss.item() / RANKS


def time_step(training):
    wall, processor = time.perf_counter(), time.process_time()
    training.step().item()
    return f"{time.perf_counter() - wall} {time.process_time() - processor}"


class Server:
    def __init__(self):
        self.training = None

    def answer(self, request, *words):
        if request == "losses":
            self.training = Training(*words, 0.0)
            return " ".join(str(self.training.global_loss()) for _ in range(COMPARED_STEPS))
        if request == "case":
            self.training = Training(*words, DROPOUT)
            for _ in range(FIRST_TURNS):
                self.training.step()
            return f"ok {self.training.count}"
        if request == "step":
            return time_step(self.training)
        raise ValueError(f"unknown request {request}")


if __name__ == "__main__":
    serve(Server())
