#include <iostream>

#include "launch/exchange/onnx_export.h"
#include "launch/exchange/torch_export.h"
#include "launch/frame/help.h"
#include "launch/frame/options.h"
#include "launch/frame/program.h"
#include "launch/frame/verbs.h"
#include "launch/output/cell_text.h"
#include "launch/output/part_file.h"
#include "launch/run/run_folder.h"
#include "launch/run/trained_model.h"
#include "launch/start/launch_check.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "Writes a trained model as a file that other programs read.\n"
    "  lockstep export --run RUN --format safetensors --out model.safetensors\n"
    "  lockstep export --run RUN --format onnx --out model.onnx\n"
    "  lockstep export --run RUN --format onnx --stream --out stream.onnx\n";

constexpr OptionRow kRows[] = {
    {"run RUN", "run folder that `lockstep train` made"},
    {"format NAME",
     "form of the file: safetensors (parameters under the names of PyTorch, with the configuration "
     "and the names of symbols and classes as metadata) or onnx (a graph that ONNX Runtime runs)"},
    {"out FILE", "file to write; it must not exist"},
    {"stream",
     "writes an ONNX graph for sequences that come in parts: the states of its recurrent layers "
     "are "
     "an input and an output",
     OptionKind::kSwitch},
};

OptionTable Describe() { return {kRows, CheckpointRows()}; }

struct Format {
  const char* name;
  using Writer = void (*)(const TrainedModel& trained, const CorpusInfo& corpus,
                          const std::string& path);
  Writer write;
  Writer write_stream;  // or null
};
constexpr Format kFormats[] = {{"safetensors", WriteTorchState, nullptr},
                               {"onnx", WriteOnnx, WriteOnnxStream}};

const Format& FormatNamed(const std::string& name) {
  std::vector<std::string> names;
  for (const Format& format : kFormats) {
    if (name == format.name) return format;
    names.emplace_back(format.name);
  }
  throw UsageError("--format is \"{}\"; allowed are {}", name, fmt::join(names, ", "));
}

ExitCode Export(const Communicator& comm, const Options& options) {
  const Format& format = FormatNamed(options.Text("format"));
  const bool streams = options.Has("stream");
  if (streams && format.write_stream == nullptr) {
    throw UsageError("--stream is for --format onnx; a file of {} holds no graph", format.name);
  }
  const std::string path = options.Text("out");
  { const PartFile can_be_made(path); }  // said before the model is read
  const CorpusInfo corpus = ReadSharedRunCorpus(comm, options.Text("run"));
  const auto trained =
      LoadTrainedModel(comm, options.Text("run"), corpus, ChosenCheckpoint(options));
  (streams ? format.write_stream : format.write)(*trained, corpus, path);
  std::cout << fmt::format("{}: {} parameters of {}\n", PathText(path),
                           trained->model->layout().count(), PathText(Describe(*trained)));
  return ExitCode::kDone;
}

}  // namespace

ExitCode ExportVerb(const Arguments& arguments) {
  const Options options("export", Describe(), arguments);
  if (PrintsHelp(options, kUsage, Describe())) return ExitCode::kDone;
  RequireOneProcess("export");
  return WithMpi([&](const Communicator& comm) { return Export(comm, options); });
}

}  // namespace lockstep
