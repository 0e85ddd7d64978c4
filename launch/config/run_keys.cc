// Keys of what a run writes and checks on its way, and of its arithmetic.
#include "launch/config/keys.h"
#include "worker/kernels/isa.h"

namespace lockstep {
namespace {

constexpr OnResume kMayChange = OnResume::kMayChange;

void AddCheckpointKeys(CheckpointOptions* c, KeyTable* table) {
  table->AddNumber("checkpoint.every", &c->every, KeyTable::AtLeast(Index{1}),
                   "number of steps between checkpoints", kMayChange);
  table->AddNumber("checkpoint.keep", &c->keep, KeyTable::AtLeast(Index{0}),
                   "number of newest checkpoints that are kept, besides the best; 0: all",
                   kMayChange);
  table->AddNumber("checkpoint.keep_every", &c->keep_every, KeyTable::AtLeast(Index{0}),
                   "checkpoints at multiples of this number of steps are kept for ever; 0: none",
                   kMayChange);
  table->AddNumber("checkpoint.max_failed", &c->max_failed, KeyTable::AtLeast(Index{1}),
                   "number of checkpoints in a row that could not be written which ends the run",
                   kMayChange);
}

}  // namespace

void AddRunKeys(RunConfig* run, KeyTable* table) {
  TrainerOptions& t = run->trainer;
  table->AddNumber("validation.every", &t.validation.every, KeyTable::AtLeast(Index{0}),
                   "number of steps between validations; 0: one after each epoch");
  table->AddNumber("validation.patience", &t.validation.patience, KeyTable::AtLeast(Index{0}),
                   "number of validations without a better one that ends the run; 0: no bound");
  table->AddEnum("validation.metric", &t.validation.metric, ValidationMetricFromName,
                 ValidationMetricName,
                 "what makes a validation the best, whose checkpoint is kept: loss (the lowest), "
                 "accuracy (the largest share of right labels), f1 (the largest macro F1, for "
                 "classes or sets of labels per step or per sequence), micro_f1 or frame_accuracy "
                 "(the largest, for sets of labels such as the notes of a step), rmse (the lowest "
                 "root mean square error, for "
                 "real targets), perplexity (the lowest, for texts of language models and "
                 "translations), wer (the lowest word error rate of the greedy reading, for "
                 "transcripts) or bleu (the largest BLEU of the ids that greedy search writes, for "
                 "translations, which takes longer than the other metrics)");
  table->AddNumber("validation.streams", &t.stream.validation_streams, {1, 1 << 20},
                   "for texts of language models: number of pieces that the validation text is cut "
                   "into, each read from a state of zero, at most batch.sequences; `lockstep "
                   "evaluate` reads a text in one piece");
  table->AddBool("validation.average", &t.validation.average,
                 "validations use the running average of the parameters (train.average_weights), "
                 "and so do evaluate and predict unless --weights says otherwise");
  AddCheckpointKeys(&t.checkpoint, table);
  table->AddNumber("log.every", &t.log.every, KeyTable::AtLeast(Index{1}),
                   "number of steps between lines of metrics.jsonl", kMayChange);
  table->AddNumber(
      "log.gradient_by_time", &t.log.gradient_by_time, KeyTable::AtLeast(Index{0}),
      "number of steps between lines of metrics.jsonl that hold the norm of the "
      "gradient of the loss with respect to the states of each recurrent layer, by the "
      "distance in time from the end of the sequence; each costs one more forward and "
      "backward pass; 0: none",
      kMayChange);
  table->AddNumber("log.seconds", &t.log.seconds, KeyTable::AtLeast(0.0),
                   "seconds between lines of progress where standard error is no terminal",
                   kMayChange);
  table->AddBool("log.progress_bar", &t.log.progress_bar, "shows a live bar on a terminal",
                 kMayChange);
  table->AddBool(
      "log.tensorboard", &t.log.tensorboard,
      "writes the figures of metrics.jsonl also to an event file for TensorBoard, in the "
      "folder events of the run folder",
      kMayChange);
  table->AddEnum("numerics.precision", &t.model.encoder.precision, PrecisionFromName, PrecisionName,
                 "float32; or bf16 or bf16-amx: operands of products are rounded to bfloat16, sums "
                 "and weights stay float32. bf16 is fast on AMD Zen 4 and later, bf16-amx on Intel "
                 "processors with AMX; `lockstep check` says what they bring");
  table->AddText(
      "numerics.isa", &run->isa, "instruction set of all ranks: auto, sse4, avx2 or avx512",
      [](const std::string& text) {
        if (text != "auto") IsaFromName(text);
      },
      kMayChange);
}

}  // namespace lockstep
