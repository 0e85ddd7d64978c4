"""Times the layers of two builds in turns, pinned to one core, and prints the ratio of each shape.

    compare_builds.py BUILD BASELINE TURNS

The measure is that of compare_layers.py: processor time, median of turns.
"""

import os
import statistics
import sys

from compare_layers import SHAPES, Peer, flops, pin_to_one_core


def main():
    build, baseline, turns = sys.argv[1], sys.argv[2], int(sys.argv[3])
    pin_to_one_core()
    peers = [Peer([os.path.join(folder, "bench", "bench_layers")]) for folder in (build, baseline)]
    ratios = []
    print("cell      layers dirs    I    H   B    T | portable | native | ratio")
    for shape in SHAPES:
        for peer in peers:
            peer.ask("case " + " ".join(map(str, shape)))
        times = [[], []]
        for _ in range(turns):
            for peer, values in zip(peers, times):
                values.append(float(peer.ask("lockstep")))
        speed = [flops(shape) / statistics.median(values) * 1e-9 for values in times]
        ratios.append(speed[0] / speed[1])
        cell, layers, directions, I, H, B, T = shape
        print(f"{cell:9} {layers:6} {directions:4} {I:4} {H:4} {B:3} {T:4} | {speed[0]:8.1f} | "
              f"{speed[1]:6.1f} | {ratios[-1]:5.3f}")
    print(f"median ratio {statistics.median(ratios):.3f}, smallest {min(ratios):.3f}; "
          f"load average {os.getloadavg()[0]:.1f}")
    for peer in peers:
        peer.close()


if __name__ == "__main__":
    main()
