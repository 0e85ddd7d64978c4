#!/usr/bin/env python3
"""Writes manifests for the Free Spoken Digit Dataset: isolated digits, and strings of digits.

    recipes/speech-fsdd/manifests.py FSDD_FOLDER OUT [SEED]

FSDD_FOLDER holds recordings/DIGIT_SPEAKER_INDEX.wav, 8 kHz, mono, 16 bit. OUT gets

    train.tsv         isolated digits and strings of the training recordings
    valid.tsv         the same of the validation recordings
    test-digits.tsv   isolated digits of the test recordings
    test-strings.tsv  strings of the test recordings
    strings/*.wav     the strings

A string is 3 to 7 recordings of one speaker and one split, drawn with replacement, with pauses of 0.05
to 0.3 s between them. The same seed (default 1) makes the same files.
"""

import array
import pathlib
import random
import sys
import wave

WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
RATE = 8000
# Recordings (index) and strings of each split; 0 to 4 are the test that the data set itself defines.
SPLITS = {"test": (range(0, 5), 300), "valid": (range(5, 10), 150), "train": (range(10, 50), 2000)}
DIGITS_IN_STRING = (3, 7)
PAUSE_SECONDS = (0.05, 0.3)
# Digital silence occurs in no recording; loudest sample of a pause, of 32767.
PAUSE_NOISE = (4, 64)


def read_samples(path):
    with wave.open(str(path), "rb") as file:
        found = (file.getframerate(), file.getnchannels(), file.getsampwidth())
        if found != (RATE, 1, 2):
            raise ValueError(f"{path}: (rate, channels, bytes) are {found}; wanted {(RATE, 1, 2)}")
        return array.array("h", file.readframes(file.getnframes()))


def write_samples(path, samples):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


def recordings_by_speaker(folder, indices):
    """{speaker: [(digit, path)]}, in an order that does not depend on the file system."""
    speakers = {}
    for path in sorted(folder.glob("*_*_*.wav")):
        digit, speaker, index = path.stem.split("_")
        if int(index) in indices:
            speakers.setdefault(speaker, []).append((int(digit), path))
    return speakers


def isolated_rows(speakers):
    return [(path.stem, path, WORDS[digit], speaker)
            for speaker, recordings in speakers.items() for digit, path in recordings]


def joined(recordings, rng):
    noise = round(rng.uniform(*PAUSE_NOISE))
    samples = array.array("h")
    for _, path in recordings:
        if samples:
            pause = round(rng.uniform(*PAUSE_SECONDS) * RATE)
            samples.extend(rng.choices(range(-noise, noise + 1), k=pause))
        samples.extend(read_samples(path))
    return samples


def string_rows(speakers, split, count, folder, rng):
    rows = []
    for number in range(count):
        speaker = rng.choice(sorted(speakers))
        recordings = rng.choices(speakers[speaker], k=rng.randint(*DIGITS_IN_STRING))
        path = folder / f"{split}_{speaker}_{number:04}.wav"
        write_samples(path, joined(recordings, rng))
        rows.append((path.stem, path, " ".join(WORDS[digit] for digit, _ in recordings), speaker))
    return rows


def write_manifest(path, rows):
    lines = ["\t".join(map(str, row)) for row in [("id", "path", "text", "speaker"), *rows]]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main():
    if len(sys.argv) not in (3, 4):
        print("usage: recipes/speech-fsdd/manifests.py FSDD_FOLDER OUT [SEED]", file=sys.stderr)
        return 64
    recordings = pathlib.Path(sys.argv[1]).resolve() / "recordings"
    out = pathlib.Path(sys.argv[2]).resolve()
    seed = sys.argv[3] if len(sys.argv) == 4 else "1"
    (out / "strings").mkdir(parents=True, exist_ok=True)

    for split, (indices, count) in SPLITS.items():
        speakers = recordings_by_speaker(recordings, indices)
        if not speakers:
            print(f"{recordings}: no DIGIT_SPEAKER_INDEX.wav of the split {split}", file=sys.stderr)
            return 65
        digits = isolated_rows(speakers)
        strings = string_rows(speakers, split, count, out / "strings", random.Random(f"{seed} {split}"))
        if split == "test":
            write_manifest(out / "test-digits.tsv", digits)
            write_manifest(out / "test-strings.tsv", strings)
        else:
            write_manifest(out / f"{split}.tsv", digits + strings)
        print(f"{split}: {len(digits)} isolated digits, {len(strings)} strings")
    return 0


if __name__ == "__main__":
    sys.exit(main())
