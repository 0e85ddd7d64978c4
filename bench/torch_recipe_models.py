"""The models of the recipes in PyTorch, as a user of PyTorch would write them who cares for speed.

Each class is a torch.nn.Module with
  Model(problem)             sizes and dropout from the parameters and the configuration of torch_recipe_data.Problem
  Model.prepare(problem, b)  what forward takes of a Batch, and the number of its targets; not timed
  forward(prepared)          the sum of the losses of the targets
  torch_name(name)           the name that a parameter of Lockstep has here
and, if `bench/recipes --to-validation` trains it,
  figure(prepared)           the sum of a figure of the validation, and what to divide it by
  figure_sign                1 if more of it is better, else -1

Recurrent layers are those of torch.nn. Sequences of different lengths stand longest first, in one of two forms
(Problem.form), of which the faster one is measured:

  packed  as PackedSequence: all that works on single steps works on its rows, and no padding is computed. But the
          gradient of a packed sequence takes PyTorch's processor kernels a time that grows with the square of the
          length.
  padded  as a tensor [T, B, ...]; for the reverse direction each sequence is turned round within its length, so that
          the results are the same

Sequences of the same length are a tensor [T, B, ...] in both forms.
"""

import dataclasses
import itertools

import torch
from torch.nn.utils.rnn import PackedSequence, pack_sequence, pad_packed_sequence, pad_sequence
from torch_recipe_data import Problem
from torch_translation_peer import Translator, padded

functional = torch.nn.functional
KINDS = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM, "rnn_tanh": torch.nn.RNN}


def embedding(problem, name="embedding.weight"):
    return torch.nn.Embedding(*problem.weights[name].shape)


def recurrent(problem, name="rnn", layers=None, dropout=0.0, bidirectional=None):
    shape = problem.weights[f"{name}.weight_hh_l0"].shape
    two = f"{name}.weight_hh_l0_reverse" in problem.weights if bidirectional is None else bidirectional
    layers = layers or sum(key.startswith(f"{name}.weight_hh_l") and not key.endswith("reverse")
                           for key in problem.weights)
    kind = KINDS["gru" if name == "characters.rnn" else problem.config["model.cell"]]
    return kind(problem.weights[f"{name}.weight_ih_l0"].shape[1], shape[1], layers, dropout=dropout, bidirectional=two)


def dropout(problem, key):
    return torch.nn.Dropout(problem.number(f"model.{key}"))


def linear(problem, name="head"):
    return torch.nn.Linear(*reversed(problem.weights[f"{name}.weight"].shape))


def longest_first(sequences):
    return sorted(sequences, key=lambda sequence: -len(next(iter(sequence.rows.values()))))


@dataclasses.dataclass
class Layout:
    """How the steps of sequences are arranged: one next to the other [T, B, ...], or packed."""

    lengths: torch.Tensor  # [B], descending
    sizes: torch.Tensor = None  # batch_sizes of PackedSequence, if packed
    turned: torch.Tensor = None  # [T * B], if padded: the row that the reverse direction reads in place of each

    @staticmethod
    def of(problem, sequences):
        lengths = torch.tensor([len(sequence) for sequence in sequences])
        if lengths[0] == lengths[-1]:
            return Layout(lengths)
        if problem.form == "packed":
            return Layout(lengths, pack_sequence(sequences).batch_sizes)
        steps = torch.arange(int(lengths[0]))[:, None]
        turned = torch.where(steps < lengths, lengths - 1 - steps, steps)
        return Layout(lengths, turned=(turned * len(lengths) + torch.arange(len(lengths))).flatten())

    def join(self, sequences, fill=0):
        """The rows of all sequences; `fill` for padding."""
        return pad_sequence(sequences, padding_value=fill) if self.sizes is None else pack_sequence(sequences).data

    def grid(self, y):
        """[T, B, ...]."""
        return y if self.sizes is None else pad_packed_sequence(PackedSequence(y, self.sizes))[0]

    def running(self):
        """[T, B]: true before the ends."""
        return torch.arange(int(self.lengths[0]))[:, None] < self.lengths

    def turn(self, x):
        """[T, B, ...] with each sequence turned round within its length; twice, they are as before."""
        return x.flatten(0, 1).index_select(0, self.turned).view(x.shape)


def laid_out(problem, batch, field="inputs"):
    """The sequences of a batch, longest first; their rows of its leading field; and the layout of these."""
    sequences = longest_first(batch.sequences)
    rows = [sequence.rows[field] for sequence in sequences]
    return sequences, rows, Layout.of(problem, rows)


def run(rnn, x, layout):
    """The outputs of all steps."""
    if layout.sizes is not None:
        return rnn(PackedSequence(x, layout.sizes))[0].data
    if layout.turned is None or not rnn.bidirectional:
        return rnn(x)[0]
    for layer in range(rnn.num_layers):
        if layer > 0:
            x = functional.dropout(x, rnn.dropout, rnn.training)
        x = torch.cat([run_direction(rnn, layer, 0, x), layout.turn(run_direction(rnn, layer, 1, layout.turn(x)))], 2)
    return x


def run_direction(rnn, layer, direction, x):
    """One direction of one layer alone, [T, B, ...]."""
    name = f"l{layer}" + "_reverse" * direction
    weights = [getattr(rnn, f"{part}_{name}") for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
    begin = x.new_zeros(1, x.shape[1], rnn.hidden_size)
    options = (weights, True, 1, 0.0, rnn.training, False, False)
    if rnn.mode == "LSTM":
        return torch.lstm(x, (begin, begin), *options)[0]
    return (torch.gru if rnn.mode == "GRU" else torch.rnn_tanh)(x, begin, *options)[0]


class Model(torch.nn.Module):
    @staticmethod
    def torch_name(name):
        return name


class StepModel(Model):
    """What models with outputs for each step have in common."""

    def __init__(self, problem):
        super().__init__()
        self.rnn, self.head = recurrent(problem, dropout=problem.number("model.dropout")), linear(problem)
        self.input_drop, self.output_drop = dropout(problem, "input_dropout"), dropout(problem, "output_dropout")

    def logits(self, x, layout):
        return self.head(self.output_drop(run(self.rnn, self.input_drop(x), layout)))


class StepClasses(StepModel):
    """One class per step of symbols: genes, secondary structure."""

    def __init__(self, problem):
        super().__init__(problem)
        self.embedding = embedding(problem)

    @staticmethod
    def prepare(problem, batch):
        sequences, symbols, layout = laid_out(problem, batch)
        targets = layout.join([sequence.rows["targets"] for sequence in sequences], -1).flatten()
        return (layout.join(symbols), layout, targets), int((targets >= 0).sum())

    def forward(self, prepared):
        symbols, layout, targets = prepared
        logits = self.logits(self.embedding(symbols), layout).flatten(0, -2)
        return functional.cross_entropy(logits, targets, ignore_index=-1, reduction="sum")


class SpeechLabels(StepModel):
    """Frames -> convolution (of stacked frames: a product) -> labels by CTC."""

    def __init__(self, problem):
        super().__init__(problem)
        self.front = linear(problem, "front")

    @staticmethod
    def prepare(problem, batch):
        sequences, frames, layout = laid_out(problem, batch)
        labels = [sequence.rows["targets"] for sequence in sequences]
        counts = torch.tensor([len(some) for some in labels])
        return (layout.join(frames), layout, torch.cat(labels), counts), int(counts.sum())

    def forward(self, prepared):
        frames, layout, labels, counts = prepared
        logits = self.logits(functional.relu(self.front(frames)), layout)
        logs = layout.grid(functional.log_softmax(logits, -1))
        return functional.ctc_loss(logs, labels, layout.lengths, counts, reduction="sum")


class LockedDropout(torch.nn.Module):
    """One mask per sequence for all its steps; x is [T, B, ...]."""

    def __init__(self, problem, key):
        super().__init__()
        self.share = problem.number(f"model.{key}")
        self.locked = problem.config["model.variational_dropout"] == "true"

    def forward(self, x):
        if not self.training or self.share == 0:
            return x
        if not self.locked:
            return functional.dropout(x, self.share)
        return x * functional.dropout(torch.ones_like(x[:1]), self.share)


class NextWord(Model):
    """Streams of words in parts, whose states are carried from part to part; the output shares the embedding."""

    def __init__(self, problem):
        super().__init__()
        self.embedding = embedding(problem)
        kind = KINDS[problem.config["model.cell"]]
        layers = range(int(problem.config["model.layers"]))
        shapes = [problem.weights[f"rnn.weight_ih_l{layer}"].shape for layer in layers]
        units = problem.weights["rnn.weight_hh_l0"].shape[1]
        self.layers = torch.nn.ModuleList([kind(shape[1], units) for shape in shapes])
        self.bias = torch.nn.Parameter(torch.empty(len(problem.weights["head.bias"])))
        self.input_drop, self.drop, self.output_drop = (
            LockedDropout(problem, key) for key in ("input_dropout", "dropout", "output_dropout"))
        self.states = None

    @staticmethod
    def torch_name(name):
        if name.startswith("rnn."):
            return f"layers.{name[-1]}.{name[4:-1]}0"
        return name.removeprefix("head.")

    @staticmethod
    def prepare(problem, batch):
        words = torch.stack([sequence.rows["inputs"] for sequence in batch.sequences], 1)
        targets = torch.stack([sequence.rows["targets"] for sequence in batch.sequences], 1).flatten()
        return (words, targets, batch.part == 0), len(targets)

    def forward(self, prepared):
        words, targets, begins = prepared
        states = [None] * len(self.layers) if begins else self.states
        self.states, y = [], self.input_drop(self.embedding(words))
        for number, (layer, state) in enumerate(zip(self.layers, states)):
            y, state = layer(y if number == 0 else self.drop(y), state)
            self.states.append(tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach())
        logits = functional.linear(self.output_drop(y).flatten(0, 1), self.embedding.weight, self.bias)
        return functional.cross_entropy(logits, targets, reduction="sum")


class Translation(Translator):
    """That of bench/translation, on the pairs of the corpus."""

    def __init__(self, problem):
        super().__init__(problem.weights["embedding.weight"].shape[0], problem.number("model.input_dropout"))

    torch_name = staticmethod(Model.torch_name)

    @staticmethod
    def prepare(problem, batch):
        pairs = [(s.rows["inputs"], s.rows["targets"]) for s in longest_first(batch.sequences)]
        return padded(pairs, problem.fields["targets"]["start"]), sum(len(target) for _, target in pairs)

    def forward(self, prepared):
        return self.loss(*prepared, reduction="sum")


class SequenceClass(Model):
    """A class per sequence of words, from the largest and the mean of each feature over time."""

    def __init__(self, problem):
        super().__init__()
        assert problem.config["model.pooling"] == "max+mean", problem.config["model.pooling"]
        self.embedding, self.rnn, self.head = embedding(problem), recurrent(problem), linear(problem)
        self.input_drop, self.pooled_drop = dropout(problem, "input_dropout"), dropout(problem, "pooled_dropout")
        self.symbol_dropout = problem.number("model.symbol_dropout")

    @staticmethod
    def prepare(problem, batch):
        sequences, words, layout = laid_out(problem, batch)
        targets = torch.cat([sequence.rows["targets"] for sequence in sequences])
        return (layout.join(words), layout, ~layout.running()[..., None], targets), len(targets)

    def logits(self, prepared):
        words, layout, ended, _ = prepared
        x = self.embedding(words)
        if self.training and self.symbol_dropout > 0:
            x = x * (torch.rand(*words.shape, 1) >= self.symbol_dropout)
        y = layout.grid(run(self.rnn, self.input_drop(x), layout))
        mean = y.masked_fill(ended, 0).sum(0) / layout.lengths[:, None]
        pooled = torch.cat([y.masked_fill(ended, -torch.inf).amax(0), mean], 1)
        return self.head(self.pooled_drop(pooled))

    def forward(self, prepared):
        return functional.cross_entropy(self.logits(prepared), prepared[-1], reduction="sum")

    figure_sign = 1

    def figure(self, prepared):
        """Right classes."""
        return int((self.logits(prepared).argmax(1) == prepared[-1]).sum()), len(prepared[-1])


class Characters(torch.nn.Embedding):
    """The last states of a GRU in both directions over the characters of each distinct word."""

    def __init__(self, problem):
        super().__init__(*problem.weights["characters.weight"].shape)
        self.rnn = recurrent(problem, "characters.rnn")

    def forward(self, characters, layout):
        x = super().forward(characters)
        if layout.turned is None:
            last = self.rnn(x if layout.sizes is None else PackedSequence(x, layout.sizes))[1]
            return torch.cat([last[0], last[1]], 1)
        both = [run_direction(self.rnn, 0, 0, x), run_direction(self.rnn, 0, 1, layout.turn(x))]
        return torch.cat(both, 2)[layout.lengths - 1, torch.arange(x.shape[1])]


class ChainOfTags(torch.nn.Linear):
    """A linear layer and a conditional random field on top of it (Lample et al. 2016), for all sequences at once."""

    FORBIDDEN = -1e4

    def __init__(self, problem):
        super().__init__(*reversed(problem.weights["head.weight"].shape))
        tags, order = self.out_features, problem.fields["targets"]
        self.transitions = torch.nn.Parameter(torch.zeros(tags, tags))
        self.start, self.end = (torch.nn.Parameter(torch.zeros(tags)) for _ in range(2))
        for name, allowed in (("starts", order["first"]), ("ends", order["last"])):
            self.register_buffer(name, self.rule(tags, allowed), persistent=False)
        rows = [self.rule(tags, row) for row in order["followers"] or [[]] * tags]
        self.register_buffer("follows", torch.stack(rows), persistent=False)

    def rule(self, tags, allowed):
        """0 where a tag is allowed; an empty list allows all."""
        return torch.tensor([0.0 if not allowed or tag in allowed else self.FORBIDDEN for tag in range(tags)])

    def forward(self, scores, tags, running, last):
        """The negative log likelihood of tags [T, B] by scores [T, B, C]; running [T, B] is 1 before the ends."""
        transitions, start = self.transitions + self.follows, self.start + self.starts
        end = self.end + self.ends
        gold = (scores.gather(2, tags[:, :, None])[..., 0] * running).sum()
        gold = gold + (transitions[tags[:-1], tags[1:]] * running[1:]).sum()
        gold = gold + start[tags[0]].sum() + end[tags.gather(0, last[None])[0]].sum()
        sums, columns = start + scores[0], transitions[None]
        for step in range(1, len(scores)):
            following = torch.logsumexp(sums[:, :, None] + columns, 1) + scores[step]
            sums = torch.where(running[step][:, None] > 0, following, sums)
        return torch.logsumexp(sums + end, 1).sum() - gold


class Entities(Model):
    """Tags of words, read by their ids, characters and shapes."""

    def __init__(self, problem):
        super().__init__()
        self.embedding, self.shapes = embedding(problem), embedding(problem, "shapes.weight")
        self.characters, self.head = Characters(problem), ChainOfTags(problem)
        self.rnn = recurrent(problem)
        self.input_drop, self.output_drop = dropout(problem, "input_dropout"), dropout(problem, "output_dropout")
        self.once, self.unknown = problem.once, problem.fields["words"]["unknown"]
        self.unknown_dropout = problem.number("model.unknown_dropout")

    @staticmethod
    def prepare(problem, batch):
        sequences, words, layout = laid_out(problem, batch, "words")
        shapes = layout.join([sequence.rows["shapes"] for sequence in sequences])
        spellings = [[tuple(part.tolist()) for part in s.rows["characters"].split(s.lists["characters"].tolist())]
                     for s in sequences]
        distinct = sorted(set(itertools.chain(*spellings)), key=lambda word: (-len(word), word))
        place = {word: number for number, word in enumerate(distinct)}
        numbers = layout.join([torch.tensor([place[word] for word in words]) for words in spellings])
        characters = [torch.tensor(word) for word in distinct]
        spelling = Layout.of(problem, characters)
        tags = pad_sequence([sequence.rows["targets"] for sequence in sequences])
        return ((layout.join(words), shapes, numbers, spelling.join(characters), spelling, layout),
                (tags, layout.running().float(), layout.lengths - 1)), int(layout.lengths.sum())  # fmt: skip

    def scores(self, prepared):
        words, shapes, numbers, characters, spelling, layout = prepared[0]
        if self.training and self.unknown_dropout > 0:
            once = (words >= self.once[0]) & (words < self.once[1])
            words = words.masked_fill(once & (torch.rand(words.shape) < self.unknown_dropout), self.unknown)
        spelt = self.characters(characters, spelling)[numbers]
        x = torch.cat([self.embedding(words), spelt, self.shapes(shapes)], -1)
        y = self.output_drop(run(self.rnn, self.input_drop(x), layout))
        return layout.grid(functional.linear(y, self.head.weight, self.head.bias))

    def forward(self, prepared):
        return self.head(self.scores(prepared), *prepared[1])


class Notes(StepModel):
    """Which keys sound in the next step. One direction: padding at the ends changes nothing before them."""

    @staticmethod
    def prepare(problem, batch):
        keys, rolls = [], []
        for sequence in batch.sequences:
            lists = sequence.lists["targets"]
            roll = torch.zeros(len(lists), problem.fields["targets"]["ids"])
            roll[torch.arange(len(lists)).repeat_interleave(lists), sequence.rows["targets"]] = 1
            keys.append(sequence.rows["inputs"].float())
            rolls.append(roll)
        lengths = torch.tensor([len(roll) for roll in rolls])
        running = torch.arange(int(lengths.max()))[:, None] < lengths
        return (pad_sequence(keys), pad_sequence(rolls)[running], running), int(lengths.sum())

    def forward(self, prepared):
        keys, rolls, running = prepared
        y = self.rnn(self.input_drop(keys))[0][running]
        return functional.binary_cross_entropy_with_logits(self.head(self.output_drop(y)), rolls, reduction="sum")

    figure_sign = -1

    def figure(self, prepared):
        """Losses per step."""
        return self.forward(prepared).item(), len(prepared[1])


MODELS = {"steps": StepClasses, "speech": SpeechLabels, "words": NextWord, "translation": Translation,
          "sentences": SequenceClass, "entities": Entities, "notes": Notes}  # fmt: skip


def make_model(name, problem: Problem):
    """The model with the parameters of the problem."""
    model = MODELS[name](problem)
    weights = {model.torch_name(key): value for key, value in problem.weights.items()}
    loaded = model.load_state_dict(weights, strict=False)
    assert not loaded.unexpected_keys and set(loaded.missing_keys) <= {"head.weight"}, loaded  # tied
    return model
