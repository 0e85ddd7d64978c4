// The options of the importer of texts for language models. docs/language.md describes them with
// their names on the command line.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/text_decoder.h"
#include "data/corpus/shard_format.h"
#include "data/corpus/shard_writer.h"
#include "data/splits/split_draw.h"
#include "data/text/symbol_encoder.h"

namespace lockstep {

// Another corpus, or the run that was trained on it, whose symbols a new corpus takes over: the
// model of the run can be evaluated on the new one.
struct LikeLanguage {
  std::string folder;
  std::string task;  // CorpusInfo::task
  Vocabulary symbols;
};

struct LanguageOptions {
  // The text of a split is that of its files, one after another. By DataSplit.
  std::array<std::vector<std::string>, kDataSplits> files;
  std::string encoding = kUtf8;
  SymbolOptions symbols;
  // For kPieces, one of the two must be given: the file of a SentencePiece model, or the number of
  // pieces of a model to be trained on the training split (8 to 2^20).
  std::string piece_model;
  Index pieces = 0;
  VocabularyOptions vocabulary;  // for words and characters
  std::string vocabulary_file;   // a list of tokens to be used instead
  // With it no file needs to be of the training split.
  std::optional<LikeLanguage> like;
  std::string out;
  Index shard_bytes = kDefaultShardBytes;
  // Symbols of a sample, which is read as a whole: few enough that one for each of many streams
  // takes little memory, many enough that their tables take little.
  Index block_symbols = Index{1} << 14;
};

// UsageError that lists all violations together.
void CheckLanguageOptions(const LanguageOptions& options);

// Reads "words", "characters", "bytes", "sentencepiece:N" or the path of a SentencePiece model,
// FILE.model. Sets what goes with the kind: how often a token must occur, and what line ends become
// (a symbol for words and pieces; a character like any other for characters and bytes). UsageError
// if `value` is none of these.
void ParseSymbols(const std::string& value, LanguageOptions* options);

// Makes *options take over the symbols of a corpus, which `folder` (of it, or of a run that was
// trained on it) holds. UsageError where it is no stream of symbols of a text.
void TakeOver(const CorpusInfo& corpus, const std::string& folder, LanguageOptions* options);

}  // namespace lockstep
