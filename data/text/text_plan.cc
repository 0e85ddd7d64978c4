#include "data/text/text_plan.h"

#include <memory>

#include "base/error.h"
#include "data/text/piece_model.h"

namespace lockstep {
namespace {

// The SentencePiece model given by the user; null if there is none, or if it is still to be
// trained.
std::shared_ptr<const PieceModel> GivenModel(const TextCorpusOptions& options) {
  if (options.tokens.kind != TokenKind::kPieces || options.piece_model.empty()) return nullptr;
  return std::make_shared<const PieceModel>(PieceModel::FromFile(options.piece_model));
}

// The tokenizer by which the survey finds empty texts. If pieces are still to be trained, it
// divides into words: a text without words has no pieces either.
Tokenizer TokenizerOfSurvey(const TextCorpusOptions& options,
                            const std::shared_ptr<const PieceModel>& model) {
  const bool untrained = options.tokens.kind == TokenKind::kPieces && model == nullptr;
  return untrained ? Tokenizer({}) : Tokenizer(options.tokens, model);
}

bool NextTraining(SurveyedTexts* texts, SurveyedTexts::Text* text) {
  while (texts->Next(text)) {
    if (text->row->split == DataSplit::kTrain) return true;
  }
  return false;
}

std::shared_ptr<const PieceModel> TrainModel(const TextCorpusOptions& options,
                                             const TextSurvey& survey) {
  SurveyedTexts texts(options, survey);
  SurveyedTexts::Text text;
  return std::make_shared<const PieceModel>(PieceModel::Train(
      [&](std::string* words) {
        if (!NextTraining(&texts, &text)) return false;
        *words = WithSingleBlanks(text.text);
        return true;
      },
      options.pieces));
}

Vocabulary CountedVocabulary(const TextCorpusOptions& options, const TextSurvey& survey,
                             const Tokenizer& tokenizer, Index* different_tokens) {
  TokenCounter counter;
  SurveyedTexts texts(options, survey);
  for (SurveyedTexts::Text text; NextTraining(&texts, &text);) {
    counter.Add(tokenizer.Split(text.text));
  }
  *different_tokens = counter.distinct();
  Vocabulary words = counter.Finish(options.vocabulary);
  if (words.names.size() > 1) return words;
  throw UsageError(
      "no token of the training split occurs {} times, so that none would have an id; give a "
      "smaller --min-count",
      options.vocabulary.min_count);
}

TextEncoder EncoderOf(const LikeTextCorpus& like) {
  return TextEncoder::FromTask(like.task, like.words, like.folder);
}

TextPlan PlanLike(const TextCorpusOptions& options) {
  TextEncoder encoder = EncoderOf(*options.like);
  TextSurvey survey = SurveyTexts(options, encoder.tokenizer());
  return {std::move(survey), options.like->words, std::move(encoder), 0};
}

}  // namespace

void TakeOver(const CorpusInfo& corpus, const std::string& folder, TextCorpusOptions* options) {
  const bool labelled = corpus.has_class_per_sequence();
  if (corpus.kind != options->kind || !labelled) {
    throw UsageError(
        "--like {} is of kind \"{}\" and has {} label for each sequence; give a corpus or a run "
        "of kind \"{}\" that has one",
        folder, corpus.kind, labelled ? "a" : "no", options->kind);
  }
  options->like = {folder, corpus.task, corpus.schema.VocabularyOf(corpus.leading())};
  options->classes = corpus.classes();
  const TextEncoder encoder = EncoderOf(*options->like);
  options->rules = encoder.rules();
  options->tokens = encoder.tokenizer().options();
  options->piece_model.clear();
}

TextPlan PlanTexts(const TextCorpusOptions& options) {
  CheckTextOptions(options);
  if (options.like) return PlanLike(options);
  std::shared_ptr<const PieceModel> model = GivenModel(options);
  Vocabulary words = options.fixed_words;
  if (!options.vocabulary_file.empty()) {
    words = VocabularyFromFile(options.vocabulary_file, options.rules, options.tokens.kind);
  }
  TextSurvey survey = SurveyTexts(options, TokenizerOfSurvey(options, model));
  const bool pieces = options.tokens.kind == TokenKind::kPieces;
  if (pieces && model == nullptr) model = TrainModel(options, survey);
  const Tokenizer tokenizer(options.tokens, model);
  Index different_tokens = 0;
  if (pieces) {
    words = VocabularyOfPieces(*model);
  } else if (words.names.empty()) {
    words = CountedVocabulary(options, survey, tokenizer, &different_tokens);
  }
  TextEncoder encoder(options.rules, tokenizer, words,
                      pieces ? options.piece_model : options.vocabulary_file);
  return {std::move(survey), std::move(words), std::move(encoder), different_tokens};
}

}  // namespace lockstep
