#include "launch/exchange/onnx_export.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/durable_file.h"
#include "base/error.h"
#include "data/corpus/shard_format.h"
#include "launch/exchange/onnx_layers.h"
#include "launch/exchange/torch_export.h"
#include "worker/layers/input_layer.h"
#include "worker/layers/word_input.h"

namespace lockstep {
namespace {

constexpr char kLengths[] = "lengths", kStates[] = "states", kNextStates[] = "next_states";

bool ReadsCharacters(const TrainedModel& trained) {
  const Schema& schema = trained.model->schema();
  const WordOptions& words = trained.config.run().trainer.model.encoder.words;
  return HasWordFields(schema) && std::ranges::any_of(schema.fields, [&](const Field& field) {
           return field.alignment == Alignment::kListInStep && ReadsBesideWords(words, field);
         });
}

// What ONNX cannot say of a model; empty if it can say all.
std::vector<std::string> Obstacles(const TrainedModel& trained) {
  const EncoderOptions& options = trained.config.run().trainer.model.encoder;
  std::vector<std::string> found;
  if (trained.model->score_alignment() == Alignment::kOwnSteps) {
    found.emplace_back(
        "a decoder that writes targets of their own length, which needs a search outside the "
        "graph");
  }
  if (ReadsCharacters(trained)) {
    found.emplace_back(
        "words that are read with lists of their characters, each list as long as its word (a "
        "model trained with model.characters = none can be exported)");
  }
  if (!SequenceInputs(trained.model->schema()).empty()) {
    found.emplace_back("inputs per sequence beside those per step");
  }
  if (IsNormalised(options.cell)) {
    found.push_back(fmt::format(
        "model.cell = \"{}\": the recurrent operators have no layer normalisation within a step",
        CellName(options.cell)));
  }
  if (options.zoneout > 0 || options.cell_zoneout > 0) {
    found.emplace_back(
        "model.zoneout and model.cell_zoneout: the recurrent operators do not mix states of two "
        "steps");
  }
  return found;
}

void RequireExpressible(const TrainedModel& trained) {
  const std::vector<std::string> obstacles = Obstacles(trained);
  if (obstacles.empty()) return;
  throw UsageError("{}: ONNX cannot express {}; --format safetensors holds the parameters",
                   trained.path, fmt::join(obstacles, "; nor "));
}

void RequireStream(const TrainedModel& trained) {
  const EncoderOptions& options = trained.config.run().trainer.model.encoder;
  if (TotalLookAhead(options) == 0 && options.layers > 0 &&
      trained.model->OpenStream(trained.values.data(), 1) != nullptr) {
    return;
  }
  throw UsageError(
      "{}: --stream is for models of one direction that score each step by itself and read nothing "
      "per sequence: without model.bidirectional, model.lookahead, model.head = \"crf\" and "
      "pooling; "
      "leave --stream out",
      trained.path);
}

class Exporter {
 public:
  Exporter(const TrainedModel& trained, const CorpusInfo& corpus, bool streams)
      : trained_(trained),
        corpus_(corpus),
        options_(trained.config.run().trainer.model),
        schema_(trained.model->schema()),
        streams_(streams),
        layers_(trained, streams ? "" : kLengths, &graph_) {}

  std::string File() {
    std::string x = Inputs();
    if (!streams_) graph_.AddInput(kLengths, OnnxType::kInt32, {"sequences"});
    if (layers_.Has("front.weight")) x = graph_.Add("Relu", {layers_.Linear("front", x)});
    x = streams_ ? StreamLayers(x) : Layers(x);
    Head(x);
    return graph_.File(TorchMetadata(trained_, corpus_));
  }

 private:
  std::string Inputs() {
    const Field& field = schema_.fields[0];
    if (!layers_.Has("embedding.weight")) {
      return graph_.AddInput(field.name, OnnxType::kFloat, {"steps", "sequences", field.width});
    }
    std::vector<std::string> columns = {Embedding(field, "embedding.weight")};
    const WordOptions& words = options_.encoder.words;
    for (const Field& other : std::span(schema_.fields).subspan(1)) {
      if (!HasWordFields(schema_) || !ReadsBesideWords(words, other)) continue;
      columns.push_back(Embedding(other, other.name + ".weight"));
    }
    if (columns.size() == 1) return columns[0];
    return graph_.Add("Concat", columns, {{"axis", std::int64_t{2}}});
  }

  std::string Embedding(const Field& field, const std::string& parameter) {
    const std::string ids = graph_.AddInput(field.name, OnnxType::kInt64, {"steps", "sequences"});
    return graph_.Add("Gather", {layers_.Parameter(parameter), ids});
  }

  std::string Layers(std::string x) {
    for (Index l = 0; l < options_.encoder.layers; ++l) x = layers_.Recurrent(l, x, nullptr);
    return x;
  }

  // Array i of the states is the output of layer i, or of LSTMs the output of layer i / 2, then its
  // cell state.
  std::string StreamLayers(std::string x) {
    const EncoderOptions& encoder = options_.encoder;
    const Index each = StateCount(encoder.cell), arrays = encoder.layers * each;
    graph_.AddInput(kStates, OnnxType::kFloat, {arrays, "sequences", encoder.hidden_size});
    const auto state = [&](Index i) {
      return graph_.Add("Slice", {kStates, graph_.AddIntegers({i}), graph_.AddIntegers({i + 1}),
                                  graph_.AddIntegers({0})});
    };
    std::vector<std::string> next;
    for (Index l = 0; l < encoder.layers; ++l) {
      OnnxLayers::States states{state(l * each), each > 1 ? state(l * each + 1) : ""};
      x = layers_.Recurrent(l, x, &states);
      next.push_back(states.output);
      if (each > 1) next.push_back(states.memory);
    }
    graph_.AddOutput(graph_.Add("Concat", next, {{"axis", std::int64_t{0}}}), kNextStates,
                     OnnxType::kFloat, {arrays, "sequences", encoder.hidden_size});
    return x;
  }

  std::string OutputLayers(std::string x) {
    for (Index k = 0; k < options_.head.dense_layers; ++k) {
      x = graph_.Add("Relu", {layers_.Linear(fmt::format("dense.{}", k), x)});
    }
    return layers_.Linear("head", x, options_.head.tie_embeddings ? "embedding.weight" : "");
  }

  void Head(std::string x) {
    const Index columns = trained_.model->score_width();
    if (trained_.model->score_alignment() == Alignment::kSequence) {
      const std::string row =
          layers_.Pool(options_.head.pooling, x, trained_.model->divided()->feature_width());
      graph_.AddOutput(OutputLayers(row), "logits", OnnxType::kFloat, {"sequences", columns});
      return;
    }
    const bool is_field = layers_.Has("head.transitions");
    graph_.AddOutput(OutputLayers(x), is_field ? "emissions" : "logits", OnnxType::kFloat,
                     {"steps", "sequences", columns});
    if (!is_field) return;
    for (const char* const name : {"transitions", "start", "end"}) {
      const bool is_matrix = std::string(name) == "transitions";
      graph_.AddOutput(
          layers_.Parameter(fmt::format("head.{}", name)), name, OnnxType::kFloat,
          is_matrix ? std::vector<OnnxSize>{columns, columns} : std::vector<OnnxSize>{columns});
    }
  }

  const TrainedModel& trained_;
  const CorpusInfo& corpus_;
  const ModelOptions& options_;
  const Schema& schema_;
  bool streams_;
  OnnxGraph graph_;
  OnnxLayers layers_;
};

void Write(const TrainedModel& trained, const CorpusInfo& corpus, bool streams,
           const std::string& path) {
  RequireExpressible(trained);
  if (streams) RequireStream(trained);
  WriteDurably(path, Exporter(trained, corpus, streams).File());
}

}  // namespace

void WriteOnnx(const TrainedModel& trained, const CorpusInfo& corpus, const std::string& path) {
  Write(trained, corpus, false, path);
}

void WriteOnnxStream(const TrainedModel& trained, const CorpusInfo& corpus,
                     const std::string& path) {
  Write(trained, corpus, true, path);
}

}  // namespace lockstep
