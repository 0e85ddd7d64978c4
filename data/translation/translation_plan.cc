#include "data/translation/translation_plan.h"

#include <memory>

#include "base/error.h"
#include "data/text/piece_model.h"

namespace lockstep {
namespace {

enum class Side { kSource, kTarget, kBoth };

const char* SideName(Side side) {
  if (side == Side::kBoth) return "shared";
  return side == Side::kSource ? "source" : "target";
}

// Gives the training texts of a side, or of both sides in turn.
class TrainingTexts {
 public:
  TrainingTexts(const TranslationOptions& options, Side side)
      : pairs_(options, fmt::format("which tokens the {} has", SideName(side))), side_(side) {}

  bool Next(std::string* text) {
    if (target_is_next_) {
      target_is_next_ = false;
      *text = std::move(pair_.target);
      return true;
    }
    if (!pairs_.NextTraining(&pair_)) return false;
    target_is_next_ = side_ == Side::kBoth;
    *text = std::move(side_ == Side::kTarget ? pair_.target : pair_.source);
    return true;
  }

 private:
  PairStream pairs_;
  Side side_;
  PairStream::Pair pair_;
  bool target_is_next_ = false;
};

std::shared_ptr<const PieceModel> ModelOf(const TranslationOptions& options,
                                          const TokenChoice& choice, Side side) {
  if (choice.tokens.kind != TokenKind::kPieces) return nullptr;
  if (!choice.piece_model.empty())
    return std::make_shared<const PieceModel>(PieceModel::FromFile(choice.piece_model));
  TrainingTexts texts(options, side);
  return std::make_shared<const PieceModel>(PieceModel::Train(
      [&](std::string* words) {
        std::string text;
        if (!texts.Next(&text)) return false;
        *words = WithSingleBlanks(text);
        return true;
      },
      choice.pieces));
}

Vocabulary CountedWords(const TranslationOptions& options, const Tokenizer& tokenizer, Side side,
                        Index* different) {
  TokenCounter counter;
  TrainingTexts texts(options, side);
  for (std::string text; texts.Next(&text);) counter.Add(tokenizer.Split(text));
  *different = counter.distinct();
  Vocabulary words = counter.Finish(options.vocabulary);
  if (words.names.size() > 1) return words;
  throw UsageError(
      "no token of the {} of the training split occurs {} times, so that none would have an id; "
      "give a smaller --min-count",
      SideName(side), options.vocabulary.min_count);
}

struct SidePlan {
  Vocabulary words;
  TextEncoder encoder;
  Index different = 0;
};

SidePlan PlanSide(const TranslationOptions& options, const TokenChoice& choice, Side side) {
  const Tokenizer tokenizer(choice.tokens, ModelOf(options, choice, side));
  Index different = 0;
  Vocabulary words = tokenizer.model() != nullptr
                         ? VocabularyOfPieces(*tokenizer.model())
                         : CountedWords(options, tokenizer, side, &different);
  words.name = SideName(side);
  AddSequenceEnd(&words);
  TextEncoder encoder(options.rules, tokenizer, words, choice.piece_model);
  return {std::move(words), std::move(encoder), different};
}

PairCounts CheckPairs(const TranslationOptions& options, KnownSamples* known) {
  PairStream pairs(options, "first reading: are all pairs there");
  for (PairStream::Pair pair; pairs.Next(&pair);) {
    if (options.synthetic == 0) known->AddOther(pair.split, HashOfText(pair.source));
  }
  if (!options.like && pairs.counts().pairs[0] == 0) {
    throw BadData("{}: the training split has no pair; is this the file that was meant?",
                  options.files.front().source);
  }
  return pairs.counts();
}

}  // namespace

TranslationPlan PlanTranslation(const TranslationOptions& options) {
  CheckTranslationOptions(options);
  KnownSamples known;
  const PairCounts counts = CheckPairs(options, &known);
  if (options.like) {
    const LikeTranslation& like = *options.like;
    return {PairEncoder::FromTask(like.task, like.schema, like.folder), 0, 0, counts, known};
  }
  if (options.shared) {
    const SidePlan both = PlanSide(options, options.source, Side::kBoth);
    return {PairEncoder(both.encoder, both.encoder, both.words, both.words, true, options.out),
            both.different, both.different, counts, known};
  }
  const SidePlan source = PlanSide(options, options.source, Side::kSource);
  const SidePlan target = PlanSide(options, options.target, Side::kTarget);
  return {
      PairEncoder(source.encoder, target.encoder, source.words, target.words, false, options.out),
      source.different, target.different, counts, known};
}

}  // namespace lockstep
