"""Speech corpora for tests, from feature files (.mfc) as AN4 has them: each letter of a transcript is a few
frames around a place of its own, so that a small model learns it in a few steps."""

import pathlib
import random
import struct

WIDTH = 13  # columns of a file
WORDS = ("one", "two", "three", "go", "on", "no", "zero")


def frames_of(text, draw, frames_a_letter):
    """Frames of a text, with two of silence on each side."""
    frames = []
    for letter in f"  {text}  ":
        place = random.Random(letter)
        mean = [0 if letter == " " else place.gauss(0, 2) for _ in range(WIDTH)]
        for _ in range(draw.randint(2, frames_a_letter)):
            frames.append([value + draw.gauss(0, 0.5) for value in mean])
    return frames


def write_mfc(path, frames):
    values = [value for frame in frames for value in frame]
    path.write_bytes(struct.pack(f">I{len(values)}f", len(values), *values))


def write_split(folder, split, texts, seed=1, frames_a_letter=4):
    """Features and manifest of utterances SPLIT000, SPLIT001, ... with these texts; path of the manifest."""
    folder, draw = pathlib.Path(folder), random.Random(seed)
    (folder / "etc").mkdir(exist_ok=True)
    (folder / "feat").mkdir(exist_ok=True)
    ids = [f"{split}{i:03}" for i in range(len(texts))]
    for name, text in zip(ids, texts):
        write_mfc(folder / f"feat/{name}.mfc", frames_of(text, draw, frames_a_letter))
    (folder / f"etc/{split}.fileids").write_text("".join(f"{name}\n" for name in ids))
    lines = [f"{text} ({name})\n" for name, text in zip(ids, texts)]
    (folder / f"etc/{split}.transcription").write_text("".join(lines))
    return folder / f"etc/{split}.fileids"


def some_texts(count, seed=1, most_words=4):
    draw = random.Random(seed)
    return [" ".join(draw.choices(WORDS, k=draw.randint(1, most_words))) for _ in range(count)]


def prepare_words(folder, out, train, valid=(), test=(), more=()):
    """The command `prepare speech` for splits of these texts."""
    words = ["prepare", "speech", "--manifest", write_split(folder, "train", train, 1), "--out", out]
    if valid:
        words += ["--valid-manifest", write_split(folder, "valid", valid, 2)]
    if test:
        words += ["--test-manifest", write_split(folder, "test", test, 3)]
    return words + list(more)
