// Keys of training: how long, on how many threads, how ranks work together and are watched.
#include "base/start_thread.h"
#include "launch/config/keys.h"

namespace lockstep {
namespace {

constexpr OnResume kMayChange = OnResume::kMayChange;

void AddAverageKeys(AverageOptions* a, KeyTable* table) {
  table->AddEnum("train.average_weights", &a->kind, AverageFromName, AverageName,
                 "running average of the parameters that is kept beside them, saved in each "
                 "checkpoint, and written at the end for --checkpoint average of evaluate and "
                 "predict: off, ema (exponential moving average, train.average_decay), mean (of "
                 "all updates after train.average_from) or mean_on_plateau (a mean that begins "
                 "when validations get no better, train.average_patience)");
  table->AddNumber("train.average_decay", &a->decay, KeyTable::ShareBelowOne(),
                   "share of itself that the exponential moving average of the parameters keeps at "
                   "an update; less in the first ones");
  table->AddNumber("train.average_from", &a->from, KeyTable::AtLeast(Index{0}),
                   "number of updates after which train.average_weights = \"mean\" begins");
  table->AddNumber("train.average_patience", &a->patience, {1, 1000},
                   "train.average_weights = \"mean_on_plateau\" begins when a validation is worse "
                   "than the best of those more than this number of validations before it");
}

void AddLengthKeys(TrainerOptions* t, KeyTable* table) {
  table->AddNumber("train.seed", &t->seed, {0, std::numeric_limits<std::uint64_t>::max()},
                   "seed of every random draw");
  table->AddNumber("train.steps", &t->steps, KeyTable::AtLeast(Index{0}),
                   "the step at which training ends; 0: no bound", kMayChange);
  table->AddNumber("train.epochs", &t->epochs, KeyTable::AtLeast(Index{0}),
                   "the epoch at which training ends; 0: no bound", kMayChange);
  table->AddNumber("train.average", &t->checkpoint.average, {0, 1000},
                   "number of last checkpoints, at multiples of checkpoint.every and at the end, "
                   "which are kept and whose mean is written at the end, for --checkpoint average "
                   "of evaluate and predict; 0: none",
                   kMayChange);
  AddAverageKeys(&t->optimizer.average, table);
  table->AddNumber("train.threads", &t->threads, {1, kMostThreads}, "threads of each rank",
                   kMayChange);
  table->AddNumber("train.bptt_steps", &t->stream.part_steps, KeyTable::AtLeast(Index{0}),
                   "truncated backpropagation: number of steps of the parts that sequences are cut "
                   "into, each trained from the state at the end of the previous part; models of "
                   "one direction only; 0: whole sequences");
  table->AddBool("train.recompute", &t->model.encoder.recompute,
                 "computes gates again in the backward pass instead of keeping them: less memory, "
                 "the same bits, slower",
                 kMayChange);
}

void AddSamplingKeys(DecoderOptions* d, KeyTable* table) {
  table->AddNumber("train.scheduled_sampling", &d->sampling, {0.0, 1.0},
                   "probability that a step of a decoder reads in training what the model finds "
                   "most probable for the step before, in place of the target; costs a second "
                   "forward pass of the decoder; 0: never");
  table->AddNumber("train.scheduled_sampling_steps", &d->sampling_steps,
                   KeyTable::AtLeast(Index{0}),
                   "number of training steps in which the probability train.scheduled_sampling "
                   "grows from 0 to its value; 0: it is constant");
}

void AddTrafficKeys(TrainerOptions* t, KeyTable* table) {
  table->AddBool("train.overlap", &t->traffic.overlap,
                 "exchanges gradients while others are still being computed", kMayChange);
  table->AddNumber("train.replicated_share", &t->traffic.replicated_share, {-1.0, 1.0},
                   "share of the parameters that every rank updates itself instead of receiving "
                   "them from an owner; negative: chosen by the number of hosts",
                   kMayChange);
  table->AddBool("train.host_level", &t->traffic.host_level,
                 "ranks of one host add their gradients before these leave the host, and share "
                 "what arrives",
                 kMayChange);
}

void AddTimeKeys(TrainerOptions* t, KeyTable* table) {
  table->AddDuration("train.time_limit", &t->time.seconds,
                     "time after which the run must have ended with its state saved, its start "
                     "included; 0: no limit",
                     kMayChange);
  table->AddDuration("train.time_margin", &t->time.margin_seconds,
                     "time to spare before the time limit or the end of a SLURM job, besides the "
                     "time of a save; at most a tenth of the limit",
                     kMayChange);
}

void AddWatchKeys(TrainerOptions* t, SupervisorOptions* supervisor, KeyTable* table) {
  table->AddNumber("train.check_period", &t->check_period, {Index{-1}, kMostCount},
                   "number of steps within which all parameters and moments are checked for bits "
                   "that changed by themselves; -1: as few as 0.1 % of the time allows, at most "
                   "50; 0: never",
                   kMayChange);
  table->AddNumber("train.max_skipped", &t->max_skipped, KeyTable::AtLeast(Index{1}),
                   "number of steps in a row whose gradient is not finite that ends the run",
                   kMayChange);
  table->AddBool("train.supervise", &supervisor->on,
                 "runs a process beside each rank that ends the job when the rank dies or stalls",
                 kMayChange);
  table->AddNumber("train.stall_seconds", &supervisor->stall_seconds, KeyTable::AtLeast(0.0),
                   "seconds without progress after which a rank counts as stalled, or the time of "
                   "10 steps where that is longer; 0: never",
                   kMayChange);
}

}  // namespace

void AddTrainKeys(RunConfig* run, KeyTable* table) {
  AddLengthKeys(&run->trainer, table);
  table->AddText("train.start_from", &run->start_from,
                 "run folder whose best parameters a new run starts with, where names and shapes "
                 "agree; embeddings and outputs by the names of symbols and classes; none: random "
                 "ones",
                 [](const std::string& path) {
                   if (path.empty()) throw UsageError("allowed are none and a run folder");
                 });
  table->AddText("train.start_parts", &run->start_parts,
                 "parameters that train.start_from takes: names as `lockstep inspect` prints them, "
                 "with * and ? as in file names and commas between; the others are drawn anew",
                 [](const std::string& patterns) {
                   if (patterns.empty())
                     throw UsageError("allowed are names of parameters, such as rnn.*");
                 });
  table->AddText("train.freeze", &run->trainer.optimizer.freeze,
                 "parameters that training never changes: names as `lockstep inspect` prints them, "
                 "with * and ? as in file names and commas between; empty: none",
                 [](const std::string&) {});
  AddSamplingKeys(&run->trainer.model.decoder, table);
  AddTrafficKeys(&run->trainer, table);
  AddTimeKeys(&run->trainer, table);
  AddWatchKeys(&run->trainer, &run->supervisor, table);
}

}  // namespace lockstep
