#include "data/dna/labelled_sequences.h"

#include "base/characters.h"
#include "base/error.h"
#include "base/line_reader.h"
#include "base/text.h"
#include "data/dna/fasta.h"

namespace lockstep {
namespace {

// Rows of another reader with their texts as bases.
class BaseLines : public LabelledLines {
 public:
  BaseLines(const std::string& path, std::unique_ptr<LabelledLines> rows)
      : LabelledLines(path), rows_(std::move(rows)) {}

  Index blank_lines() const override { return rows_->blank_lines(); }
  std::string Description() const override { return rows_->Description(); }
  bool FirstRowIsAGuess() const override { return rows_->FirstRowIsAGuess(); }

 private:
  bool Read(LabelledText* row) override {
    if (!rows_->Next(row)) return false;
    line_ = row->line;
    if (!row->problem.empty()) throw BadData("{}", row->problem);
    row->text = BasesOf(row->source, row->text);
    return true;
  }
  Index line() const override { return line_; }

  std::unique_ptr<LabelledLines> rows_;
  Index line_ = 0;
};

// The records of a FASTA file.
class LabelledFasta : public LabelledLines {
 public:
  explicit LabelledFasta(const LabelledFile& file)
      : LabelledLines(file.path), label_(file.label), reader_(file.path) {
    Advance();
  }

  Index blank_lines() const override { return 0; }
  std::string Description() const override {
    return label_.empty() ? "FASTA, the label in each header"
                          : fmt::format("FASTA, every record of class {}", label_);
  }

 private:
  bool Read(LabelledText* row) override;
  Index line() const override { return line_; }

  // Reads the next piece. A reader that has failed would fail at the same place for ever.
  void Advance() {
    at_end_ = true;
    at_end_ = !reader_.Next(&piece_);
  }
  std::string LabelOfHeader() const;

  std::string label_;  // of all records; empty: each header has one
  FastaReader reader_;
  FastaPiece piece_;  // begins the next record
  bool at_end_ = false;
  Index line_ = 1;
};

bool LabelledFasta::Read(LabelledText* row) {
  if (at_end_) return false;
  line_ = reader_.header_line();
  const std::string label = label_.empty() ? LabelOfHeader() : label_;
  do {
    for (const std::uint8_t code : piece_.codes) row->text += kDnaLetters[code];
    Advance();
  } while (!at_end_ && !piece_.begins_record);
  if (label.empty()) {
    throw BadData(
        "{}:{}: the record has no label; write \">NAME label=CLASS\", or give all records of a "
        "file one class with --class-file CLASS=FILE",
        path(), line_);
  }
  row->label = label;
  return true;
}

// Empty where there is none, or it is not clear which word it is.
std::string LabelledFasta::LabelOfHeader() const {
  std::string_view rest = reader_.description();
  std::vector<std::string> words;
  for (rest = Trim(rest); !rest.empty(); rest = Trim(rest)) {
    const std::string_view word = TakeWord(&rest);
    for (const std::string_view key : {"label=", "class="})
      if (word.starts_with(key)) return std::string(word.substr(key.size()));
    words.emplace_back(word);
  }
  return words.size() == 1 ? words.front() : "";
}

bool LooksLikeFasta(const std::string& path) {
  LineReader lines(path, AnyBytes{});
  for (std::string_view line; lines.Next(&line);)
    if (!Trim(line).empty()) return line.starts_with('>');
  return false;
}

std::unique_ptr<LabelledLines> OpenSequences(const LabelledFile& file,
                                             const LabelledLinesOptions& options) {
  const bool may_be_fasta = options.format == "auto" && IsUtf8Name(options.encoding);
  if (may_be_fasta && LooksLikeFasta(file.path)) return std::make_unique<LabelledFasta>(file);
  return std::make_unique<BaseLines>(file.path, OpenLabelledLines(file, options));
}

}  // namespace

std::string BasesOf(const std::string& source, std::string_view sequence) {
  std::string bases;
  for (std::size_t i = 0; i < sequence.size(); ++i) {
    const char letter = sequence[i];
    if (letter == ' ' || letter == '\t') continue;
    const int code = BaseCodeOf(letter == 'U' || letter == 'u' ? 'T' : letter);
    if (code < 0) {
      throw BadData(
          "{}: letter {} of the sequence, {}, is no base; allowed are A C G T U and the IUPAC "
          "ambiguity codes",
          source, i + 1, Printable(std::string(1, letter)));
    }
    bases += kDnaLetters[code];
  }
  return bases;
}

void ForSequences(TextCorpusOptions* options) {
  options->kind = "dna";
  options->unit = "bases";
  options->rules = {.compose = false, .lower_case = false};
  options->tokens = {.kind = TokenKind::kCharacters};
  options->fixed_words.name = "symbols";
  for (const char letter : std::string(kDnaLetters))
    options->fixed_words.names.emplace_back(1, letter);
  options->fixed_words.unknown = kBaseN;
  options->open = OpenSequences;
}

}  // namespace lockstep
