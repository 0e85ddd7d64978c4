#include "worker/heads/heads.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "data/batch/span_tags.h"
#include "worker/heads/crf_head.h"
#include "worker/heads/pooled_head.h"
#include "worker/heads/step_head.h"
#include "worker/layers/input_layer.h"
#include "worker/losses/sigmoid_loss.h"

namespace lockstep {
namespace {

// Refuses label smoothing where there is no softmax with one target class per row.
void RefuseSmoothing(const HeadOptions& options, const char* targets) {
  if (options.label_smoothing == 0) return;
  throw UsageError(
      "model.label_smoothing is {}, but there is {}; it is for one target class per step or per "
      "sequence: leave it out, or set it to 0",
      options.label_smoothing, targets);
}

template <typename S>
std::unique_ptr<RowLoss<S>> MakeRowLoss(const HeadOptions& options, const HeadInputs& inputs) {
  const Field& target = inputs.schema.fields[inputs.target];
  if (!target.is_real()) {
    return MakeSoftmaxLoss<S>(inputs.schema.IdsOf(target), options.class_weights,
                              options.label_smoothing);
  }
  RefuseSmoothing(options, "a corpus of real-valued targets");
  RequireRealLoss(options.loss);
  return options.loss == "squared" ? MakeSquaredLoss<S>(target.width, options.target_scales)
                                   : MakeAbsoluteLoss<S>(target.width, options.target_scales);
}

DenseShape DenseOf(const HeadOptions& options, const HeadInputs& inputs) {
  return {inputs.width, options.dense_layers, options.dense_size, options.dense_dropout,
          inputs.precision};
}

// Refuses options that only a pooled head has, when the head gives one row per step: ignoring them
// silently would mislead the user.
void RefusePooling(const HeadOptions& options) {
  if (options.pooling == HeadOptions().pooling && options.pooled_dropout == 0) return;
  throw UsageError(
      "model.pooling is \"{}\" and model.pooled_dropout {}, but the corpus has no target per "
      "sequence to pool its steps for: leave both out",
      options.pooling, options.pooled_dropout);
}

// The embedding that is the weight of the output, too; none if it is not asked for. UsageError if
// its shape does not fit.
std::optional<ParameterId> TiedEmbedding(const HeadOptions& options, const HeadInputs& inputs,
                                         Index classes, const ParameterLayout& layout) {
  if (!options.tie_embeddings) return {};
  if (!inputs.embedding) {
    throw UsageError(
        "model.tie_embeddings is true, but the inputs of the corpus are real values, which have no "
        "embedding: set it to false");
  }
  const ParameterInfo& embedding = layout[*inputs.embedding];
  if (embedding.rows() != classes) {
    throw UsageError(
        "model.tie_embeddings is true, but the corpus has {} input symbols and {} target classes; "
        "only a vocabulary of both can share its weights: set it to false",
        embedding.rows(), classes);
  }
  const Index width = options.dense_layers > 0 ? options.dense_size : inputs.width;
  if (embedding.cols() == width) return inputs.embedding;
  throw UsageError(
      "model.tie_embeddings is true, but the rows that the output reads have {} values and those "
      "of the embedding {}: set model.embedding_size = {}, or give the last layer {} units ({})",
      width, embedding.cols(), width, embedding.cols(),
      options.dense_layers > 0 ? "model.dense_size" : "model.hidden_size, for each direction");
}

void RefuseTying(const HeadOptions& options) {
  if (!options.tie_embeddings) return;
  throw UsageError(
      "model.tie_embeddings is true; it is for one target class per step (model.head = softmax): "
      "set it to false");
}

template <typename S>
std::unique_ptr<StepLoss<S>> MakeStepLoss(const HeadOptions& options, const HeadInputs& inputs) {
  const Field& target = inputs.schema.fields[inputs.target];
  auto loss = MakeRowLoss<S>(options, inputs);
  if (target.is_real() || !SpanTags::Of(inputs.schema.VocabularyOf(target)))
    return MakeRowStepLoss<S>(inputs.target, std::move(loss));
  return MakeTagStepLoss<S>(inputs.target, inputs.schema.VocabularyOf(target), std::move(loss));
}

template <typename S>
std::unique_ptr<Head<S>> MakeStepHead(const HeadOptions& options, const HeadInputs& inputs,
                                      ParameterLayout* layout) {
  RefusePooling(options);
  const Field& target = inputs.schema.fields[inputs.target];
  if (target.is_real()) RefuseTying(options);
  const auto tied = TiedEmbedding(options, inputs, inputs.schema.IdsOf(target), *layout);
  return std::make_unique<StepHead<S>>(DenseOf(options, inputs), MakeStepLoss<S>(options, inputs),
                                       layout, tied);
}

template <typename S>
std::unique_ptr<Head<S>> MakeCrfHead(const HeadOptions& options, const HeadInputs& inputs,
                                     ParameterLayout* layout) {
  RefusePooling(options);
  RefuseTying(options);
  if (!options.class_weights.empty()) {
    throw UsageError(
        "model.class_weights does not go with model.head = \"crf\", whose loss belongs to whole "
        "sequences: set it to none, or take model.head = \"softmax\"");
  }
  RefuseSmoothing(options, "a head of kind crf, whose loss belongs to whole sequences");
  return std::make_unique<CrfHead<S>>(inputs.target, inputs.schema, DenseOf(options, inputs),
                                      layout);
}

template <typename S>
std::unique_ptr<Head<S>> MakeCtcHead(const HeadOptions& options, const HeadInputs& inputs,
                                     ParameterLayout* layout) {
  RefusePooling(options);
  RefuseTying(options);
  if (!options.class_weights.empty()) {
    throw UsageError("model.class_weights does not go with a list of labels: set it to none");
  }
  RefuseSmoothing(options, "a corpus with lists of labels without times (CTC)");
  const Index classes = inputs.schema.IdsOf(inputs.schema.fields[inputs.target]);
  return std::make_unique<StepHead<S>>(
      DenseOf(options, inputs), MakeCtcStepLoss<S>(inputs.target, classes, options.label_texts),
      layout);
}

template <typename S>
std::unique_ptr<Head<S>> MakePooledHead(const HeadOptions& options, const HeadInputs& inputs,
                                        ParameterLayout* layout) {
  RefuseTying(options);
  Pooling<S> pooling(PoolingFromName(options.pooling), inputs.width, inputs.directions,
                     inputs.precision, layout);
  return std::make_unique<PooledHead<S>>(
      inputs.target, inputs.schema, SequenceInputs(inputs.schema), std::move(pooling),
      DenseOf(options, inputs), options.pooled_dropout, MakeRowLoss<S>(options, inputs), layout);
}

// The loss of sets of labels: of each step, or of each sequence, where label 0 is none.
template <typename S>
std::unique_ptr<RowLoss<S>> MakeLabelSetLoss(const HeadOptions& options, const HeadInputs& inputs) {
  if (!options.class_weights.empty())
    throw UsageError("model.class_weights does not go with sets of labels: set it to none");
  RefuseSmoothing(options, "a corpus with sets of labels");
  const Field& target = inputs.schema.fields[inputs.target];
  const Index first = target.alignment == Alignment::kList ? 1 : 0;
  return MakeSigmoidLoss<S>(inputs.schema.IdsOf(target), first);
}

template <typename S>
std::unique_ptr<Head<S>> MakeSigmoidHead(const HeadOptions& options, const HeadInputs& inputs,
                                         ParameterLayout* layout) {
  RefusePooling(options);
  RefuseTying(options);
  return std::make_unique<StepHead<S>>(
      DenseOf(options, inputs),
      MakeRowStepLoss<S>(inputs.target, MakeLabelSetLoss<S>(options, inputs)), layout);
}

template <typename S>
std::unique_ptr<Head<S>> MakePooledSigmoidHead(const HeadOptions& options, const HeadInputs& inputs,
                                               ParameterLayout* layout) {
  RefuseTying(options);
  if (!options.label_texts.empty()) {
    throw UsageError(
        "model.head is \"pooled_sigmoid\", which is for sets of labels, but the labels of the "
        "corpus "
        "spell a text: set it to \"ctc\"");
  }
  Pooling<S> pooling(PoolingFromName(options.pooling), inputs.width, inputs.directions,
                     inputs.precision, layout);
  return std::make_unique<PooledHead<S>>(inputs.target, inputs.schema,
                                         SequenceInputs(inputs.schema), std::move(pooling),
                                         DenseOf(options, inputs), options.pooled_dropout,
                                         MakeLabelSetLoss<S>(options, inputs), layout);
}

template <typename S>
using Maker = std::unique_ptr<Head<S>> (*)(const HeadOptions&, const HeadInputs&, ParameterLayout*);

// One row per head and kind of target (ids or real values, and their alignment). "auto" takes the
// first row that fits.
struct HeadKind {
  const char* name;
  Alignment alignment;
  bool is_real;
  bool reads_sequence_inputs;
  Maker<float> make_float;
  Maker<double> make_double;
};
constexpr std::string_view kTogether = "crf";
constexpr std::array<HeadKind, 8> kHeads = {{
    {"softmax", Alignment::kStep, false, false, MakeStepHead<float>, MakeStepHead<double>},
    {"crf", Alignment::kStep, false, false, MakeCrfHead<float>, MakeCrfHead<double>},
    {"ctc", Alignment::kList, false, false, MakeCtcHead<float>, MakeCtcHead<double>},
    {"pooled", Alignment::kSequence, false, true, MakePooledHead<float>, MakePooledHead<double>},
    {"regression", Alignment::kStep, true, false, MakeStepHead<float>, MakeStepHead<double>},
    {"pooled_regression", Alignment::kSequence, true, true, MakePooledHead<float>,
     MakePooledHead<double>},
    {"sigmoid", Alignment::kListInStep, false, false, MakeSigmoidHead<float>,
     MakeSigmoidHead<double>},
    {"pooled_sigmoid", Alignment::kList, false, true, MakePooledSigmoidHead<float>,
     MakePooledSigmoidHead<double>},
}};

// No head scores the targets of all steps together where they are what the next steps read: a
// stream of symbols has no end, and the inputs would give the targets away.
bool Fits(const HeadKind& kind, const Schema& schema, const Field& target) {
  const bool one_id = target.is_real() || target.width == 1;
  const bool may_score_together = !schema.predicts_next || kind.name != kTogether;
  return kind.alignment == target.alignment && kind.is_real == target.is_real() && one_id &&
         may_score_together;
}

std::string FittingNames(const Schema& schema, const Field& target) {
  std::vector<std::string> names;
  for (const HeadKind& kind : kHeads) {
    if (Fits(kind, schema, target)) names.emplace_back(kind.name);
  }
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

const HeadKind& FindHead(const std::string& name, const Schema& schema) {
  const auto at = schema.Target();
  if (!at) throw UsageError("the corpus has no target field: there is nothing to learn from it");
  const Field& target = schema.fields[*at];
  for (const HeadKind& kind : kHeads) {
    if ((name == "auto" || name == kind.name) && Fits(kind, schema, target)) return kind;
  }
  throw UsageError(
      "model.head is \"{}\", which does not fit the target field \"{}\" of the corpus ({}, aligned "
      "by {}); fitting heads: {}",
      name, target.name, target.is_real() ? "real values" : "classes",
      AlignmentName(target.alignment), FittingNames(schema, target));
}

Maker<float> MakerOf(const HeadKind& kind, float /*scalar*/) { return kind.make_float; }
Maker<double> MakerOf(const HeadKind& kind, double /*scalar*/) { return kind.make_double; }

}  // namespace

std::vector<std::string> HeadNames() {
  std::vector<std::string> names = {"auto"};
  for (const HeadKind& kind : kHeads) names.emplace_back(kind.name);
  return names;
}

void RequireHeadName(const std::string& name) {
  const std::vector<std::string> names = HeadNames();
  if (std::find(names.begin(), names.end(), name) != names.end()) return;
  throw UsageError("model.head is \"{}\"; allowed are {}", name, fmt::join(names, ", "));
}

void RequireRealLoss(const std::string& loss) {
  if (loss == "squared" || loss == "absolute") return;
  throw UsageError("model.loss is \"{}\"; allowed are squared and absolute", loss);
}

std::string ResolveHead(const std::string& name, const Schema& schema) {
  return FindHead(name, schema).name;
}

bool ReadsSequenceInputs(const std::string& resolved_name) {
  const auto found = std::find_if(kHeads.begin(), kHeads.end(),
                                  [&](const HeadKind& kind) { return kind.name == resolved_name; });
  return found != kHeads.end() && found->reads_sequence_inputs;
}

template <typename S>
std::unique_ptr<Head<S>> MakeHead(const HeadOptions& options, const HeadInputs& inputs,
                                  ParameterLayout* layout) {
  return MakerOf(FindHead(options.head, inputs.schema), S{})(options, inputs, layout);
}

template std::unique_ptr<Head<float>> MakeHead(const HeadOptions&, const HeadInputs&,
                                               ParameterLayout*);
template std::unique_ptr<Head<double>> MakeHead(const HeadOptions&, const HeadInputs&,
                                                ParameterLayout*);

}  // namespace lockstep
