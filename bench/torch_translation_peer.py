"""PyTorch as a peer of bench/compare_translation.py: the translator of bench/translation_problem.h, with one thread.

Written as a user of PyTorch would who cares for speed: packed sequences for the encoder, one call of nn.GRU for the
decoder, attention as batched products, the output and its loss only for the rows of the targets that are no padding, a
fused optimiser; translating with batches of 64 sentences and no gradient, the beam as rows of one batch, and all state
reordered by one gather per step.

Requests come line by line on stdin; each is answered by one line on stdout:

  machine                  -> version of PyTorch
  losses PATH              -> losses of the first steps on the parameters and pairs in PATH
  case PATH                -> "ok" and the number of parameters; has the dropout of the recipe
  turn                     -> processor seconds of one step for each batch
  open PATH                -> "ok"; reads parameters and pairs for translating
  translate BEAM PATH      -> processor seconds of translating the sources of all batches to their lengths; writes the
                              ids of each translation to PATH, a line each
"""

import json
import math
import time

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch_serving import serve

UNITS, END = 256, 1  # as in translation_problem.h
DROPOUT, SMOOTHING, MAX_NORM, RATE, DECAY, COMPARED_STEPS = 0.3, 0.1, 1.0, 2e-3, 0.01, 5  # as in translation_peer.cc


class Attention(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.key = torch.nn.Linear(2 * UNITS, UNITS, bias=False)
        self.output = torch.nn.Linear(3 * UNITS, UNITS)

    def forward(self, states, keys, features, padding):
        """The vectors [batch, target, UNITS] of states; `padding` is minus infinity where a source has ended."""
        scores = torch.baddbmm(padding, states, keys.transpose(1, 2))
        context = torch.bmm(torch.softmax(scores, 2), features)
        return torch.tanh(self.output(torch.cat([context, states], 2)))


class Translator(torch.nn.Module):
    def __init__(self, pieces, dropout):
        super().__init__()
        self.embedding = torch.nn.Embedding(pieces, UNITS)
        self.rnn = torch.nn.GRU(UNITS, UNITS, bidirectional=True, batch_first=True)
        self.bridge = torch.nn.Linear(2 * UNITS, UNITS)
        self.decoder = torch.nn.GRU(UNITS, UNITS, batch_first=True)
        self.attention = Attention()
        self.head = torch.nn.Linear(UNITS, pieces)
        self.head.weight = self.embedding.weight
        self.drop = torch.nn.Dropout(dropout)

    def read(self, sources, lengths):
        """Features and keys of the sources, where the decoder begins, and what masks the padding."""
        packed = pack_padded_sequence(self.drop(self.embedding(sources)), lengths, batch_first=True)
        features, last = self.rnn(packed)
        features = self.drop(pad_packed_sequence(features, batch_first=True)[0])
        begin = torch.tanh(self.bridge(torch.cat([last[0], last[1]], 1)))
        ended = torch.arange(sources.shape[1])[None, :] >= lengths[:, None]
        padding = torch.zeros(ended.shape).masked_fill_(ended, -math.inf)[:, None, :]
        return features, self.attention.key(features), begin[None], padding

    def loss(self, sources, lengths, before, targets, reduction="mean"):
        """The mean or sum over the targets that are not negative."""
        features, keys, begin, padding = self.read(sources, lengths)
        states, _ = self.decoder(self.drop(self.embedding(before)), begin)
        vectors = self.drop(self.attention(states, keys, features, padding))
        wanted = targets >= 0
        return torch.nn.functional.cross_entropy(self.head(vectors[wanted]), targets[wanted],
                                                 label_smoothing=SMOOTHING, reduction=reduction)


def read_problem(path):
    """Parameters by name, and by batch the pairs of ids."""
    with open(path, "rb") as file:
        head = json.loads(file.readline())

        def array(count, kind):
            return torch.frombuffer(bytearray(file.read(4 * count)), dtype=kind)

        weights = {name: array(math.prod(shape), torch.float32).view(shape) for name, shape in head["parameters"]}
        batches = [[(array(source, torch.int32).long(), array(target, torch.int32).long())
                    for source, target in batch] for batch in head["batches"]]
    return weights, batches


def padded(batch, start=END):
    """What Translator.loss takes: sources stand in descending order of their lengths."""
    sources, targets = zip(*batch)
    before = [torch.cat([torch.tensor([start]), target[:-1]]) for target in targets]
    return (pad_sequence(sources, batch_first=True), torch.tensor([len(source) for source in sources]),
            pad_sequence(before, batch_first=True), pad_sequence(targets, batch_first=True, padding_value=-1))


def load(path, dropout):
    weights, batches = read_problem(path)
    model = Translator(weights["embedding.weight"].shape[0], dropout)
    missing = model.load_state_dict(weights, strict=False)
    assert missing.missing_keys == ["head.weight"] and not missing.unexpected_keys, missing
    return model, batches


def make_optimizer(model):
    matrices = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() <= 1]
    groups = [{"params": matrices, "weight_decay": DECAY}, {"params": others, "weight_decay": 0.0}]
    try:
        return torch.optim.AdamW(groups, lr=RATE, fused=True)  # the fastest
    except (TypeError, RuntimeError):  # PyTorch 1.13 has none for processors
        return torch.optim.AdamW(groups, lr=RATE)


class Training:
    def __init__(self, path, dropout):
        self.model, batches = load(path, dropout)
        self.batches = [padded(batch) for batch in batches]
        self.count = sum(p.numel() for p in self.model.parameters())
        self.optimizer = make_optimizer(self.model)

    def step(self, batch):
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.model.loss(*batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), MAX_NORM)
        self.optimizer.step()
        return loss.item()

    def turn(self):
        return [self.step(batch) for batch in self.batches]


class Translating:
    def __init__(self, path):
        self.model, batches = load(path, 0.0)
        self.model.eval()
        self.batches = [padded(batch)[:2] for batch in batches]

    @torch.inference_mode()
    def search(self, sources, lengths, beam):
        """The best translation of each source, cut at its length. Hypotheses of a sentence are neighbouring rows."""
        model, count = self.model, len(sources)
        features, keys, state, padding = model.read(sources, lengths)
        features, keys, padding = (part.repeat_interleave(beam, 0) for part in (features, keys, padding))
        state = state.repeat_interleave(beam, 1)
        token = torch.full((count * beam, 1), END)
        scores = torch.full((count, beam), -math.inf)
        scores[:, 0] = 0  # at first all hypotheses of a sentence are the same
        written = torch.empty((count * beam, 0), dtype=torch.long)
        first = (torch.arange(count) * beam)[:, None]
        best = [None] * count
        for step in range(1, int(lengths.max()) + 1):
            states, state = model.decoder(model.embedding(token), state)
            logits = model.head(model.attention(states, keys, features, padding)[:, 0])
            if beam == 1:
                token = logits.argmax(1, keepdim=True)
                written = torch.cat([written, token], 1)
            else:
                sums = scores.view(-1, 1) + torch.log_softmax(logits, 1)
                scores, place = sums.view(count, -1).topk(beam, 1)
                rows = (first + place // logits.shape[1]).view(-1)
                token = (place % logits.shape[1]).view(-1, 1)
                written = torch.cat([written[rows], token], 1)
                state = state[:, rows]
            for b in (lengths == step).nonzero().view(-1).tolist():
                best[b] = written[b * beam]
        return best

    def translate(self, beam, path):
        begin = time.process_time()
        found = [ids.tolist() for batch in self.batches for ids in self.search(*batch, beam)]
        seconds = time.process_time() - begin
        with open(path, "w") as file:
            file.writelines(" ".join(map(str, ids)) + "\n" for ids in found)
        return seconds


class Server:
    def __init__(self):
        self.training = self.translating = None

    def answer(self, request, *words):
        if request == "losses":
            training = Training(*words, 0.0)
            return " ".join(str(training.step(batch)) for batch in training.batches[:COMPARED_STEPS])
        if request == "case":
            self.training = Training(*words, DROPOUT)
            self.training.turn()
            return f"ok {self.training.count}"
        if request == "turn":
            begin = time.process_time()
            self.training.turn()
            return time.process_time() - begin
        if request == "open":
            self.translating = Translating(*words)
            return "ok"
        if request == "translate":
            return self.translating.translate(int(words[0]), words[1])
        raise ValueError(f"unknown request {request}")


if __name__ == "__main__":
    serve(Server())
