"""A language of whistles for tests: each letter a pitch, a pause between words. A model learns it in seconds."""

import math
import random

from speech_files import RATE, wav

PITCH = {"a": 400, "b": 1000, "c": 2500}
WORDS = ("abc", "ba", "cab", "acca", "b")
LETTER_SECONDS, PAUSE_SECONDS = 0.09, 0.15


def whistle(text, draw):
    """Samples of a text, on the scale of 16-bit integers."""
    samples = []

    def add(seconds, pitch, loudness):
        for t in range(int(seconds * RATE)):
            samples.append(int(loudness * math.sin(2 * math.pi * pitch * t / RATE) + draw.gauss(0, 100)))

    add(PAUSE_SECONDS, 1, 0)
    for letter in text:
        pitch = PITCH.get(letter)
        if pitch is None:
            add(PAUSE_SECONDS, 1, 0)
        else:
            add(LETTER_SECONDS * draw.uniform(0.8, 1.2), pitch * draw.uniform(0.95, 1.05), 6000)
            add(0.03, 1, 0)
    add(PAUSE_SECONDS, 1, 0)
    return samples


def sentence(draw, words):
    return " ".join(draw.choice(WORDS) for _ in range(words))


def make(folder, name, count, seed):
    """count recordings NAME-i.wav of one to four words and the manifest NAME.tsv; the texts by id."""
    draw = random.Random(seed)
    texts, rows = {}, ["id\tpath\ttext"]
    for i in range(count):
        text, identity = sentence(draw, draw.randint(1, 4)), f"{name}-{i}"
        (folder / f"{identity}.wav").write_bytes(wav(whistle(text, draw)))
        texts[identity] = text
        rows.append(f"{identity}\t{identity}.wav\t{text}")
    (folder / f"{name}.tsv").write_text("\n".join(rows) + "\n")
    return texts
