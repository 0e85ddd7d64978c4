// The options of the importer of labelled texts. docs/text.md describes them with their names on
// the command line.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
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

// Another corpus, or the run that was trained on it, whose tokens, rules and classes a new corpus
// takes over: the model of the run can be evaluated on the new one.
struct LikeTextCorpus {
  std::string folder;
  std::string task;  // CorpusInfo::task
  Vocabulary words;
};

struct TextCorpusOptions {
  std::vector<TextFile> files;  // in the order given by the user; at least one is of kTrain
  LabelledLinesOptions lines;
  TextRules rules;
  TokenizerOptions tokens;
  // For kPieces, one of the two must be given: the file of a SentencePiece model, or the number of
  // pieces of a model to be trained on the training split (8 to 2^20).
  std::string piece_model;
  Index pieces = 0;
  VocabularyOptions vocabulary;  // for words and characters
  std::string vocabulary_file;   // a list of tokens to be used instead
  SplitDraw draw;
  // The names of the classes in the order of their ids. Empty: the labels of the training files,
  // sorted by value if all are whole numbers, else by bytes.
  std::vector<std::string> classes;
  // True: leaves out texts without tokens, and counts them. False: such a text is an error, because
  // a model has no answer for such texts, and the user should know about them.
  bool skip_empty = false;
  // With it no file needs to be of kTrain. Set by TakeOver.
  std::optional<LikeTextCorpus> like;
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

// All options that decide the contents of the corpus, for its provenance. Files are named without
// their folders.
nlohmann::json TextOptionsJson(const TextCorpusOptions& options);

// Reads "words", "characters", "sentencepiece:N" or the path of a SentencePiece model, FILE.model.
// UsageError if `value` is none of these.
void ParseTokens(const std::string& value, TextCorpusOptions* options);

// Reads "NAME=FILE": a file of which every line is a text of class NAME. UsageError if `value` has
// another form.
LabelledFile ParseClassFile(const std::string& value);

}  // namespace lockstep
