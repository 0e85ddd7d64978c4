"""Recordings and manifests for tests of `lockstep prepare speech`."""

import math
import pathlib
import random
import struct

RATE = 16000


def tone(seconds, rate=RATE, pitch=300, seed=1):
    """Samples of a hum with some noise, on the scale of 16-bit integers."""
    draw = random.Random(seed)
    return [int(8000 * math.sin(2 * math.pi * pitch * t / rate) + draw.gauss(0, 300))
            for t in range(int(seconds * rate))]


def encode(samples, bits):
    if bits == 16:
        return struct.pack(f"<{len(samples)}h", *samples)
    if bits == 24:
        return b"".join(struct.pack("<i", sample << 8)[:3] for sample in samples)
    return struct.pack(f"<{len(samples)}f", *(sample / 32768 for sample in samples))  # 32: float


def wav(samples, rate=RATE, bits=16, channels=1, declared_bytes=None, riff_bytes=None):
    """The bytes of a WAV file; the two lengths of its header can be made wrong."""
    data = encode(samples, bits)
    kind = 3 if bits == 32 else 1
    frame = channels * bits // 8
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", len(data) + 36 if riff_bytes is None else riff_bytes,
                       b"WAVE", b"fmt ", 16, kind, channels, rate, rate * frame, frame, bits, b"data",
                       len(data) if declared_bytes is None else declared_bytes)  # fmt: skip
    return head + data


def write_wav(path, seconds=0.5, **options):
    seed, pitch = options.pop("seed", 1), options.pop("pitch", 300)
    data = wav(tone(seconds, options.get("rate", RATE), pitch, seed), **options)
    pathlib.Path(path).write_bytes(data)


def write_tsv(path, rows, header=("id", "path", "text", "speaker")):
    lines = ["\t".join(header)] + ["\t".join(str(cell) for cell in row) for row in rows]
    pathlib.Path(path).write_text("\n".join(lines) + "\n")


def small_corpus(folder, count=24, speakers=4):
    """count recordings of 0.3 to 0.8 s and train.tsv."""
    words, rows = ("yes", "no", "go on", "stop"), []
    for i in range(count):
        write_wav(folder / f"u{i}.wav", 0.3 + 0.5 * (i % 7) / 7, seed=i, pitch=200 + 30 * (i % 5))
        rows.append((f"u{i}", f"u{i}.wav", words[i % 4], f"s{i * speakers // count}"))
    write_tsv(folder / "train.tsv", rows)
