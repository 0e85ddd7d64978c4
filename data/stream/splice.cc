#include "data/stream/splice.h"

#include <algorithm>

#include "base/error.h"

namespace lockstep {
namespace {

// The indices of a sample's random generator (RandomPurpose::kFrames), behind those that
// FrameTransform uses for masks and before those of noise.
constexpr std::uint64_t kOwnDraws = 20'000, kJoinDraw = 20'010, kPartnerDraws = 20'020;
// The draws of one attempt to find a sample to join.
constexpr std::uint64_t kDrawsOfAttempt = 10;
constexpr std::uint64_t kAttempts = 8;

// Labels that are not known need at most this many steps: all could be equal.
Index MostSteps(Index labels) { return std::max<Index>(2 * labels - 1, 0); }

Index Below(const CounterRng& rng, std::uint64_t index, Index n) {
  return static_cast<Index>(rng.Below(index, static_cast<std::uint64_t>(n)));
}

// The cuts within samples; each sample has two more.
Index InnerCuts(const CorpusInfo& info) {
  Index cuts = 0;
  for (const auto& [name, split] : info.splits) {
    for (const ShardInfo& shard : split.shards) cuts += shard.cuts - 2 * shard.sequences;
  }
  return cuts;
}

}  // namespace

void RequireSpliceable(const CorpusInfo& info, const SpliceOptions& options) {
  if (options.IsIdentity()) return;
  const bool has_frames = info.leading().is_real() && info.has_target_lists() &&
                          info.target().type == ElementType::kInt32;
  if (!has_frames || info.schema.fields.size() != 2) {
    throw UsageError(
        "augment.crop and augment.join are for frames with lists of labels, not for the corpus "
        "(kind "
        "\"{}\"): leave them out",
        info.kind);
  }
  if (options.crop == 0) return;
  if (info.has_cuts && InnerCuts(info) == 0) {
    throw UsageError(
        "augment.crop = {} needs samples of several words whose begins are known, and the corpus "
        "has none: compare the ids of --ctm with those of the manifests, and prepare it again",
        options.crop);
  }
  if (info.has_cuts) return;
  throw UsageError(
      "augment.crop = {} needs to know where words begin, which the corpus does not say: prepare "
      "it again with --ctm FILE (times of words) or --cut-at-pauses, or set augment.crop = 0",
      options.crop);
}

Index Splice::frames() const {
  Index sum = 0;
  for (const SplicePiece& piece : pieces()) sum += piece.frames.count();
  return sum;
}

Index Splice::labels() const {
  Index sum = separators;
  for (const SplicePiece& piece : pieces()) sum += piece.labels.count();
  return sum;
}

// Between two pieces there is a separator, or perhaps two equal labels that need a blank.
Index Splice::least_steps() const {
  Index sum = count - 1;
  for (const SplicePiece& piece : pieces()) sum += piece.least_steps;
  return sum;
}

Splicer::Splicer(const SpliceOptions& options, std::uint64_t seed, Index stride, Index longest)
    : options_(options), seed_(seed), stride_(stride), longest_(longest) {
  LOCKSTEP_CHECK(options.crop >= 0 && options.crop <= 1 && options.join >= 0 && options.join <= 1);
  if (options_.most_frames == 0) options_.most_frames = longest;
}

Index Splicer::MostFrames() const {
  return options_.join > 0 ? std::max(longest_, options_.most_frames) : longest_;
}

SplicePiece Splicer::Whole(const Shard& shard, Index record) const {
  const Index labels = shard.tables.Rows(shard.targets, record);
  const bool known = shard.tables.has_cuts();
  const Index least = known ? shard.tables.Cut(record, shard.tables.Cuts(record) - 1).least_steps
                            : MostSteps(labels);
  return {record, {0, shard.tables.Length(record)}, {0, labels}, least};
}

// Uses the draws `draws` to `draws` + 4.
SplicePiece Splicer::DrawPiece(const Shard& shard, Index record, const CounterRng& rng,
                               std::uint64_t draws) const {
  const SplicePiece whole = Whole(shard, record);
  const Index words = options_.crop > 0 ? shard.tables.Cuts(record) - 1 : 1;
  if (words < 2 || rng.Uniform(draws) >= options_.crop) return whole;
  const Index kept = 1 + Below(rng, draws + 1, words - 1);
  const Index first = Below(rng, draws + 2, words - kept + 1);
  const WordCut begin = shard.tables.Cut(record, first);
  const WordCut end = shard.tables.Cut(record, first + kept);
  // Silence before a word, and after it, is not always the same.
  const auto near = [&](const WordCut& cut, std::uint64_t draw) {
    return cut.frame - cut.slack + Below(rng, draw, 2 * Index{cut.slack} + 1);
  };
  const ElementRange frames{near(begin, draws + 3), near(end, draws + 4)};
  const bool drops_separator = options_.separator >= 0 && first + kept < words;
  const Splice crop{{{{record,
                       frames,
                       {begin.label, end.label - (drops_separator ? 1 : 0)},
                       end.least_steps - begin.least_steps}}}};
  return crop.labels() > 0 && Fits(crop) ? crop.places[0] : whole;
}

std::optional<Splice> Splicer::Join(const SplicePiece& own, const SplicePiece& other) const {
  Splice joined{{own, other}, 2, 0};
  const bool between = own.labels.count() > 0 && other.labels.count() > 0;
  if (between && options_.separator >= 0) joined.separators = 1;
  if (joined.frames() > options_.most_frames || !Fits(joined)) return std::nullopt;
  return joined;
}

bool Splicer::Fits(const Splice& splice) const {
  return splice.least_steps() <= (splice.frames() + stride_ - 1) / stride_;
}

Splice Splicer::Draw(const ShardTables& tables, std::size_t targets, Index record,
                     Index epoch) const {
  const Shard shard{tables, targets};
  const CounterRng rng(seed_, RandomPurpose::kFrames, static_cast<std::uint64_t>(epoch),
                       tables.SampleId(record));
  const SplicePiece own = DrawPiece(shard, record, rng, kOwnDraws);
  if (options_.join == 0 || rng.Uniform(kJoinDraw) >= options_.join) return {{own}};
  for (std::uint64_t attempt = 0; attempt < kAttempts; ++attempt) {
    const std::uint64_t draws = kPartnerDraws + attempt * kDrawsOfAttempt;
    const Index partner = Below(rng, draws, tables.sequences());
    if (const auto joined = Join(own, DrawPiece(shard, partner, rng, draws + 1))) return *joined;
  }
  return {{own}};
}

}  // namespace lockstep
