"""What the PyTorch peers of the comparisons have in common: requests come line by line on stdin of each process, and
rank 0 answers each with one line on stdout. "machine" is answered by the version of PyTorch.

Several processes have RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT set (peers.py) and talk over gloo. Each process has
one thread.
"""

import os
import sys

import torch

RANK, RANKS = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))


def answer(server, request, *words):
    return torch.__version__ if request == "machine" else server.answer(request, *words)


def serve(server):
    """Answers requests by server.answer(REQUEST, WORD...) until stdin ends."""
    torch.set_num_threads(1)
    if RANKS > 1:
        torch.distributed.init_process_group("gloo")
    for line in sys.stdin:
        try:
            text = answer(server, *line.split())
        except (ValueError, RuntimeError, OSError, TypeError, AssertionError, KeyError) as error:
            text = f"error: {type(error).__name__}: {error}".replace("\n", " ")
        if RANK == 0:
            print(text, flush=True)
    if RANKS > 1:
        torch.distributed.destroy_process_group()
