#include "data/text/vocabulary.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/characters.h"
#include "base/error.h"
#include "base/line_reader.h"
#include "base/utf8.h"
#include "data/corpus/shard_format.h"
#include "data/text/piece_model.h"

namespace lockstep {
namespace {

constexpr const char* kVocabularyName = "words";

bool HasWhiteSpace(std::string_view text) {
  while (!text.empty()) {
    if (IsWhiteSpace(DecodeCodePoint(TakeCodePoint(&text)))) return true;
  }
  return false;
}

// A vocabulary that has only the unknown id.
Vocabulary UnknownAlone() {
  Vocabulary vocabulary;
  vocabulary.name = kVocabularyName;
  vocabulary.names = {kUnknownName};
  vocabulary.unknown = 0;
  return vocabulary;
}

bool IsOneCharacter(std::string_view token) {
  if (token.empty()) return false;
  TakeCodePoint(&token);
  return token.empty();
}

// Says why no text can contain this token; empty if a text can.
std::string WhyNeverFound(const std::string& token, const TextRules& rules, TokenKind kind) {
  if (token.empty()) return "the line is empty";
  const bool is_character = kind == TokenKind::kCharacters;
  const bool is_symbol = token == kUnknownName || token == kLineEndName;
  if (is_character && !is_symbol && !IsOneCharacter(token))
    return fmt::format("the token {} is more than one character", Printable(token));
  if (!is_character && HasWhiteSpace(token))
    return fmt::format("the token {} holds white space", Printable(token));
  const std::string ruled = ApplyRules(rules, token);
  if (ruled == token || token == kUnknownName) return {};
  return fmt::format("the token {} becomes {} by --lower-case or by Unicode composition",
                     Printable(token), Printable(ruled));
}

// The tokens of the leading field of a corpus, or of the run that was trained on it.
Vocabulary VocabularyOfCorpus(const std::string& folder, const TextRules& rules, TokenKind kind) {
  const Schema schema = ReadCorpusInfo(folder).schema;
  const Field& field = schema.fields[0];
  if (field.is_real() || schema.VocabularyOf(field).unknown < 0) {
    throw UsageError(
        "--vocabulary {}: the inputs of this corpus are not tokens of a text; give a corpus that "
        "`lockstep prepare text` made, or a file with one token per line",
        folder);
  }
  Vocabulary vocabulary = UnknownAlone();
  vocabulary.names = schema.VocabularyOf(field).names;
  vocabulary.unknown = schema.VocabularyOf(field).unknown;
  for (const std::string& name : vocabulary.names) {
    // A word of tagged sentences may hold white space; these two are characters.
    const bool is_blank = name == " " || name == "\n";
    const std::string problem =
        kind == TokenKind::kWords && !is_blank && ApplyRules(rules, name) == name
            ? ""
            : WhyNeverFound(name, rules, kind);
    if (problem.empty()) continue;
    throw UsageError(
        "--vocabulary {}: {}; prepare both corpora with the same --tokens and the same rules",
        folder, problem);
  }
  return vocabulary;
}

}  // namespace

void TokenCounter::Add(const std::vector<std::string>& tokens) {
  for (const std::string& token : tokens) Add(token);
}

void TokenCounter::Add(std::string_view token) {
  const auto found = counts_.find(token);
  found == counts_.end() ? void(counts_.emplace(token, 1)) : void(++found->second);
  ++tokens_;
  if (distinct() <= kMostTokens) return;
  throw BadData(
      "the training split has more than {} different tokens, more than a corpus can name; cut the "
      "texts into pieces (--tokens sentencepiece:16000) or characters (--tokens characters)",
      kMostTokens);
}

Vocabulary TokenCounter::Finish(const VocabularyOptions& options) const {
  std::vector<const std::pair<const std::string, Index>*> kept;
  for (const auto& entry : counts_) {
    if (entry.second >= options.min_count && entry.first != kUnknownName) kept.push_back(&entry);
  }
  std::sort(kept.begin(), kept.end(), [](const auto* a, const auto* b) {
    return a->second != b->second ? a->second > b->second : a->first < b->first;
  });
  const auto most = static_cast<std::size_t>(options.max_size - 1);
  if (kept.size() > most) kept.resize(most);
  Vocabulary vocabulary = UnknownAlone();
  for (const auto* entry : kept) vocabulary.names.push_back(entry->first);
  return vocabulary;
}

Vocabulary VocabularyFromFile(const std::string& path, const TextRules& rules, TokenKind kind) {
  if (std::filesystem::is_directory(path)) return VocabularyOfCorpus(path, rules, kind);
  Vocabulary vocabulary;
  vocabulary.name = kVocabularyName;
  std::set<std::string, std::less<>> seen;
  LineReader lines(path);
  for (std::string_view line; lines.Next(&line);) {
    const std::string token(line);
    const std::string problem = WhyNeverFound(token, rules, kind);
    const bool repeated = !seen.insert(token).second;
    if (!problem.empty() || repeated || vocabulary.names.size() >= kMostTokens) {
      throw BadData("{}:{}: {}; a vocabulary file has one token per line, each once, at most {}",
                    path, lines.line_number(),
                    !problem.empty() ? problem
                    : repeated       ? fmt::format("the token {} is there twice", Printable(token))
                                     : "there are too many tokens",
                    kMostTokens);
    }
    if (token == kUnknownName) vocabulary.unknown = static_cast<int>(vocabulary.names.size());
    vocabulary.names.push_back(token);
  }
  if (vocabulary.names.empty()) throw BadData("{}: holds no token; write one per line", path);
  if (vocabulary.unknown < 0) {
    vocabulary.names.insert(vocabulary.names.begin(), kUnknownName);
    vocabulary.unknown = 0;
  }
  return vocabulary;
}

Vocabulary VocabularyOfPieces(const PieceModel& model) {
  Vocabulary vocabulary = UnknownAlone();
  vocabulary.names.insert(vocabulary.names.end(), model.pieces().begin(), model.pieces().end());
  return vocabulary;
}

TokenIds::TokenIds(const Vocabulary& vocabulary, const std::string& file)
    : unknown_(vocabulary.unknown) {
  if (unknown_ < 0 || unknown_ >= static_cast<int>(vocabulary.names.size())) {
    throw BadData(
        "{}: the vocabulary \"{}\" has no id for unknown tokens; prepare the corpus again", file,
        vocabulary.name);
  }
  for (const std::string& name : vocabulary.names) {
    if (ids_.emplace(name, static_cast<std::int32_t>(ids_.size())).second) continue;
    throw BadData("{}: the vocabulary \"{}\" has {} twice; prepare the corpus again", file,
                  vocabulary.name, Printable(name));
  }
}

std::int32_t TokenIds::Find(std::string_view token) const {
  const auto found = ids_.find(token);
  return found == ids_.end() ? unknown_ : found->second;
}

void CheckVocabularyOptions(const VocabularyOptions& options) {
  std::vector<std::string> violations;
  if (options.min_count < 1) {
    violations.push_back(fmt::format("--min-count is {}, allowed: 1 or more", options.min_count));
  }
  if (options.max_size < 2 || options.max_size > kMostTokens) {
    violations.push_back(
        fmt::format("--max-vocabulary is {}, allowed: 2..{}", options.max_size, kMostTokens));
  }
  if (!violations.empty()) throw UsageError("{}", fmt::join(violations, "; "));
}

}  // namespace lockstep
