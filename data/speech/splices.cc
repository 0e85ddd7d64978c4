#include "data/speech/splices.h"

#include <algorithm>

#include "base/counter_rng.h"
#include "base/error.h"
#include "base/hash.h"
#include "data/batch/label_fit.h"

namespace lockstep {
namespace {

constexpr std::uint64_t kSpliceDraw = 200;
// The indices of a splice's random generator.
constexpr std::uint64_t kOwn = 0, kJoin = 10, kPartner = 11, kPartners = 20;
constexpr double kCropShare = 0.5, kJoinShare = 0.75;
constexpr std::int32_t kNoSeparator = -1;

// Letters have a label between words; words and pieces follow each other.
std::int32_t SeparatorOf(const Units& units) {
  if (units.kind() != UnitKind::kLetters) return kNoSeparator;
  const auto found = std::ranges::find(units.names(), kSpaceName);
  return found == units.names().end() ? kNoSeparator
                                      : static_cast<std::int32_t>(found - units.names().begin());
}

// A part of a copy of an utterance.
struct Piece {
  const LoadedCopy* copy = nullptr;
  ElementRange frames;
  std::vector<std::int32_t> labels;
  bool cropped = false;
};

// One splice.
class Splice {
 public:
  Splice(const SpeechOptions& options, std::int32_t separator,
         const std::vector<const LoadedUtterance*>& sources, const std::string& name)
      : separator_(separator),
        sources_(sources),
        copies_(static_cast<std::int64_t>(options.copies.speeds.size())),
        rng_(options.seed, RandomPurpose::kSpeech, kSpliceDraw,
             Hash64(std::as_bytes(std::span(name)))) {}

  // Something else than the utterance as it is: what is not cropped is joined.
  LoadedCopy Make(const LoadedUtterance& own, std::string name) const {
    std::vector<Piece> pieces{Draw(own, kOwn)};
    if (!pieces[0].cropped || rng_.Uniform(kJoin) < kJoinShare) {
      pieces.push_back(Draw(*sources_[Below(kPartner, std::ssize(sources_))], kPartners));
    }
    LoadedCopy made{std::move(name), {0, pieces[0].copy->features.columns, {}}, {}, {}};
    for (const Piece& piece : pieces) Append(piece, &made);
    return made;
  }

 private:
  std::size_t Below(std::uint64_t index, Index n) const {
    return static_cast<std::size_t>(rng_.Below(index, static_cast<std::uint64_t>(n)));
  }

  Piece Draw(const LoadedUtterance& from, std::uint64_t draws) const {
    const LoadedCopy& copy = from.copies[Below(draws, copies_)];
    const Piece whole{&copy, {0, copy.features.rows}, from.labels, false};
    const std::vector<WordStart>& words = copy.words;
    const Index count = std::ssize(words);
    if (count < 2 || rng_.Uniform(draws + 1) >= kCropShare) return whole;
    const auto kept = 1 + Below(draws + 2, count - 1);
    const auto first = Below(draws + 3, count - static_cast<Index>(kept) + 1);
    const WordStart begin = words[first];
    WordStart end{copy.features.rows, std::ssize(from.labels)};
    if (first + kept < words.size()) {
      end = words[first + kept];
      if (separator_ != kNoSeparator) --end.label;
    }
    return {&copy,
            {begin.frame, end.frame},
            {from.labels.begin() + begin.label, from.labels.begin() + end.label},
            true};
  }

  void Append(const Piece& piece, LoadedCopy* made) const {
    const Index width = piece.copy->features.columns;
    const auto from = piece.copy->features.values.begin();
    made->features.rows += piece.frames.count();
    made->features.values.insert(made->features.values.end(), from + piece.frames.begin * width,
                                 from + piece.frames.end * width);
    const bool between = !made->labels.empty() && !piece.labels.empty();
    if (between && separator_ != kNoSeparator) made->labels.push_back(separator_);
    made->labels.insert(made->labels.end(), piece.labels.begin(), piece.labels.end());
  }

  std::int32_t separator_;
  const std::vector<const LoadedUtterance*>& sources_;
  Index copies_;
  CounterRng rng_;
};

bool IsUsable(const SpeechOptions& options, const LoadedCopy& copy) {
  const Index frames = copy.features.rows;
  const double seconds = 1e-3 * options.sound.features.frame_shift_ms * static_cast<double>(frames);
  const Index steps = (frames + options.subsampling - 1) / options.subsampling;
  return !copy.labels.empty() && LeastStepsFor(copy.labels) <= steps &&
         seconds <= options.sound.max_seconds;
}

}  // namespace

void CheckSplices(const SpeechOptions& options, const Units& units) {
  if (options.copies.splices == 0 || units.kind() != UnitKind::kLetters) return;
  if (SeparatorOf(units) != kNoSeparator) return;
  throw UsageError(
      "--splices joins transcripts, but the letters have no \"{}\" for the blank between words, as "
      "every training transcript is one word; give letters with it as --units-file, or use --units "
      "words",
      kSpaceName);
}

void AddSplices(const SpeechOptions& options, const Units& units,
                std::vector<LoadedUtterance>& loaded) {
  std::vector<const LoadedUtterance*> sources;
  for (const LoadedUtterance& one : loaded) {
    if (one.problem.empty()) sources.push_back(&one);
  }
  const std::int32_t separator = SeparatorOf(units);
  for (LoadedUtterance& one : loaded) {
    if (!one.problem.empty()) continue;
    for (Index s = 1; s <= options.copies.splices; ++s) {
      std::string name = fmt::format("{}-splice{}", one.utterance.id, s);
      const Splice splice(options, separator, sources, name);
      LoadedCopy made = splice.Make(one, std::move(name));
      if (IsUsable(options, made)) one.copies.push_back(std::move(made));
    }
  }
}

}  // namespace lockstep
