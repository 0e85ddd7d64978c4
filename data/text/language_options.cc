#include "data/text/language_options.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace lockstep {
namespace {

constexpr Index kFewestPieces = 8;
constexpr Index kMostPieces = Index{1} << 20;
constexpr std::string_view kTrainedPieces = "sentencepiece:";

using Violations = std::vector<std::string>;

void CheckFiles(const LanguageOptions& options, Violations* violations) {
  const bool none = std::ranges::all_of(options.files, [](const auto& of) { return of.empty(); });
  if (options.like && none) {
    violations->push_back("no file is given: give --test FILE, --valid FILE or --train FILE");
  }
  if (!options.like && options.files[0].empty())
    violations->push_back("no training file is given: give --train FILE");
}

void CheckKind(const LanguageOptions& options, Violations* violations) {
  const SymbolOptions& symbols = options.symbols;
  const bool pieces = symbols.kind == SymbolKind::kPieces && !options.like;
  const bool bytes = symbols.kind == SymbolKind::kBytes;
  if (pieces && options.piece_model.empty() &&
      (options.pieces < kFewestPieces || options.pieces > kMostPieces)) {
    violations->push_back(fmt::format("--tokens is {}{}, allowed: {}..{} pieces", kTrainedPieces,
                                      options.pieces, kFewestPieces, kMostPieces));
  }
  if ((pieces || bytes) && !options.vocabulary_file.empty()) {
    violations->push_back(fmt::format("--vocabulary is given, but {} have their own: leave it out",
                                      SymbolKindName(symbols.kind)));
  }
  if (symbols.split_punctuation && symbols.kind != SymbolKind::kWords)
    violations->push_back("--split-punctuation is for --tokens words only: leave it out");
  if (bytes && symbols.rules.lower_case)
    violations->push_back(
        "--lower-case changes letters, but --tokens bytes reads none: leave it out");
  if (bytes && !IsUtf8Name(options.encoding))
    violations->push_back(
        "--encoding does not go with --tokens bytes, which are those of the file");
  if (bytes && !symbols.rules.compose)
    violations->push_back(
        "--no-compose is for letters, but --tokens bytes reads none: leave it out");
  const bool has_newline = bytes || symbols.kind == SymbolKind::kCharacters;
  if (symbols.line_end == LineEnd::kNewline && !has_newline) {
    violations->push_back(
        "--line-end is newline, which is for --tokens characters and bytes; allowed for words and "
        "pieces: eos, none");
  }
}

}  // namespace

void CheckLanguageOptions(const LanguageOptions& options) {
  Violations violations;
  CheckFiles(options, &violations);
  CheckKind(options, &violations);
  try {
    CheckVocabularyOptions(options.vocabulary);
  } catch (const InputError& error) {
    violations.emplace_back(error.what());
  }
  if (options.out.empty())
    violations.emplace_back("--out is missing: give the folder of the corpus");
  if (options.shard_bytes < 1) {
    violations.push_back(
        fmt::format("--shard-bytes is {}, allowed: 1 or more", options.shard_bytes));
  }
  if (!violations.empty()) throw UsageError("{}", fmt::join(violations, "; "));
}

void ParseSymbols(const std::string& value, LanguageOptions* options) {
  SymbolOptions& symbols = options->symbols;
  const bool signs = value == "characters" || value == "bytes";
  symbols.line_end = signs ? LineEnd::kNewline : LineEnd::kSymbol;
  if (signs) options->vocabulary.min_count = 1;
  if (value == "words") {
    symbols.kind = SymbolKind::kWords;
  } else if (signs) {
    symbols.kind = value == "bytes" ? SymbolKind::kBytes : SymbolKind::kCharacters;
  } else if (value.starts_with(kTrainedPieces) &&
             ReadNumber(std::string_view(value).substr(kTrainedPieces.size()), &options->pieces)) {
    symbols.kind = SymbolKind::kPieces;
  } else if (value.ends_with(".model")) {
    symbols.kind = SymbolKind::kPieces;
    options->piece_model = value;
  } else {
    throw UsageError(
        "--tokens is \"{}\", allowed: words, characters, bytes, sentencepiece:N, FILE.model",
        value);
  }
}

void TakeOver(const CorpusInfo& corpus, const std::string& folder, LanguageOptions* options) {
  if (!corpus.is_stream() || corpus.task.empty()) {
    throw UsageError(
        "--like {} is of kind \"{}\", which is no text for language models; give a corpus of "
        "`lockstep prepare text --task lm`, or a run that was trained on one",
        folder, corpus.kind);
  }
  const Vocabulary& symbols = corpus.schema.VocabularyOf(corpus.leading());
  options->like = {folder, corpus.task, symbols};
  options->symbols = SymbolEncoder::FromTask(corpus.task, symbols, folder).splitter().options();
}

}  // namespace lockstep
