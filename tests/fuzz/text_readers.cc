#include <array>

#include "base/line_reader.h"
#include "base/text_decoder.h"
#include "data/tagging/tagged_sentences.h"
#include "data/text/label_first.h"
#include "data/text/labelled_formats.h"
#include "data/text/text_pieces.h"
#include "data/text/unit_list.h"
#include "data/text/vocabulary.h"
#include "data/text/word_vectors.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/readers.h"
#include "worker/decode/arpa_file.h"
#include "worker/decode/word_list.h"

namespace lockstep {
namespace {

void ReadAnyArpa(const std::string& path) { ReadArpa(path); }

void ReadWordList(const std::string& path) {
  static const std::vector<std::string> labels = {"<blank>", "<space>", "a", "b", "c", "ab"};
  const WordList list = WordList::Read(path, labels);
  LOCKSTEP_CHECK(list.left_out().words <= list.left_out().lines && list.words() > 0);
  for (std::size_t label = 0; label < labels.size(); ++label) {
    const WordList::Node node = list.Child(WordList::kRoot, static_cast<Index>(label));
    if (node == WordList::kNone) continue;
    for (const Index word : list.WordsAt(node)) LOCKSTEP_CHECK(!list.word(word).empty());
  }
}

void ReadUnits(const std::string& path) {
  for (const UnitKind kind : {UnitKind::kLetters, UnitKind::kWords, UnitKind::kPieces})
    ReadOrRefuse([&] { ReadUnitList(kind, path); });
}

// A vocabulary of the lines as tokens of a text, of which those stay that occur twice.
void CountLines(const std::string& path) {
  VocabularyOptions options;
  TokenCounter counter;
  LineReader lines(path);
  for (std::string_view line; lines.Next(&line);) counter.Add({std::string(line), "a"});
  options.max_size = 2 + counter.tokens() % 100;
  CheckVocabularyOptions(options);
  const Vocabulary vocabulary = counter.Finish(options);
  LOCKSTEP_CHECK(std::ssize(vocabulary.names) <= options.max_size);
  for (const std::string& name : vocabulary.names)
    LOCKSTEP_CHECK(name == kUnknownName || counter.Count(name) >= options.min_count);
}

// Every token of a vocabulary has its id; the options of both ends are refused.
void ReadVocabulary(const std::string& path) {
  for (const bool lower_case : {false, true}) {
    ReadOrRefuse([&] {
      const TokenKind kind = lower_case ? TokenKind::kCharacters : TokenKind::kWords;
      const Vocabulary vocabulary = VocabularyFromFile(path, {.lower_case = lower_case}, kind);
      const TokenIds ids(vocabulary, "input");
      for (std::size_t i = 0; i < vocabulary.names.size(); ++i)
        LOCKSTEP_CHECK_EQ(ids.Find(vocabulary.names[i]), static_cast<std::int32_t>(i));
      LOCKSTEP_CHECK_EQ(ids.Find("no such token"), ids.unknown());
      Vocabulary twice = vocabulary;
      twice.names.push_back(twice.names.front());
      TokenIds(twice, "input");
    });
  }
  ReadOrRefuse([&] { CountLines(path); });
  ReadOrRefuse([] { CheckVocabularyOptions({.min_count = 0, .max_size = 1}); });
  ReadOrRefuse([] {
    Vocabulary without_unknown;
    without_unknown.names = {"a"};
    TokenIds(without_unknown, "input");
  });
}

void ReadRows(LabelledLines* lines) {
  // A file that cannot be unpacked is a bad row before its first line.
  for (LabelledText row; lines->Next(&row);) LOCKSTEP_CHECK(row.line > 0 || !row.problem.empty());
  LOCKSTEP_CHECK(lines->blank_lines() >= 0 && !lines->Description().empty());
  lines->FirstRowIsAGuess();
}

template <const char* const& format>
void ReadLabelled(const std::string& path) {
  LabelledLinesOptions options;
  options.format = format;
  ReadRows(OpenLabelledLines({path}, options).get());
}
constexpr const char* kCsv = "csv";
constexpr const char* kJsonl = "jsonl";
constexpr const char* kTsv = "tsv";

// With each separator, and as a file of one class.
void ReadLabelFirst(const std::string& path) {
  for (const char* const separator : {"blank", "tab", "comma", "dash"}) {
    LabelledLinesOptions options;
    options.label_separator = separator;
    ReadOrRefuse([&] { ReadRows(OpenLabelFirst(path, options).get()); });
  }
  ReadOrRefuse([&] { ReadRows(OpenClassFile({.path = path, .label = "a"}, kUtf8).get()); });
}

void ReadTaggedAs(const std::string& path, const TaggedFileOptions& options) {
  const auto sentences = OpenTaggedSentences(path, options);
  for (TaggedSentence sentence; sentences->Next(&sentence);) {
    LOCKSTEP_CHECK(!sentence.tokens.empty() || !sentence.problems.empty());
    if (!sentence.problems.empty()) continue;
    LOCKSTEP_CHECK_EQ(sentence.tokens.size(), sentence.lines.size());
    LOCKSTEP_CHECK_EQ(sentence.tags.size(), options.has_tags ? sentence.tokens.size() : 0);
  }
  LOCKSTEP_CHECK(sentences->share_read() >= 0);
}

// In the form that the name says, without tags, with the tag in another column, and in each other
// form: what a file is read as, the user says or its first sign.
template <const char* const& format>
void ReadTagged(const std::string& path) {
  const std::string form = format;
  for (const TaggedFileOptions& options : {TaggedFileOptions{.format = form},
                                           {.format = form, .has_tags = false},
                                           {.format = "columns", .tag_column = 2},
                                           {.format = "auto", .encoding = "ISO-8859-1"},
                                           {.format = "auto"},
                                           {.format = "jsonl"},
                                           {.format = "csv"}}) {
    ReadOrRefuse([&] { ReadTaggedAs(path, options); });
  }
}
constexpr const char* kColumns = "columns";

void ReadVectors(const std::string& path) {
  constexpr Index kWidth = 3;
  ReadWordVectors(path, kWidth, [&](std::string_view word, std::span<const float> values) {
    LOCKSTEP_CHECK(word.size() <= kLongestVectorWord && std::ssize(values) == kWidth);
  });
}

void ReadPiecesAs(const std::string& path, PieceCut cut, const std::string& encoding) {
  ReadOrRefuse([&] {
    TextPieces pieces(path, cut, encoding);
    for (TextPieces::Piece piece; pieces.Next(&piece);) {
      LOCKSTEP_CHECK(piece.text.size() <= TextPieces::kMostBytes);
      LOCKSTEP_CHECK(pieces.share_read() >= 0 && pieces.share_read() <= 1);
    }
  });
}

void ReadPieces(const std::string& path) {
  for (const PieceCut cut : {PieceCut::kWords, PieceCut::kCharacters, PieceCut::kBytes}) {
    for (const char* const encoding : {"UTF-8", "ISO-8859-1", "UTF-16"})
      ReadPiecesAs(path, cut, encoding);
  }
}

constexpr std::array kReaders = {Reader{"arpa", ReadAnyArpa},
                                 Reader{"label_first", ReadLabelFirst},
                                 Reader{"labelled_csv", ReadLabelled<kCsv>},
                                 Reader{"labelled_json", ReadLabelled<kJsonl>},
                                 Reader{"labelled_tsv", ReadLabelled<kTsv>},
                                 Reader{"pieces", ReadPieces},
                                 Reader{"tagged_columns", ReadTagged<kColumns>},
                                 Reader{"tagged_json", ReadTagged<kJsonl>},
                                 Reader{"units", ReadUnits},
                                 Reader{"vocabulary", ReadVocabulary},
                                 Reader{"word_vectors", ReadVectors},
                                 Reader{"words", ReadWordList}};

}  // namespace

std::span<const Reader> TextReaders() { return kReaders; }

}  // namespace lockstep
