#!/usr/bin/python3
"""Makes tables whose best possible model is known, for `lockstep prepare arrays`.

    recipes/arrays-synthetic/make.py FOLDER

river-{train,valid,test}.csv: sequences of 40 to 80 days. Storage s follows the rain, s = 0.9 s + rain; the discharge of
a day is 10 tanh(s / 10) + a normal error of standard deviation 0.5, which nothing explains. The best possible model
knows the function: its root mean square error is the standard deviation of the errors that were drawn.

wave-{train,valid,test}.csv: sequences of 30 steps, x_t = f x_{t-1} + a normal number, where the class decides f: -0.4, 0.0
or 0.4; x starts as it goes on, with variance 1 / (1 - f^2). All classes are equally frequent, so that the best possible
classifier names the class whose density (a product of normal densities) is largest. bayes.json holds what that gives on
these very test rows.
"""

import json
import pathlib
import sys

import numpy as np

SEED = 20260101
RIVER = {"train": 2000, "valid": 300, "test": 500}
WAVE = {"train": 12000, "valid": 2000, "test": 4000}
FACTORS = {"minus": -0.4, "none": 0.0, "plus": 0.4}
NOISE, STEPS = 0.5, 30


def write_river(path, count, draw):
    errors, truths = [], []
    with open(path, "w") as file:
        file.write("river,day,rain,discharge\n")
        for river in range(count):
            storage = 0.0
            for day in range(draw.integers(40, 81)):
                rain = draw.exponential(1.0) if draw.random() < 0.4 else 0.0
                storage = 0.9 * storage + rain
                error = NOISE * draw.standard_normal()
                discharge = 10 * np.tanh(storage / 10) + error
                errors.append(error)
                truths.append(discharge)
                file.write(f"r{river},{day},{rain:.6f},{discharge:.6f}\n")
    return np.array(errors), np.array(truths)


def log_density(x, factor):
    """Of a whole sequence, but for constants that all factors share."""
    error = x[1:] - factor * x[:-1]
    start = np.log(1 - factor**2) / 2 - x[0] ** 2 * (1 - factor**2) / 2
    return start - (error**2).sum() / 2


def write_wave(path, count, draw):
    names, right = list(FACTORS), 0
    with open(path, "w") as file:
        file.write("wave,x,kind\n")
        for wave in range(count):
            kind = names[wave % len(names)]
            factor = FACTORS[kind]
            x = [draw.standard_normal() / np.sqrt(1 - factor**2)]
            for _ in range(STEPS - 1):
                x.append(factor * x[-1] + draw.standard_normal())
            x = np.array(x)
            best = max(names, key=lambda name: log_density(x, FACTORS[name]))
            right += best == kind
            file.writelines(f"w{wave},{value:.6f},{kind}\n" for value in x)
    return right / count


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    draw = np.random.Generator(np.random.PCG64(SEED))
    best = {}
    for split, count in RIVER.items():
        errors, truths = write_river(folder / f"river-{split}.csv", count, draw)
        best[f"river-{split}"] = {"rmse": float(np.sqrt((errors**2).mean())), "mae": float(np.abs(errors).mean()),
                                  "r2": float(1 - (errors**2).sum() / ((truths - truths.mean()) ** 2).sum())}  # fmt: skip
    for split, count in WAVE.items():
        best[f"wave-{split}"] = {"accuracy": write_wave(folder / f"wave-{split}.csv", count, draw)}
    (folder / "bayes.json").write_text(json.dumps(best, indent=1) + "\n")
    print(json.dumps({name: value for name, value in best.items() if name.endswith("test")}))


if __name__ == "__main__":
    main()
