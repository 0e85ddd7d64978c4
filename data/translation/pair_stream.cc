#include "data/translation/pair_stream.h"

#include "base/counter_rng.h"
#include "base/error.h"
#include "data/translation/synthetic_pairs.h"

namespace lockstep {
namespace {

// Kinds of draws of RandomPurpose::kTextSplit; labelled texts have the lower numbers.
constexpr std::uint64_t kTestDraw = 16, kValidDraw = 17;

bool HasNoToken(const std::string& text) { return WithSingleBlanks(text).empty(); }

}  // namespace

DataSplit DrawPairSplit(const SplitDraw& draw, const std::string& source) {
  if (!draw.draws()) return DataSplit::kTrain;
  const std::uint64_t place = HashOfText(source);
  const CounterRng test(draw.seed, RandomPurpose::kTextSplit, kTestDraw);
  const CounterRng valid(draw.seed, RandomPurpose::kTextSplit, kValidDraw);
  const bool folds = draw.folds > 0;
  const bool in_test = folds ? test.Below(place, static_cast<std::uint64_t>(draw.folds)) ==
                                   static_cast<std::uint64_t>(draw.fold - 1)
                             : test.Uniform(place) < draw.test_fraction;
  if (in_test) return DataSplit::kTest;
  // valid_fraction is a share of all rows, or with folds of those that are not in the test fold.
  const double share = folds ? draw.valid_fraction : draw.valid_fraction / (1 - draw.test_fraction);
  return valid.Uniform(place) < share ? DataSplit::kValid : DataSplit::kTrain;
}

PairStream::PairStream(const TranslationOptions& options, std::string what)
    : options_(options), what_(std::move(what)) {}

bool PairStream::NextRaw(TextPair* raw) {
  if (options_.synthetic > 0) {
    if (next_synthetic_ == options_.synthetic) return false;
    *raw = MakeSyntheticPair(options_.draw.seed, next_synthetic_++);
    return true;
  }
  while (true) {
    if (reader_ && reader_->Next(raw)) return true;
    if (next_file_ == options_.files.size()) return false;
    reader_.emplace(options_.files[next_file_++], options_);
  }
}

double PairStream::share_read() const {
  if (options_.synthetic > 0)
    return static_cast<double>(next_synthetic_) / static_cast<double>(options_.synthetic);
  return (static_cast<double>(next_file_ - 1) + reader_->share_read()) /
         static_cast<double>(options_.files.size());
}

bool PairStream::Next(Pair* pair) {
  for (TextPair raw; NextRaw(&raw);) {
    progress_.Tell(share_read(), [&] { return what_; });
    pair->file = options_.synthetic > 0 ? 0 : next_file_ - 1;
    pair->line = raw.line;
    pair->source = ApplyRules(options_.rules, raw.source);
    pair->target = ApplyRules(options_.rules, raw.target);
    pair->raw_target = std::move(raw.target);
    if (HasNoToken(pair->source) || HasNoToken(pair->target)) {
      NoteEmpty(HasNoToken(pair->source));
      continue;
    }
    const DataSplit split = options_.synthetic > 0
                                ? SyntheticSplit(raw.line - 1, options_.synthetic)
                                : options_.files[pair->file].split;
    pair->split = split == DataSplit::kTrain ? DrawPairSplit(options_.draw, pair->source) : split;
    ++counts_.pairs[static_cast<std::size_t>(pair->split)];
    return true;
  }
  FailIfEmpty();
  return false;
}

bool PairStream::NextTraining(Pair* pair) {
  while (Next(pair))
    if (pair->split == DataSplit::kTrain) return true;
  return false;
}

void PairStream::NoteEmpty(bool source_is_empty) {
  if (counts_.empty++ == 0)
    first_empty_ = source_is_empty ? reader_->SourcePlace() : reader_->TargetPlace();
}

void PairStream::FailIfEmpty() const {
  if (counts_.empty == 0 || options_.skip_empty) return;
  throw BadData(
      "{}: the line has no token, so its pair cannot be learned; {} pairs have an empty side. Are "
      "the lines of both files still those of each other? --skip-empty leaves such pairs out",
      first_empty_, counts_.empty);
}

}  // namespace lockstep
