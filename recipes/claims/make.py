#!/usr/bin/env python3
"""Makes the data of recipes/claims, from Python's generator with fixed seeds; needs nothing but Python.

    recipes/claims/make.py teddy FOLDER [SENTENCES]
    recipes/claims/make.py agreement FOLDER MOST_WORDS_BETWEEN [SENTENCES]
    recipes/claims/make.py adding FOLDER STEPS [SEQUENCES [SHORTEST]]

teddy: teddy-{train,test}.csv, one row per word, for `lockstep prepare arrays`: the sentence, the word, its label, and a
column for each word of the vocabulary that is 1 in the rows of this word (one-hot). Labels are `person` or `thing` for
the one word of a sentence whose meaning depends on the words after it, and `none` for all others. Everything before
that word is drawn independently of its meaning, so that without the words after it nobody can do better than guess;
`person` and `thing` are equally frequent.

agreement: agreement-train.tsv and agreement-{N}.tsv, for `lockstep prepare text`: "the cat near the old dogs ... was"
without its verb, and the verb, `was` or `were`, as the label. N words stand between the subject and the verb, from 1 to
MOST_WORDS_BETWEEN in the training file (each number as often) and exactly N in the test files. They hold other nouns, of
either number, so that only the second word of a sentence tells.

adding: x-{train,test}.npy [rows, 2], n-{train,test}.npy [N], the steps of each sequence, and y-{train,test}.npy [N]: the
adding problem (Hochreiter & Schmidhuber 1997, task 4 in the form of Le et al. 2015). A number from [0, 1) per step, and
a mark that is 1 in one step of the first half and in one of the second half, else 0. The target is the sum of the two
marked numbers. Who always answers 1 has the mean squared error 1/6 = 0.1667. Sequences have STEPS steps; with SHORTEST,
those of the training file have SHORTEST to STEPS steps, each number as often.
"""

import array
import pathlib
import random
import struct
import sys

SEEDS = {"train": 1, "test": 2}

# teddy
AMBIGUOUS = ["Teddy", "Rose", "Bill", "Grace", "Will", "Jack"]
SPEAKERS = ["He", "She", "Somebody", "The teacher", "My aunt"]
VERBS = ["said", "wrote", "heard that", "told us that"]
BETWEEN = ["as everybody knows", "of course", "so to speak", "by the way", "as it were"]
PERSON = ["Roosevelt was a great president", "Smith is our neighbour", "Miller wrote a long letter", "Baker was born here"]
THING = ["bears are on sale", "bushes are in bloom", "posters are on sale", "boxes were put here"]

# agreement
NOUNS = {"was": ["cat", "dog", "horse", "teacher", "car", "tree"],
         "were": ["cats", "dogs", "horses", "teachers", "cars", "trees"]}  # fmt: skip
DISTANCES = [5, 10, 20, 50, 100, 200]
LINKS = ["near", "behind", "with", "after", "beside", "under"]
ADJECTIVES = ["old", "small", "red", "quiet", "tall", "young"]


def teddy_sentence(draw):
    """Words and labels."""
    meaning, ends = draw.choice([("person", PERSON), ("thing", THING)])
    before = f"{draw.choice(SPEAKERS)} {draw.choice(VERBS)}".split()
    between = draw.choice(BETWEEN).split() if draw.random() < 0.5 else []
    words = [*before, draw.choice(AMBIGUOUS), *between, *draw.choice(ends).split()]
    return words, ["none"] * len(before) + [meaning] + ["none"] * (len(words) - len(before) - 1)


def make_teddy(folder, sentences=2000):
    texts = [*AMBIGUOUS, *SPEAKERS, *VERBS, *BETWEEN, *PERSON, *THING]
    vocabulary = sorted({word for text in texts for word in text.split()})
    for split, seed in SEEDS.items():
        draw = random.Random(seed)
        with open(folder / f"teddy-{split}.csv", "w") as file:
            file.write(",".join(["sentence", "word", "label", *(f"is_{word}" for word in vocabulary)]) + "\n")
            for number in range(sentences if split == "train" else max(100, sentences // 4)):
                for word, label in zip(*teddy_sentence(draw)):
                    hot = ",".join("1" if word == other else "0" for other in vocabulary)
                    file.write(f"{split}{number},{word},{label},{hot}\n")


def agreement_row(draw, between):
    verb = draw.choice(list(NOUNS))
    words = ["the", draw.choice(NOUNS[verb])]
    while len(words) < between + 2:
        noun = draw.choice(NOUNS[draw.choice(list(NOUNS))])
        words += [draw.choice(LINKS), "the", draw.choice(ADJECTIVES), noun]
    return f"{' '.join(words[:between + 2])}\t{verb}\n"


def make_agreement(folder, most, sentences=8000):
    draw = random.Random(SEEDS["train"])
    with open(folder / "agreement-train.tsv", "w") as file:
        file.write("text\tlabel\n")
        file.writelines(agreement_row(draw, draw.randint(1, most)) for _ in range(sentences))
    for between in (n for n in DISTANCES if n <= most):
        draw = random.Random(SEEDS["test"])
        with open(folder / f"agreement-{between}.tsv", "w") as file:
            file.write("text\tlabel\n")
            file.writelines(agreement_row(draw, between) for _ in range(1000))


def write_npy(path, shape, values):
    """Row-major, little-endian; https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html"""
    if sys.byteorder == "big":
        values.byteswap()
    size = f"({', '.join(map(str, shape))},)"
    kind = {"f": "<f4", "i": "<i4"}[values.typecode]
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {size}, }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        values.tofile(file)


def adding_rows(draw, steps):
    """Numbers and marks of a sequence, and their sum."""
    numbers = array.array("f", [draw.random() for _ in range(steps)])
    first, second = draw.randrange(steps // 2), draw.randrange(steps // 2, steps)
    rows = array.array("f", bytes(8 * steps))
    rows[::2] = numbers
    rows[2 * first + 1] = rows[2 * second + 1] = 1
    return rows, numbers[first] + numbers[second]


def make_adding(folder, steps, sequences=20000, shortest=0):
    for split, seed in SEEDS.items():
        draw = random.Random(seed)
        x, y, lengths = array.array("f"), array.array("f"), array.array("i")
        for _ in range(sequences if split == "train" else max(500, sequences // 10)):
            lengths.append(draw.randint(shortest or steps, steps) if split == "train" else steps)
            rows, total = adding_rows(draw, lengths[-1])
            x.extend(rows)
            y.append(total)
        write_npy(folder / f"x-{split}.npy", (sum(lengths), 2), x)
        write_npy(folder / f"y-{split}.npy", (len(y),), y)
        write_npy(folder / f"n-{split}.npy", (len(y),), lengths)


def main():
    makers = {"teddy": (make_teddy, 0), "agreement": (make_agreement, 1), "adding": (make_adding, 1)}
    kind, *words = sys.argv[1:] or [""]
    if kind not in makers or len(words) < 1 + makers[kind][1]:
        sys.exit(__doc__)
    folder = pathlib.Path(words[0])
    folder.mkdir(parents=True, exist_ok=True)
    makers[kind][0](folder, *map(int, words[1:]))


if __name__ == "__main__":
    main()
