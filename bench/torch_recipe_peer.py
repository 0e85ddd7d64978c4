"""PyTorch as a peer of bench/compare_recipes.py: trains the model of a recipe (torch_recipe_models.py) with one thread,
with DistributedDataParallel over gloo if there are several processes (torch_serving.py).

  open MODEL PATH FORM -> "ok" and the number of parameters; reads PATH.RANK (torch_recipe_data.py)
  losses STEPS         -> the losses of the next steps, over all processes
  turn STEPS           -> seconds on the clock and of the processor of the next steps

  evaluate STEPS       -> the same of as many passes forward with their losses
  fit SEED FIGURE PATH -> steps, best figure, seconds on the clock and of the processor of training until the first
                          validation that reaches FIGURE, or to its end

FORM is "packed" or "padded". "fit" follows the schedule of the recipe, with one process, on the batches that were
opened, one after the other; PATH.0 holds the validation split. The models say what the figure is.

A step is a batch, at first the first one and after the last one again the first one: forward, loss, backward, clipping,
update, at the highest learning rate of the schedule.
"""

import math
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


def rate_of(problem, step):
    """The learning rate of a step, as trainer/step/learning_rate.h has it; of the schedules only the recipes' own."""
    assert problem.config["schedule.name"] == "cosine", problem.config["schedule.name"]
    highest, lowest = problem.number("schedule.learning_rate"), problem.number("schedule.lowest")
    warmup, decay = problem.number("schedule.warmup_steps"), problem.number("schedule.decay_steps")
    if step < warmup:
        return highest * (step + 1) / warmup
    done = min(1.0, (step - warmup) / decay)
    return lowest + (highest - lowest) * (1 + math.cos(math.pi * done)) / 2


def global_counts(counts):
    """The targets of each batch in all processes together."""
    counts = torch.tensor(counts)
    if RANKS > 1:
        torch.distributed.all_reduce(counts)
    return counts.tolist()


def require_sequences(batches):
    """Refused on all processes alike, since those with sequences would wait for one without any."""
    fewest = torch.tensor(min(len(batch.sequences) for batch in batches))
    if RANKS > 1:
        torch.distributed.all_reduce(fewest, torch.distributed.ReduceOp.MIN)
    if fewest == 0:
        raise ValueError("a batch has no sequence for one of the processes; open fewer batches")


class Training:
    def __init__(self, name, path, form):
        problem = self.problem = Problem(f"{path}.{RANK}", form)
        require_sequences(problem.batches)
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

    @torch.inference_mode()
    def evaluate(self):
        batch = self.batches[self.next]
        self.next = (self.next + 1) % len(self.batches)
        self.model.eval()
        return self.model(batch)

    def set_rate(self, step):
        rate = rate_of(self.problem, step)
        for group in self.optimizer.param_groups:
            group["lr"] = rate

    @torch.inference_mode()
    def validate(self, batches):
        """The figure of the model over all batches."""
        self.model.eval()
        sums = [self.model.figure(batch) for batch, _ in batches]
        self.model.train()
        return sum(part for part, _ in sums) / sum(count for _, count in sums)

    def fit(self, seed, figure, validation):
        """Returns what "fit" answers."""
        torch.manual_seed(seed)
        best, sign = -math.inf, self.model.figure_sign
        clock, processor = time.perf_counter(), time.process_time()
        for step in range(len(self.batches)):
            self.set_rate(step)
            self.step()[0].item()
            if (step + 1) % int(self.problem.config["validation.every"]) == 0:
                best = max(best, sign * self.validate(validation))
                if best >= sign * figure:
                    break
        return step + 1, sign * best, time.perf_counter() - clock, time.process_time() - processor

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
        if request == "fit":
            problem = Problem(f"{words[2]}.0", self.training.problem.form)
            batches = [self.training.model.prepare(problem, batch) for batch in problem.batches]
            return " ".join(map(str, self.training.fit(int(words[0]), float(words[1]), batches)))
        if request == "losses":
            return " ".join(str(self.training.global_loss()) for _ in range(int(words[0])))
        if request in ("turn", "evaluate"):
            work = self.training.evaluate if request == "evaluate" else lambda: self.training.step()[0]
            clock, processor = time.perf_counter(), time.process_time()
            for _ in range(int(words[0])):
                work().item()
            return f"{time.perf_counter() - clock} {time.process_time() - processor}"
        raise ValueError(f"unknown request {request}")


if __name__ == "__main__":
    serve(Server())
