#include "data/text/language_plan.h"

#include <utility>

#include "base/error.h"
#include "base/work_progress.h"
#include "data/text/piece_model.h"

namespace lockstep {
namespace {

// The pieces of all files of the training split, one file after another.
class TrainingText {
 public:
  TrainingText(const LanguageOptions& options, PieceCut cut) : options_(options), cut_(cut) {}

  bool Next(TextPieces::Piece* piece) {
    const std::vector<std::string>& files = options_.files[0];
    while (true) {
      if (pieces_ && pieces_->Next(piece)) return Tell();
      if (next_ == files.size()) return false;
      pieces_.emplace(files[next_++], cut_, options_.encoding);
    }
  }

 private:
  bool Tell() {
    const auto files = static_cast<double>(options_.files[0].size());
    const double share = (static_cast<double>(next_ - 1) + pieces_->share_read()) / files;
    progress_.Tell(share, [] { return std::string("first reading: which tokens there are"); });
    return true;
  }

  const LanguageOptions& options_;
  PieceCut cut_;
  std::optional<TextPieces> pieces_;
  std::size_t next_ = 0;
  WorkProgress progress_{"prepare"};
};

std::shared_ptr<const PieceModel> ModelOf(const LanguageOptions& options) {
  if (options.symbols.kind != SymbolKind::kPieces) return nullptr;
  if (!options.piece_model.empty())
    return std::make_shared<const PieceModel>(PieceModel::FromFile(options.piece_model));
  TrainingText text(options, PieceCut::kWords);
  TextPieces::Piece piece;
  return std::make_shared<const PieceModel>(PieceModel::Train(
      [&](std::string* words) {
        while (text.Next(&piece)) {
          *words = WithSingleBlanks(ApplyRules(options.symbols.rules, piece.text));
          if (!words->empty()) return true;
        }
        return false;
      },
      options.pieces));
}

Vocabulary CountedVocabulary(const LanguageOptions& options, const SymbolSplitter& splitter,
                             Index* different_tokens) {
  TokenCounter counter;
  TrainingText text(options, splitter.cut());
  for (TextPieces::Piece piece; text.Next(&piece);)
    splitter.ForEach(piece, [&](std::string_view token) { counter.Add(token); });
  *different_tokens = counter.distinct();
  if (counter.distinct() == 0) {
    throw BadData("{}: the training text has no token; is this the file that was meant?",
                  options.files[0].front());
  }
  Vocabulary vocabulary = counter.Finish(options.vocabulary);
  if (vocabulary.names.size() > 1) return vocabulary;
  throw UsageError(
      "no token of the training text occurs {} times, so that none would have an id; give a "
      "smaller --min-count",
      options.vocabulary.min_count);
}

Vocabulary VocabularyOf(const LanguageOptions& options, const SymbolSplitter& splitter,
                        Index* different_tokens) {
  if (options.symbols.kind == SymbolKind::kBytes) return VocabularyOfBytes();
  if (options.symbols.kind == SymbolKind::kPieces) return VocabularyOfPieces(*splitter.model());
  if (!options.vocabulary_file.empty()) {
    const bool is_words = options.symbols.kind == SymbolKind::kWords;
    return VocabularyFromFile(options.vocabulary_file, options.symbols.rules,
                              is_words ? TokenKind::kWords : TokenKind::kCharacters);
  }
  return CountedVocabulary(options, splitter, different_tokens);
}

}  // namespace

LanguagePlan PlanLanguage(const LanguageOptions& options) {
  CheckLanguageOptions(options);
  if (options.like)
    return {
        SymbolEncoder::FromTask(options.like->task, options.like->symbols, options.like->folder),
        0};
  const SymbolSplitter splitter(options.symbols, ModelOf(options));
  Index different_tokens = 0;
  Vocabulary vocabulary = VocabularyOf(options, splitter, &different_tokens);
  FinishSymbols(options.symbols, &vocabulary);
  const std::string& file =
      options.vocabulary_file.empty() ? options.piece_model : options.vocabulary_file;
  return {SymbolEncoder(splitter, vocabulary, file), different_tokens};
}

}  // namespace lockstep
