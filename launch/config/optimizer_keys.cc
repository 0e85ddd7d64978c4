// Keys of the optimiser, its learning rate, and the clipping of gradients.
#include <limits>

#include "launch/config/keys.h"

namespace lockstep {
namespace {

const KeyTable::Bounds<double> kAboveZero = {std::numeric_limits<double>::min(),
                                             std::numeric_limits<double>::max()};

void AddRuleKeys(OptimizerOptions* o, KeyTable* table) {
  table->AddEnum("optimizer.name", &o->kind, OptimizerFromName, OptimizerName,
                 "rule that updates the parameters: sgd, rmsprop, adam or adamw");
  table->AddNumber("optimizer.momentum", &o->momentum, KeyTable::ShareBelowOne(),
                   "momentum of SGD");
  table->AddBool("optimizer.nesterov", &o->nesterov,
                 "Nesterov's form of momentum, for SGD with a momentum above 0");
  table->AddNumber("optimizer.rho", &o->rho, KeyTable::ShareBelowOne(),
                   "decay of the mean square of gradients in RMSProp");
  table->AddNumber("optimizer.beta1", &o->beta1, KeyTable::ShareBelowOne(),
                   "decay of the mean of gradients in Adam and AdamW");
  table->AddNumber("optimizer.beta2", &o->beta2, KeyTable::ShareBelowOne(),
                   "decay of the mean square of gradients in Adam and AdamW");
  table->AddNumber("optimizer.epsilon", &o->epsilon, {1e-30, std::numeric_limits<double>::max()},
                   "added to the root of the mean square in RMSProp, Adam and AdamW");
  table->AddNumber("optimizer.weight_decay", &o->weight_decay, KeyTable::AtLeast(0.0),
                   "weight decay of matrices; biases have none");
}

void AddScheduleKeys(ScheduleOptions* s, KeyTable* table) {
  table->AddEnum("schedule.name", &s->kind, ScheduleFromName, ScheduleName,
                 "how the learning rate changes: constant, inverse_sqrt, cosine, step or plateau");
  table->AddNumber("schedule.learning_rate", &s->learning_rate, KeyTable::AtLeast(0.0),
                   "highest learning rate");
  table->AddNumber(
      "schedule.warmup_steps", &s->warmup_steps, KeyTable::AtLeast(Index{0}),
      "number of steps in which the learning rate rises linearly to its highest value");
  table->AddNumber("schedule.constant_steps", &s->constant_steps, KeyTable::AtLeast(Index{0}),
                   "number of steps after warm-up that cosine and step keep the highest learning "
                   "rate before schedule.decay_steps begin");
  table->AddNumber("schedule.decay_steps", &s->decay_steps, KeyTable::AtLeast(Index{0}),
                   "number of steps to the lowest rate for cosine; from one drop to the next for "
                   "step");
  table->AddNumber("schedule.factor", &s->factor,
                   {kAboveZero.lowest, KeyTable::ShareBelowOne().highest},
                   "factor by which step and plateau lower the learning rate in a drop");
  table->AddNumber("schedule.lowest", &s->lowest, KeyTable::AtLeast(0.0),
                   "lowest learning rate after warm-up");
  table->AddNumber("schedule.patience", &s->patience, KeyTable::AtLeast(Index{0}),
                   "number of validations without progress before plateau lowers the learning "
                   "rate");
  table->AddEnum("schedule.plateau_by", &s->plateau_by, PlateauByFromName, PlateauByName,
                 "figure of validations in which plateau looks for progress: loss, or metric (the "
                 "one that validation.metric names)");
}

void AddClipKeys(ClipOptions* c, KeyTable* table) {
  table->AddEnum("clip.mode", &c->mode, ClipModeFromName, ClipModeName,
                 "how gradients are clipped by their global norm: off, fixed (clip.max_norm) or "
                 "adaptive (a quantile of recent norms)");
  table->AddNumber("clip.max_norm", &c->max_norm, kAboveZero,
                   "largest global norm of the mean gradient");
  table->AddNumber("clip.quantile", &c->quantile, {0.0, 1.0},
                   "quantile of recent norms that adaptive clipping allows");
  table->AddNumber("clip.window", &c->window, {1, 1 << 20},
                   "number of steps whose norms count as recent in adaptive clipping");
}

}  // namespace

void AddOptimizerKeys(RunConfig* run, KeyTable* table) {
  AddRuleKeys(&run->trainer.optimizer, table);
  AddScheduleKeys(&run->trainer.schedule, table);
  AddClipKeys(&run->trainer.clip, table);
}

}  // namespace lockstep
