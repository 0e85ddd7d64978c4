"""PyTorch as a peer of bench/compare_recipes.py: trains the model of a recipe (torch_recipe_models.py) with one thread,
with DistributedDataParallel over gloo if there are several processes (torch_serving.py).

  open MODEL PATH FORM -> "ok" and the number of parameters; reads PATH.RANK (torch_recipe_data.py)
  losses STEPS         -> the losses of the next steps, over all processes
  turn STEPS           -> seconds on the clock and of the processor of the next steps

FORM is "packed" or "padded".

A step is a batch, at first the first one and after the last one again the first one: forward, loss, backward, clipping,
update, at the highest learning rate of the schedule.
"""

import time

import torch
from torch_recipe_data import Problem
from torch_recipe_models import make_model
from torch_serving import RANK, RANKS, serve


def make_optimizer(problem, model, named):
    """AdamW with decay of those parameters that Lockstep's decays; other optimisers are none of the recipes'."""
    assert problem.config["optimizer.name"] in ("adam", "adamw"), problem.config["optimizer.name"]
    decaying = {model.torch_name(name) for name in problem.decays}
    decay = problem.number("optimizer.weight_decay")
    groups = [{"params": [p for name, p in named if name in decaying], "weight_decay": decay},
              {"params": [p for name, p in named if name not in decaying], "weight_decay": 0.0}]
    kind = torch.optim.AdamW if problem.config["optimizer.name"] == "adamw" else torch.optim.Adam
    groups = [group for group in groups if group["params"]]
    return kind(groups, lr=problem.number("schedule.learning_rate"), fused=True)  # the fastest


def global_counts(counts):
    """The targets of each batch in all processes together."""
    counts = torch.tensor(counts)
    if RANKS > 1:
        torch.distributed.all_reduce(counts)
    return counts.tolist()


class Training:
    def __init__(self, name, path, form):
        problem = Problem(f"{path}.{RANK}", form)
        self.model = make_model(name, problem)
        self.batches, counts = zip(*(self.model.prepare(problem, batch) for batch in problem.batches))
        self.counts = global_counts(counts)
        named = list(self.model.named_parameters())
        self.parameters = [parameter for _, parameter in named]
        self.optimizer = make_optimizer(problem, self.model, named)
        self.max_norm = problem.number("clip.max_norm")
        if RANKS > 1:
            self.model = torch.nn.parallel.DistributedDataParallel(self.model, gradient_as_bucket_view=True)
        self.next = 0

    def step(self):
        """Returns the sum of the losses of this process, and the number of targets of all."""
        batch, count = self.batches[self.next], self.counts[self.next]
        self.next = (self.next + 1) % len(self.batches)
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.model(batch)
        (loss * (RANKS / count)).backward()  # the gradients of processes are averaged
        torch.nn.utils.clip_grad_norm_(self.parameters, self.max_norm)
        self.optimizer.step()
        return loss.detach(), count

    def global_loss(self):
        loss, count = self.step()
        if RANKS > 1:
            torch.distributed.all_reduce(loss)
        return loss.item() / count


class Server:
    def __init__(self):
        self.training = None

    def answer(self, request, *words):
        if request == "open":
            self.training = Training(*words)
            return f"ok {sum(p.numel() for p in self.training.parameters)}"
        if request == "losses":
            return " ".join(str(self.training.global_loss()) for _ in range(int(words[0])))
        if request == "turn":
            clock, processor = time.perf_counter(), time.process_time()
            for _ in range(int(words[0])):
                self.training.step()[0].item()
            return f"{time.perf_counter() - clock} {time.process_time() - processor}"
        raise ValueError(f"unknown request {request}")


if __name__ == "__main__":
    serve(Server())
