"""A language of whistles for tests: each letter a pitch, a pause between words. A model learns it in seconds."""

import math
import random

from speech_files import RATE, wav

PITCH = {"a": 400, "b": 1000, "c": 2500}
WORDS = ("abc", "ba", "cab", "acca", "b")
LETTER_SECONDS, PAUSE_SECONDS = 0.09, 0.15


def whistle(text, draw, times=None):
    """Samples of a text, on the scale of 16-bit integers. Adds (word, start, end) in seconds to the list `times`."""
    samples, starts = [], []

    def add(seconds, pitch, loudness):
        for t in range(int(seconds * RATE)):
            samples.append(int(loudness * math.sin(2 * math.pi * pitch * t / RATE) + draw.gauss(0, 100)))

    add(PAUSE_SECONDS, 1, 0)
    for at, letter in enumerate(text):
        if at == 0 or text[at - 1] == " ":
            starts.append(len(samples) / RATE)
        pitch = PITCH.get(letter)
        if pitch is None:
            add(PAUSE_SECONDS, 1, 0)
        else:
            add(LETTER_SECONDS * draw.uniform(0.8, 1.2), pitch * draw.uniform(0.95, 1.05), 6000)
            end = len(samples) / RATE
            if times is not None and text[at + 1:at + 2] in ("", " "):
                times.append((text.split()[len(starts) - 1], starts[-1], end))
            add(0.03, 1, 0)
    add(PAUSE_SECONDS, 1, 0)
    return samples


def sentence(draw, words):
    return " ".join(draw.choice(WORDS) for _ in range(words))


def write_ctm(path, times):
    """A file of the times that `whistle` and `make` give: a dictionary of lists of (word, start, end)."""
    lines = []
    for name, words in times.items():
        lines += [f"{name} 1 {begin:.3f} {end - begin:.3f} {word}" for word, begin, end in words]
    path.write_text("\n".join(lines) + "\n")


def write_backgrounds(folder, seed=1):
    """Two recordings of noise in FOLDER/noise and two responses of rooms in FOLDER/rooms."""
    draw = random.Random(seed)
    for name in ("noise", "rooms"):
        (folder / name).mkdir()
    for i in range(2):
        turn = 2 * math.pi * (90 + 40 * i) / RATE
        hum = [draw.gauss(0, 400) + 900 * math.sin(turn * t) for t in range(RATE * (2 + i))]
        (folder / f"noise/hum-{i}.wav").write_bytes(wav([int(value) for value in hum]))
        decay = 3 * math.log(10) / (0.3 + 0.2 * i) / RATE  # amplitudes fall by 60 dB in 0.3 or 0.5 s
        echo = [30000] + [int(3000 * math.exp(-decay * t) * draw.gauss(0, 1)) for t in range(1, RATE // 2)]
        (folder / f"rooms/room-{i}.wav").write_bytes(wav(echo))


def prepare_with_backgrounds(folder, out, more=()):
    """Makes the folder; the command `prepare speech` for whistles in it whose words, noise and rooms are known."""
    folder.mkdir()
    times = {}
    make(folder, "train", 16, seed=5, times=times)
    make(folder, "valid", 4, seed=6)
    write_ctm(folder / "train.ctm", times)
    write_backgrounds(folder)
    return ["prepare", "speech", "--manifest", folder / "train.tsv", "--valid-manifest", folder / "valid.tsv",
            "--mel-bins", 20, "--normalise", "global", "--ctm", folder / "train.ctm", "--noise-files", folder / "noise",
            "--room-files", folder / "rooms", "--seed", 1, "--out", out, *more]  # fmt: skip


def make(folder, name, count, seed, times=None):
    """count recordings NAME-i.wav of one to four words and the manifest NAME.tsv; the texts by id. `times`, a
    dictionary, gets the times of the words of each."""
    draw = random.Random(seed)
    texts, rows = {}, ["id\tpath\ttext"]
    for i in range(count):
        text, identity = sentence(draw, draw.randint(1, 4)), f"{name}-{i}"
        of_words = []
        (folder / f"{identity}.wav").write_bytes(wav(whistle(text, draw, of_words)))
        if times is not None:
            times[identity] = of_words
        texts[identity] = text
        rows.append(f"{identity}\t{identity}.wav\t{text}")
    (folder / f"{name}.tsv").write_text("\n".join(rows) + "\n")
    return texts
