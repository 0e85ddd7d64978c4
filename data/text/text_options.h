// What an importer of labelled texts is told. Each option is named in docs/text.md as it is given
// on the command line.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/types.h"
#include "data/batch/schema.h"
#include "data/corpus/shard_writer.h"
#include "data/splits/split_draw.h"
#include "data/text/labelled_formats.h"
#include "data/text/text_rules.h"
#include "data/text/tokenizer.h"
#include "data/text/vocabulary.h"

namespace lockstep {

struct TextFile {
  DataSplit split = DataSplit::kTrain;
  LabelledFile file;
};

struct TextCorpusOptions {
  std::vector<TextFile> files;  // in the order that the user gives; one of kTrain at least
  LabelledLinesOptions lines;
  TextRules rules;
  TokenizerOptions tokens;
  // kPieces needs one of the two: a SentencePiece model file, or how many pieces to train on the
  // training split (8 .. 2^20).
  std::string piece_model;
  Index pieces = 0;
  VocabularyOptions vocabulary;  // words and characters
  std::string vocabulary_file;   // instead: a list of tokens
  SplitDraw draw;
  // Names of the classes in the order of their ids; empty: those of the training files, in the
  // order of their numbers where all are whole numbers, else of their bytes.
  std::vector<std::string> classes;
  // Leaves texts without a token out and counts them. Off: a model that is asked about such a text
  // later has no answer, so their number should be known.
  bool skip_empty = false;
  std::string out;
  Index shard_bytes = kDefaultShardBytes;

  // Where an importer of something else that is written as labelled text differs, such as that of
  // nucleotide sequences (data/dna/labelled_sequences.h).
  std::string kind = "text";    // CorpusInfo::kind
  std::string unit = "tokens";  // Schema::unit
  Vocabulary fixed_words = {};  // not empty: the vocabulary, whatever the training split holds
  std::function<std::unique_ptr<LabelledLines>(const LabelledFile&, const LabelledLinesOptions&)>
      open = OpenLabelledLines;
};

// UsageError that lists all violations together.
void CheckTextOptions(const TextCorpusOptions& options);

// Everything that decides what the corpus is, for its provenance. Files are named without folders.
nlohmann::json TextOptionsJson(const TextCorpusOptions& options);

// "words", "characters", "sentencepiece:N" or the path of a SentencePiece model, FILE.model.
// UsageError when it is none of these.
void ParseTokens(const std::string& value, TextCorpusOptions* options);

// "NAME=FILE": a file whose every line is a text of class NAME. UsageError when it is no such
// thing.
LabelledFile ParseClassFile(const std::string& value);

}  // namespace lockstep
