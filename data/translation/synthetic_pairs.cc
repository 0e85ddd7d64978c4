#include "data/translation/synthetic_pairs.h"

#include <algorithm>
#include <array>

#include "base/counter_rng.h"

namespace lockstep {
namespace {

// Kind of draws of RandomPurpose::kTextSplit; pair_stream.cc has the numbers before.
constexpr std::uint64_t kSyntheticDraw = 18;
constexpr std::uint64_t kDrawsOfPair = 16;

// A word of the source, and the stem of the same word in the target.
struct Word {
  const char* source;
  const char* target;
};
constexpr std::array kNouns = {
    Word{"alku", "bero"}, Word{"banto", "cila"},  Word{"cerif", "duma"},  Word{"dolan", "eska"},
    Word{"ekim", "fane"}, Word{"furel", "gola"},  Word{"gastom", "huri"}, Word{"hinu", "joka"},
    Word{"ivar", "kelu"}, Word{"jondel", "lopa"}, Word{"kutri", "mavo"},  Word{"lemas", "nori"}};
constexpr std::array kVerbs = {
    Word{"mirato", "pasa"}, Word{"nelko", "quri"}, Word{"oprano", "rela"}, Word{"pivuto", "sumo"},
    Word{"rasko", "taki"},  Word{"sembo", "ulva"}, Word{"tolino", "veda"}, Word{"urapto", "wiko"}};
constexpr std::array kAdjectives = {
    Word{"vels", "xara"}, Word{"wirs", "yelo"},  Word{"xons", "zika"},  Word{"yafs", "abru"},
    Word{"zels", "boda"}, Word{"akors", "ceno"}, Word{"bimers", "dasi"}};
constexpr std::array kNumbers = {Word{"du", "zwo"}, Word{"tru", "dra"}, Word{"kar", "vir"},
                                 Word{"penk", "fun"}, Word{"ses", "sik"}};
constexpr std::array kAdverbs = {Word{"nune", "hodi"}, Word{"tamen", "ofta"}, Word{"supre", "alta"},
                                 Word{"malie", "lenta"}};

// Draws the words of one pair.
class Draw {
 public:
  Draw(std::uint64_t seed, Index n)
      : rng_(seed, RandomPurpose::kTextSplit, kSyntheticDraw),
        next_(static_cast<std::uint64_t>(n) * kDrawsOfPair) {}

  template <std::size_t N>
  const Word& OneOf(const std::array<Word, N>& words) {
    return words[rng_.Below(next_++, N)];
  }
  // One of them, or with probability 1/2 none.
  template <std::size_t N>
  const Word* OneOrNone(const std::array<Word, N>& words) {
    const Word& word = OneOf(words);
    return rng_.Below(next_++, 2) == 0 ? nullptr : &word;
  }

 private:
  CounterRng rng_;
  std::uint64_t next_;
};

void Append(const std::string& word, std::string* text) {
  if (!text->empty()) *text += ' ';
  *text += word;
}

struct Phrase {
  explicit Phrase(Draw* draw)
      : number(draw->OneOrNone(kNumbers)),
        adjective(draw->OneOrNone(kAdjectives)),
        noun(draw->OneOf(kNouns)) {}

  void AppendSource(std::string* text) const {
    if (number != nullptr) Append(number->source, text);
    if (adjective != nullptr) Append(adjective->source, text);
    Append(noun.source, text);
  }
  void AppendTarget(bool is_object, std::string* text) const {
    Append(std::string(noun.target) + (number != nullptr ? "i" : "") + (is_object ? "m" : ""),
           text);
    if (adjective != nullptr) Append(adjective->target, text);
    if (number != nullptr) Append(number->target, text);
  }

  const Word* number;
  const Word* adjective;
  const Word& noun;
};

}  // namespace

TextPair MakeSyntheticPair(std::uint64_t seed, Index n) {
  Draw draw(seed, n);
  const Phrase subject(&draw), object(&draw);
  const Word& verb = draw.OneOf(kVerbs);
  const Word* const adverb = draw.OneOrNone(kAdverbs);
  TextPair pair;
  pair.line = n + 1;
  subject.AppendSource(&pair.source);
  Append(verb.source, &pair.source);
  object.AppendSource(&pair.source);
  if (adverb != nullptr) Append(adverb->source, &pair.source);
  if (adverb != nullptr) Append(adverb->target, &pair.target);
  subject.AppendTarget(false, &pair.target);
  object.AppendTarget(true, &pair.target);
  Append(std::string(verb.target) + (subject.number != nullptr ? "nt" : "t"), &pair.target);
  return pair;
}

DataSplit SyntheticSplit(Index n, Index pairs) {
  constexpr Index kShare = 10;
  const Index from_end = pairs - 1 - n, held_out = pairs / kShare;
  if (from_end < held_out) return DataSplit::kTest;
  return from_end < 2 * held_out ? DataSplit::kValid : DataSplit::kTrain;
}

}  // namespace lockstep
