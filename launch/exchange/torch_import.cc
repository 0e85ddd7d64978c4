#include "launch/exchange/torch_import.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "base/characters.h"
#include "base/error.h"
#include "base/json_text.h"
#include "data/corpus/shard_format.h"
#include "launch/output/cell_text.h"

namespace lockstep {
namespace {

constexpr char kFirstWeight[] = "weight_ih_l0";
constexpr char kPrefix[] = "rnn.";
constexpr char kHidden[] = "rnn.weight_hh_l0", kEmbedding[] = "embedding.weight";

// Names that a file holds, for a message.
std::string Shown(std::span<const std::string> names) {
  std::string shown;
  for (const std::string& name : names) shown += (shown.empty() ? "" : ", ") + Printable(name);
  return shown;
}

// "OLD=NEW" applied to a name; the name itself if it is not meant.
std::string Renamed(const std::string& name, const std::string& from, const std::string& to) {
  if (name == from) return to;
  return name.starts_with(from + ".") ? to + name.substr(from.size()) : name;
}

// What stands before the names of each stack of recurrent layers: "", "lstm.", "encoder.rnn.".
std::vector<std::string> Prefixes(const std::map<std::string, std::string>& tensors) {
  std::vector<std::string> found;
  for (const auto& [name, in_file] : tensors) {
    if (!name.ends_with(kFirstWeight)) continue;
    const std::string prefix = name.substr(0, name.size() - std::string(kFirstWeight).size());
    if (prefix.empty() || prefix.ends_with('.')) found.push_back(prefix);
  }
  return found;
}

// Whether what follows the prefix is a parameter of a recurrent layer.
bool IsOfLayers(const std::string& rest) {
  return rest.starts_with("weight_ih_l") || rest.starts_with("weight_hh_l") ||
         rest.starts_with("bias_ih_l") || rest.starts_with("bias_hh_l") ||
         rest.starts_with("weight_hr_l");
}

// The keys that decide what a model computes, and what of the corpus it sees.
bool IsOfTheModel(const std::string& key) {
  constexpr std::string_view kOfTheCorpus[] = {"model.class_weights", "model.embeddings"};
  if (std::ranges::find(kOfTheCorpus, key) != std::end(kOfTheCorpus)) return false;
  return key.starts_with("model.") || key == "data.stack" || key == "data.stride" ||
         key == "numerics.precision";
}

}  // namespace

TorchImport::TorchImport(const std::string& path, std::span<const std::string> renames)
    : file_(SafetensorsFile::Open(path)) {
  for (const auto& [name, info] : file_.tensors()) tensors_[name] = name;
  for (const std::string& rename : renames) Rename(rename);
  NameRecurrentLayers();
  RefuseProjections();
}

void TorchImport::Rename(const std::string& rename) {
  const std::size_t at = rename.find('=');
  if (at == std::string::npos || at == 0 || at + 1 == rename.size()) {
    throw UsageError("--rename is {}; allowed is OLD=NEW, such as fc=head", Printable(rename));
  }
  const std::string from = rename.substr(0, at), to = rename.substr(at + 1);
  std::map<std::string, std::string> renamed;
  bool is_used = false;
  for (const auto& [name, in_file] : tensors_) {
    const std::string target = Renamed(name, from, to);
    is_used = is_used || target != name;
    if (renamed.emplace(target, in_file).second) continue;
    throw UsageError("--rename {}: two tensors of {} would have the name {}", rename, file_.path(),
                     Printable(target));
  }
  if (!is_used) {
    throw UsageError("--rename {}: {} has no tensor \"{}\" and none whose name begins with \"{}.\"",
                     rename, file_.path(), from, from);
  }
  tensors_ = std::move(renamed);
}

// The only stack of recurrent layers gets the name that it has in models, whatever it had.
void TorchImport::NameRecurrentLayers() {
  const std::vector<std::string> prefixes = Prefixes(tensors_);
  if (prefixes.empty() || std::ranges::find(prefixes, kPrefix) != prefixes.end()) return;
  if (prefixes.size() > 1) {
    throw UsageError(
        "{} has several stacks of recurrent layers, beginning with {}; say which of them is the "
        "encoder, such as --rename {}=rnn",
        file_.path(), Shown(prefixes), CellText(prefixes[0].substr(0, prefixes[0].size() - 1)));
  }
  std::map<std::string, std::string> named;
  for (const auto& [name, in_file] : tensors_) {
    const bool is_meant =
        name.starts_with(prefixes[0]) && IsOfLayers(name.substr(prefixes[0].size()));
    named[is_meant ? kPrefix + name.substr(prefixes[0].size()) : name] = in_file;
  }
  tensors_ = std::move(named);
}

void TorchImport::RefuseProjections() const {
  if (!tensors_.contains("rnn.weight_hr_l0")) return;
  throw BadData(
      "{}: tensor {} projects the outputs of an LSTM (proj_size of torch.nn.LSTM), which no "
      "model of Lockstep does",
      file_.path(), Printable(tensors_.at("rnn.weight_hr_l0")));
}

const TensorInfo* TorchImport::Find(const std::string& parameter) const {
  const auto found = tensors_.find(parameter);
  return found == tensors_.end() ? nullptr : &file_.tensors().at(found->second);
}

void TorchImport::RequireNamesOf(const Schema& schema) const {
  const auto stored = file_.metadata().find("lockstep.schema");
  if (stored == file_.metadata().end()) return;
  const auto of_file = ParseJsonOrDiscard(stored->second);
  const auto of_corpus = ParseJson(JsonText(SchemaToJson(schema)));
  constexpr const char* kNames = "vocabularies";
  if (!of_file.is_object() || !of_file.contains(kNames)) {
    throw BadData("{}: the metadata \"lockstep.schema\" cannot be read", file_.path());
  }
  if (of_file[kNames] == of_corpus[kNames]) return;
  throw UsageError(
      "{}: its rows are for other symbols or classes than those of the corpus, or for the same in "
      "another order (metadata \"lockstep.schema\"); prepare the corpus with --like the run that "
      "the file was exported from",
      file_.path());
}

void TorchImport::SetModel(Config* config) const {
  const auto stored = file_.metadata().find("lockstep.config");
  stored == file_.metadata().end() ? SetByShapes(config) : SetByMetadata(stored->second, config);
}

void TorchImport::SetByMetadata(const std::string& text, Config* config) const {
  try {
    const auto keys = ParseJson(text).get<std::map<std::string, std::string>>();
    for (const auto& [key, value] : keys) {
      if (IsOfTheModel(key)) config->Set(key, value, file_.path());
    }
  } catch (const nlohmann::json::exception& error) {
    throw BadData("{}: the metadata \"lockstep.config\" cannot be read: {}", file_.path(),
                  error.what());
  }
}

void TorchImport::SetByShapes(Config* config) const {
  const auto set = [&](const char* key, const std::string& value) {
    config->Set(key, value, file_.path());
  };
  const TensorInfo* const embedding = Find(kEmbedding);
  if (embedding != nullptr && embedding->shape.size() == 2) {
    set("model.embedding_size", std::to_string(embedding->shape[1]));
  }
  const TensorInfo* const recurrent = Find(kHidden);
  if (recurrent == nullptr) return;
  const std::vector<Index>& shape = recurrent->shape;
  const bool is_matrix = shape.size() == 2 && shape[1] > 0 && shape[0] % shape[1] == 0;
  const Index gates = is_matrix ? shape[0] / shape[1] : 0;
  if (gates != 1 && gates != 3 && gates != 4) {
    throw BadData(
        "{}: tensor {} has the shape [{}]; the recurrent weights of a layer of H units are "
        "[H, H] (RNN), [3 H, H] (GRU) or [4 H, H] (LSTM)",
        file_.path(), Printable(NameInFile(kHidden)), fmt::join(shape, ", "));
  }
  const Index hidden_size = shape[1];
  if (gates == 1) set("model.cell", "rnn_tanh");
  if (gates == 3) set("model.cell", "gru");
  if (gates == 4) set("model.cell", "lstm");
  set("model.hidden_size", std::to_string(hidden_size));
  set("model.bidirectional", Find("rnn.weight_hh_l0_reverse") != nullptr ? "true" : "false");
  Index layers = 1;
  while (Find(fmt::format("rnn.weight_hh_l{}", layers)) != nullptr) ++layers;
  set("model.layers", std::to_string(layers));
}

// True for the biases of a module that was made with bias=False.
bool TorchImport::IsLeftOut(const std::string& parameter) const {
  return parameter.starts_with("rnn.bias_") && Find("rnn.weight_ih_l0") != nullptr &&
         std::ranges::none_of(
             tensors_, [](const auto& entry) { return entry.first.starts_with("rnn.bias_"); });
}

// All that differ, because any of them may be the one that is wrong: the sizes of the model come
// from some of the tensors, from the configuration and from the corpus.
void TorchImport::RequireShapes(const ParameterLayout& layout) const {
  constexpr std::size_t kTold = 8;
  std::vector<std::string> wrong;
  for (const ParameterInfo& info : layout.infos()) {
    const TensorInfo* const tensor = Find(info.name);
    if (tensor == nullptr || tensor->shape == info.shape) continue;
    wrong.push_back(fmt::format("tensor {} has the shape [{}], the parameter {} [{}]",
                                Printable(tensors_.at(info.name)), fmt::join(tensor->shape, ", "),
                                info.name, fmt::join(info.shape, ", ")));
  }
  if (wrong.empty()) return;
  const std::size_t all = wrong.size();
  wrong.resize(std::min(kTold, all));
  throw UsageError(
      "{} does not fit the model: {}{}. Hidden size, cell and layers of the model are those of "
      "{} and the embedding's columns those of {}, where --set does not say otherwise; "
      "inputs, symbols and classes are those of the corpus. Set the keys of model.* as the model "
      "in the file was made, or prepare the corpus with its symbols and classes",
      file_.path(), fmt::join(wrong, "; "), all > kTold ? "; ..." : "",
      Printable(NameInFile(kHidden)), Printable(NameInFile(kEmbedding)));
}

std::string TorchImport::NameInFile(const std::string& parameter) const {
  const auto found = tensors_.find(parameter);
  return found == tensors_.end() ? parameter : found->second;
}

void TorchImport::Copy(const ParameterInfo& info, std::span<float> target) const {
  const std::string& in_file = tensors_.at(info.name);
  const std::vector<float> values = file_.ReadFloats(in_file);
  const auto wrong = std::ranges::find_if_not(values, [](float v) { return std::isfinite(v); });
  if (wrong != values.end()) {
    throw BadData(
        "{}: element {} of tensor {} is {} as float; a model has finite parameters: import a "
        "state from before the training diverged",
        file_.path(), wrong - values.begin(), Printable(in_file), *wrong);
  }
  std::ranges::copy(values, target.begin());
}

TorchImport::Report TorchImport::Take(const ParameterLayout& layout, bool may_lack,
                                      std::span<float> values) const {
  RequireShapes(layout);
  Report report;
  std::set<std::string> used;
  for (const ParameterInfo& info : layout.infos()) {
    const auto target = values.subspan(static_cast<std::size_t>(info.offset),
                                       static_cast<std::size_t>(info.count()));
    if (Find(info.name) != nullptr) {
      Copy(info, target);
      report.taken.push_back(info.name);
      used.insert(tensors_.at(info.name));
    } else if (IsLeftOut(info.name)) {
      std::ranges::fill(target, 0.0F);
      report.zeros.push_back(info.name);
    } else {
      report.drawn.push_back(info.name);
    }
  }
  for (const auto& [name, info] : file_.tensors()) {
    if (!used.contains(name)) report.unused.push_back(name);
  }
  if (report.taken.empty() || (!report.drawn.empty() && !may_lack)) FailLacking(report);
  return report;
}

void TorchImport::FailLacking(const Report& report) const {
  constexpr std::size_t kTold = 20;
  const std::size_t told = std::min(kTold, report.unused.size());
  const std::string rest = report.unused.empty()
                               ? "all its tensors have other names of the model"
                               : fmt::format("of its tensors, these have no use: {}{}",
                                             Shown(std::span(report.unused).first(told)),
                                             report.unused.size() > told ? ", ..." : "");
  throw UsageError(
      "{} lacks the parameters {} of the model; {}. Give other names with --rename OLD=NEW, other "
      "shapes with --set model.KEY=VALUE{}",
      file_.path(), fmt::join(report.drawn, ", "), rest,
      report.taken.empty() ? "" : ", or draw what is missing from train.seed with --draw-missing");
}

}  // namespace lockstep
