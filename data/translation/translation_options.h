// The options of the importer of parallel text. docs/translation.md describes them with their names
// on the command line.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/text_decoder.h"
#include "data/corpus/shard_format.h"
#include "data/corpus/shard_writer.h"
#include "data/splits/split_draw.h"
#include "data/text/text_rules.h"
#include "data/text/token_choice.h"
#include "data/text/vocabulary.h"

namespace lockstep {

// Two files of which line i of one is the translation of line i of the other; or one table.
struct ParallelFile {
  DataSplit split = DataSplit::kTrain;
  std::string source;
  std::string target;  // empty: `source` is a table, one pair per line, columns parted by tabs
  bool is_table() const { return target.empty(); }
};

// Another corpus, or the run that was trained on it, whose tokens a new corpus takes over.
struct LikeTranslation {
  std::string folder;
  std::string task;  // CorpusInfo::task
  Schema schema;
};

struct TranslationOptions {
  // In the order given by the user; at least one is of kTrain, unless `synthetic` or `like` is set.
  std::vector<ParallelFile> files;
  Index source_column = 1;  // of tables, counted from 1
  Index target_column = 2;
  // Pairs of invented languages instead of files (synthetic_pairs.h), drawn by draw.seed; 0: none,
  // else 10 or more. The last two tenths are for validation and test.
  Index synthetic = 0;
  std::string encoding = kUtf8;
  TextRules rules;     // of both sides
  TokenChoice source;  // how the texts of a side become tokens
  TokenChoice target;
  // One vocabulary for both sides, and for pieces one model, from the texts of both. The two token
  // choices must then be equal.
  bool shared = false;
  VocabularyOptions vocabulary;  // of each side, for words and characters
  // Validation and test pairs from the training files. The split of a pair is a function of its
  // source text, so that all translations of a sentence are in the same split.
  SplitDraw draw;
  // True: leaves out pairs of which a side has no token, and counts them. False: they are an error,
  // because files of which lines are missing on one side are usually shifted from there on.
  bool skip_empty = false;
  // Training pairs with more tokens on a side, its end not counted, are left out and counted; 0: no
  // limit. Validation and test pairs are never left out for it.
  Index max_tokens = 0;
  std::optional<LikeTranslation> like;  // with it no file needs to be of kTrain
  std::string out;
  Index shard_bytes = kDefaultShardBytes;
};

// UsageError that lists all violations together.
void CheckTranslationOptions(const TranslationOptions& options);

// All options that decide the contents of the corpus, for its provenance.
nlohmann::json TranslationOptionsJson(const TranslationOptions& options);

// The files of a split as the user lists them: one table, or SOURCE TARGET, as often as wanted.
// UsageError for an odd number of files above one.
void AddParallelFiles(DataSplit split, const std::vector<std::string>& paths,
                      TranslationOptions* options);

// Makes *options take over the tokens of a corpus, which `folder` (of it, or of a run that was
// trained on it) holds. UsageError where it is of another kind.
void TakeOver(const CorpusInfo& corpus, const std::string& folder, TranslationOptions* options);

}  // namespace lockstep
