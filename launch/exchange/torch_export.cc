#include "launch/exchange/torch_export.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "checkpoint/safetensors.h"
#include "data/corpus/shard_format.h"
#include "launch/frame/version.h"
#include "trainer/save/state_arrays.h"

namespace lockstep {
namespace {

// Why stacked layers of torch.nn compute something else; "" if they do not.
std::string WhyNoModule(const EncoderOptions& options) {
  if (options.layers == 0) return "the model has no recurrent layer";
  if (options.cell == CellKind::kGruResetBefore) {
    return "torch.nn.GRU resets after the recurrent product, this cell before it";
  }
  if (IsNormalised(options.cell)) return "PyTorch has no cell with layer normalisation";
  if (options.zoneout > 0 || options.cell_zoneout > 0) return "PyTorch has no zoneout";
  if (options.residual) return "PyTorch adds no inputs to outputs between layers (model.residual)";
  if (TotalLookAhead(options) > 0) return "PyTorch has no look-ahead (model.lookahead)";
  return "";
}

std::string ModuleName(CellKind cell) {
  if (HasMemory(cell)) return "LSTM";
  return HasCandidate(cell) ? "GRU" : "RNN";
}

// The columns of the input of the first recurrent layer.
Index InputSize(const ParameterLayout& layout) {
  const auto found = std::ranges::find(layout.infos(), "rnn.weight_ih_l0", &ParameterInfo::name);
  return found == layout.infos().end() ? 0 : found->cols();
}

}  // namespace

std::string TorchModule(const EncoderOptions& options, Index input_size) {
  const std::string reason = WhyNoModule(options);
  if (!reason.empty()) return "none: " + reason;
  std::string call =
      fmt::format("torch.nn.{}({}, {}", ModuleName(options.cell), input_size, options.hidden_size);
  if (options.layers > 1) call += fmt::format(", num_layers={}", options.layers);
  if (options.cell == CellKind::kRnnRelu) call += ", nonlinearity='relu'";
  return call + (options.bidirectional ? ", bidirectional=True)" : ")");
}

std::map<std::string, std::string> TorchMetadata(const TrainedModel& trained,
                                                 const CorpusInfo& corpus) {
  const EncoderOptions& encoder = trained.config.run().trainer.model.encoder;
  std::map<std::string, std::string> metadata = {
      {"format", "pt"},
      {"lockstep.config", JsonText(nlohmann::json(trained.state.config))},
      {"lockstep.rnn", TorchModule(encoder, InputSize(trained.model->layout()))},
      {"lockstep.schema", JsonText(SchemaToJson(trained.model->schema()))},
      {"lockstep.step", std::to_string(trained.state.step)},
      {"lockstep.version", kVersion}};
  // How real values were made and scaled. With ids, `task` may be a large vocabulary.
  if (!corpus.leading().is_real() && !corpus.target().is_real()) return metadata;
  if (!corpus.features.empty()) metadata["lockstep.features"] = corpus.features;
  if (!corpus.task.empty()) metadata["lockstep.task"] = corpus.task;
  return metadata;
}

void WriteTorchState(const TrainedModel& trained, const CorpusInfo& corpus,
                     const std::string& path) {
  std::vector<ArrayView> views;
  AddViews(trained.model->layout(), "", trained.values.data(), &views);
  WriteSafetensors(path, TorchMetadata(trained, corpus), views);
}

}  // namespace lockstep
