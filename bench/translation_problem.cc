#include "bench/translation_problem.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/counter_rng.h"
#include "base/error.h"
#include "bench/problem_file.h"

namespace lockstep {
namespace {

// Lengths of texts in pieces; the end comes in addition.
constexpr double kMeanLength = 13, kSpread = 4.5, kTargetSpread = 1.5;
constexpr Index kShortest = 3, kLongest = 40;

class PairDraw {
 public:
  PairText::Pair Next() {
    const Index source = LengthNear(kMeanLength, kSpread);
    const Index target = LengthNear(static_cast<double>(source), kTargetSpread);
    return {Text(source), Text(target)};
  }

 private:
  Index LengthNear(double mean, double spread) {
    const double drawn = mean + spread * rng_.Normal(draw_++);
    return std::clamp(static_cast<Index>(std::lround(drawn)), kShortest, kLongest);
  }
  std::vector<std::int32_t> Text(Index length) {
    std::vector<std::int32_t> ids;
    constexpr double kWords = static_cast<double>(kPieces - kEnd - 1);
    for (Index i = 0; i < length; ++i) {
      const double u = rng_.Uniform(draw_++);
      ids.push_back(static_cast<std::int32_t>(kEnd + std::min(std::pow(kWords, u), kWords)));
    }
    ids.push_back(kEnd);
    return ids;
  }

  CounterRng rng_{1, RandomPurpose::kTest};
  std::uint64_t draw_ = 0;
};

// Every so many pairs one, so that all slots have about the same work.
SlotBatch SlotOf(const std::vector<PairText::Pair>& pairs, Index slot, Index slots) {
  std::vector<const PairText::Pair*> own;
  for (Index i = slot; i < std::ssize(pairs); i += slots)
    own.push_back(&pairs[static_cast<std::size_t>(i)]);
  std::vector<Index> order, sources, targets;
  for (Index b = 0; b < std::ssize(own); ++b) order.push_back(b);
  std::ranges::stable_sort(order, [&](Index a, Index b) {
    return own[static_cast<std::size_t>(a)]->second.size() >
           own[static_cast<std::size_t>(b)]->second.size();
  });
  SlotBatch batch;
  batch.fields.resize(2);
  for (const auto* pair : own) sources.push_back(std::ssize(pair->first));
  for (const Index b : order)
    targets.push_back(std::ssize(own[static_cast<std::size_t>(b)]->second));
  batch.layout = PackedLayout(sources);
  FieldBatch& target = batch.fields[1];
  target.layout = PackedLayout(targets);
  target.sequence_of = order;
  for (Index t = 0; t < batch.layout.steps(); ++t) {
    for (Index b = 0; b < batch.layout.active(t); ++b)
      batch.fields[0].ids.push_back(
          own[static_cast<std::size_t>(b)]->first[static_cast<std::size_t>(t)]);
  }
  for (Index t = 0; t < target.layout.steps(); ++t) {
    for (Index k = 0; k < target.layout.active(t); ++k) {
      const auto b = static_cast<std::size_t>(order[static_cast<std::size_t>(k)]);
      target.ids.push_back(own[b]->second[static_cast<std::size_t>(t)]);
    }
  }
  batch.sample_ids.resize(own.size());
  return batch;
}

SlotBounds BoundsOf(const SlotBatch& slot) {
  const PackedLayout &source = slot.layout, &target = slot.fields[1].layout;
  return {source.sequences(),
          source.steps(),
          source.rows(),
          {source.rows(), target.rows()},
          {source.steps(), target.steps()}};
}

}  // namespace

ModelOptions TranslatorOptions(bool drops) {
  ModelOptions options;
  options.encoder.cell = CellKind::kGru;
  options.encoder.hidden_size = options.encoder.embedding_size = 256;
  options.encoder.embedding_scale = 0.1;
  options.encoder.input_dropout = options.encoder.output_dropout = drops ? 0.3 : 0;
  options.head.tie_embeddings = true;
  options.head.label_smoothing = 0.1;
  options.decoder.attention = AttentionKind::kDot;
  return options;
}

Schema TranslatorSchema() {
  Schema schema;
  schema.vocabularies = {
      {"shared", std::vector<std::string>(static_cast<std::size_t>(kPieces), "x"), {}, -1}};
  schema.vocabularies[0].start = schema.vocabularies[0].end = kEnd;
  schema.fields = {{.name = "inputs", .type = ElementType::kInt32, .vocabulary = 0},
                   {.name = "targets",
                    .type = ElementType::kInt32,
                    .alignment = Alignment::kOwnSteps,
                    .role = FieldRole::kTarget,
                    .vocabulary = 0}};
  return schema;
}

PairText::PairText(Index slots) {
  std::vector<Pair> all;
  PairDraw draw;
  for (Index i = 0; i < kBatches * kPairsOfBatch; ++i) all.push_back(draw.Next());
  std::ranges::stable_sort(all, [](const Pair& a, const Pair& b) {
    return a.first.size() + a.second.size() > b.first.size() + b.second.size();
  });
  for (auto begin = all.begin(); begin != all.end(); begin += kPairsOfBatch) {
    std::vector<Pair>& pairs = pairs_.emplace_back(begin, begin + kPairsOfBatch);
    std::ranges::stable_sort(
        pairs, [](const Pair& a, const Pair& b) { return a.first.size() > b.first.size(); });
    RankBatch& batch = batches_.emplace_back();
    batch.sequences = kPairsOfBatch;
    batch.slot_range = {0, slots};
    for (const Pair& pair : pairs) {
      batch.steps += std::ssize(pair.first);
      batch.target_steps += std::ssize(pair.second);
    }
    for (Index slot = 0; slot < slots; ++slot) {
      batch.slots.push_back(SlotOf(pairs, slot, slots));
      bounds_ = bounds_.rows == 0 ? BoundsOf(batch.slots.back())
                                  : Larger(bounds_, BoundsOf(batch.slots.back()));
    }
  }
}

Index PairText::target_tokens() const {
  Index tokens = 0;
  for (const RankBatch& batch : batches_) tokens += batch.target_steps;
  return tokens;
}

void SaveTranslationProblem(const std::string& path, const ParameterLayout& layout,
                            std::span<const float> values, const PairText& text) {
  nlohmann::json head;
  for (const ParameterInfo& info : layout.infos())
    head["parameters"].push_back({info.name, info.shape});
  for (const auto& pairs : text.pairs()) {
    nlohmann::json lengths;
    for (const auto& [source, target] : pairs) lengths.push_back({source.size(), target.size()});
    head["batches"].push_back(lengths);
  }
  std::ofstream out(path, std::ios::binary);
  out << head.dump() << "\n";
  for (const ParameterInfo& info : layout.infos()) {
    WriteArray(values.subspan(static_cast<std::size_t>(info.offset),
                              static_cast<std::size_t>(info.count())),
               out);
  }
  for (const auto& pairs : text.pairs()) {
    for (const auto& [source, target] : pairs) {
      WriteArray<std::int32_t>(source, out);
      WriteArray<std::int32_t>(target, out);
    }
  }
  out.flush();
  if (!out) throw IoError(fmt::format("cannot write {}", path));
}

}  // namespace lockstep
