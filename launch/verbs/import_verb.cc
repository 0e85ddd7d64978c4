#include <iostream>

#include "base/shell_word.h"
#include "data/corpus/shard_format.h"
#include "launch/exchange/imported_run.h"
#include "launch/exchange/torch_import.h"
#include "launch/frame/help.h"
#include "launch/frame/options.h"
#include "launch/frame/verbs.h"
#include "launch/output/cell_text.h"
#include "launch/run/automatic_slots.h"
#include "launch/run/corpus_fit.h"
#include "launch/run/training_setup.h"
#include "launch/start/launch_check.h"
#include "launch/tasks/tasks.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "Makes a run of the parameters of a PyTorch module: `train` goes on from it, other runs start\n"
    "from it (train.start_from), `predict` and `evaluate` use it.\n"
    "  lockstep import --format safetensors --in lstm.safetensors --corpus CORPUS --run RUN\n"
    "  lockstep import --format safetensors --in model.safetensors --rename fc=head \\\n"
    "    --corpus CORPUS --run RUN\n";

constexpr OptionRow kRows[] = {
    {"in FILE", "safetensors file with the state of the module, as safetensors.torch writes it"},
    {"format NAME", "form of the file: safetensors; default safetensors"},
    {"run RUN", "run folder to make"},
    {"rename OLD=NEW",
     "calls the tensor OLD, or the tensors of the module OLD, by the name that they have in "
     "Lockstep, such as fc=head; may be repeated. Recurrent layers need it only where the file has "
     "several stacks of them",
     OptionKind::kRepeated},
    {"draw-missing", "draws parameters that the file lacks from train.seed, as for any new run",
     OptionKind::kSwitch},
};

OptionTable Describe() { return {kRows, {"Configuration", TrainingRows()}}; }

void PrintReport(const TorchImport::Report& report) {
  const auto print = [](const char* what, const std::vector<std::string>& names) {
    if (!names.empty())
      std::cout << fmt::format("{}: {}\n", what, fmt::join(CellTexts(names), ", "));
  };
  print("taken", report.taken);
  print("set to zero, because the module has no biases", report.zeros);
  print("not in the file, drawn anew", report.drawn);
  print("not used", report.unused);
}

void Import(const Options& options) {
  const std::string format = options.Maybe("format").value_or("safetensors");
  if (format != "safetensors") {
    throw UsageError("--format is \"{}\"; allowed is safetensors", format);
  }
  const TorchImport file(options.Text("in"), options.List("rename"));
  Config config;
  file.SetModel(&config);
  // A configuration must have an end; this one may differ when training goes on.
  config.Set("train.steps", "1", "import");
  FillConfig(options, &config);
  SettleSlots(0, &config);
  const CorpusInfo as_read = ReadCorpusInfo(options.Text("corpus"));
  CorpusInfo corpus = as_read;
  CompleteSchema(&corpus);
  const TrainerOptions trainer = OptionsFor(config, corpus);
  const auto model = ModelFor(trainer, corpus);
  file.RequireNamesOf(model->schema());
  AlignedBuffer<float> values(model->layout().size());
  InitialiseParameters<float>(model->layout(), trainer.seed, values.span());
  const auto report = file.Take(model->layout(), options.Has("draw-missing"), values.span());
  WriteImportedRun(options.Text("run"), config, as_read, trainer, *model, values.span());
  PrintReport(report);
  const std::string run = options.Text("run");
  std::cout << fmt::format("{}: a run before its first step, with {} parameters\n", PathText(run),
                           model->layout().count());
  std::cout << fmt::format("next: lockstep train --config {} --corpus {} --run {} --steps N\n",
                           ShellQuoted(run + "/config.toml"), ShellQuoted(options.Text("corpus")),
                           ShellQuoted(run));
}

}  // namespace

ExitCode ImportVerb(const Arguments& arguments) {
  const Options options("import", Describe(), arguments);
  if (PrintsHelp(options, kUsage, Describe())) return ExitCode::kDone;
  RequireOneProcess("import");
  Import(options);
  return ExitCode::kDone;
}

}  // namespace lockstep
