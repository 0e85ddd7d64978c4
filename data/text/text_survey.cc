#include "data/text/text_survey.h"

#include <algorithm>
#include <unordered_map>

#include "base/characters.h"
#include "base/error.h"
#include "base/work_progress.h"
#include "data/text/class_table.h"
#include "data/text/tokenizer.h"

namespace lockstep {
namespace {

constexpr std::size_t kProblemsTold = 20;

class Surveyor {
 public:
  Surveyor(const TextCorpusOptions& options, const Tokenizer& tokenizer)
      : options_(options),
        tokenizer_(tokenizer),
        classes_(options.classes,
                 options.like ? "those of " + options.like->folder : "those of --classes") {}

  TextSurvey Run() {
    for (std::size_t f = 0; f < options_.files.size(); ++f) ReadFile(static_cast<std::uint32_t>(f));
    FailIfProblems();
    classes_.Check();
    NumberClasses();
    Draw();
    if (!options_.like) CheckTrainingClasses();
    return std::move(survey_);
  }

 private:
  void ReadFile(std::uint32_t f);
  void AddRow(std::uint32_t f, const LabelledText& row);
  void NoteInvisible(const LabelledText& row);
  void AddProblem(const std::string& problem);
  void FailIfProblems() const;
  void NumberClasses();
  void Draw();
  void CheckTrainingClasses() const;

  const TextCorpusOptions& options_;
  const Tokenizer& tokenizer_;
  TextSurvey survey_;
  ClassTable classes_;
  std::vector<std::string> problems_;
  Index problem_count_ = 0;
  WorkProgress progress_{"prepare"};
};

void Surveyor::ReadFile(std::uint32_t f) {
  const auto lines = options_.open(options_.files[f].file, options_.lines);
  survey_.files.push_back(lines->Description());
  bool first = true;
  for (LabelledText row; lines->Next(&row); first = false) {
    progress_.Tell(-1, [&] { return fmt::format("{} rows looked at", survey_.rows.size()); });
    if (!row.problem.empty()) {
      AddProblem(row.problem);
      continue;
    }
    AddRow(f, row);
    if (first && lines->FirstRowIsAGuess()) classes_.SuspectHeader(row);
  }
  survey_.blank_lines += lines->blank_lines();
}

void Surveyor::AddRow(std::uint32_t f, const LabelledText& given) {
  LabelledText row = given;
  // Names that are given may be of an older corpus, which kept them as they were.
  if (!classes_.IsGiven(row.label))
    row.label = ApplyRules({.compose = options_.rules.compose}, given.label);
  bool composed = false;
  const std::string text = ApplyRules(options_.rules, row.text, &composed);
  if (tokenizer_.Split(text).empty()) {
    ++survey_.empty;
    if (!options_.skip_empty) {
      AddProblem(
          fmt::format("{}: the row has no text; write one, remove the row, or give "
                      "--skip-empty to leave such rows out",
                      row.source));
    }
    return;
  }
  const DataSplit split = options_.files[f].split;
  const std::string problem = classes_.Add(row, split == DataSplit::kTrain);
  if (!problem.empty()) return AddProblem(problem);
  survey_.composed += composed ? 1 : 0;
  NoteInvisible(row);
  survey_.rows.push_back({.text_hash = HashOfText(text),
                          .line = static_cast<std::uint64_t>(row.line),
                          .file = f,
                          .label = classes_.Number(row.label),
                          .split = split});
}

void Surveyor::NoteInvisible(const LabelledText& row) {
  char32_t code = 0;
  if (!HasInvisible(row.text, &code)) return;
  if (survey_.invisible++ == 0) {
    survey_.first_invisible = fmt::format("{}: {}", row.source, CodePointName(code));
  }
  survey_.c1_controls = survey_.c1_controls || (code >= 0x80 && code <= 0x9F);
}

void Surveyor::AddProblem(const std::string& problem) {
  ++problem_count_;
  if (problems_.size() < kProblemsTold) problems_.push_back(problem);
}

void Surveyor::FailIfProblems() const {
  if (problem_count_ == 0) return;
  const std::string more =
      problem_count_ > static_cast<Index>(problems_.size())
          ? fmt::format("\n  and {} more", problem_count_ - static_cast<Index>(problems_.size()))
          : "";
  throw BadData("cannot import the texts: {} rows are bad, and no corpus was made:\n  {}{}",
                problem_count_, fmt::join(problems_, "\n  "), more);
}

// Replaces the numbers of labels, which are in the order of first appearance, by class ids.
void Surveyor::NumberClasses() {
  const std::vector<std::int32_t> id_of = classes_.Ids();
  survey_.classes = classes_.Names();
  for (SurveyedRow& row : survey_.rows) row.label = id_of[static_cast<std::size_t>(row.label)];
}

// Rows with equal texts go to the same split, that of the first of them: a text that is also in the
// training split tests nothing.
void Surveyor::Draw() {
  if (!options_.draw.draws()) return;
  std::vector<DrawnRow> drawn;
  std::unordered_map<std::uint64_t, std::size_t> drawn_of;  // by the hash of the text
  for (const SurveyedRow& row : survey_.rows) {
    if (row.split != DataSplit::kTrain) continue;
    if (drawn_of.emplace(row.text_hash, drawn.size()).second)
      drawn.push_back({.file = row.file, .line = row.line, .label = row.label});
  }
  const std::vector<DataSplit> splits = DrawSplits(drawn, options_.draw);
  for (SurveyedRow& row : survey_.rows) {
    if (row.split == DataSplit::kTrain) row.split = splits[drawn_of.at(row.text_hash)];
  }
}

void Surveyor::CheckTrainingClasses() const {
  std::vector<Index> rows(survey_.classes.size(), 0);
  for (const SurveyedRow& row : survey_.rows) {
    rows[static_cast<std::size_t>(row.label)] += row.split == DataSplit::kTrain ? 1 : 0;
  }
  for (std::size_t c = 0; c < rows.size(); ++c) {
    if (rows[c] > 0) continue;
    throw BadData(
        "the class {} has no sample in the training split{}; a class cannot be learned without "
        "one: add samples, {}",
        Printable(survey_.classes[c]),
        options_.draw.draws() ? ", because all of its few samples were drawn for the others" : "",
        options_.classes.empty() ? "or remove those that it has" : "or leave it out of --classes");
  }
}

}  // namespace

Index TextSurvey::Count(DataSplit split, std::int32_t label) const {
  return std::count_if(rows.begin(), rows.end(), [&](const SurveyedRow& row) {
    return row.split == split && row.label == label;
  });
}

TextSurvey SurveyTexts(const TextCorpusOptions& options, const Tokenizer& tokenizer) {
  return Surveyor(options, tokenizer).Run();
}

bool SurveyedTexts::Next(Text* text) {
  if (next_ == survey_.rows.size()) return false;
  const SurveyedRow& row = survey_.rows[next_++];
  LabelledText labelled;
  const bool found = NextLabelled(row, &labelled);
  if (found) text->text = ApplyRules(options_.rules, labelled.text);
  if (!found || HashOfText(text->text) != row.text_hash) {
    throw BadData("{}:{}: the file changed while it was imported; start the import again",
                  options_.files[row.file].file.path, row.line);
  }
  text->row = &row;
  text->source = labelled.source;
  return true;
}

// Skips the rows that the survey left out.
bool SurveyedTexts::NextLabelled(const SurveyedRow& row, LabelledText* labelled) {
  if (lines_ == nullptr || file_ != row.file) {
    lines_ = options_.open(options_.files[row.file].file, options_.lines);
    file_ = row.file;
  }
  while (lines_->Next(labelled)) {
    if (static_cast<std::uint64_t>(labelled->line) >= row.line) break;
  }
  return labelled->problem.empty() && static_cast<std::uint64_t>(labelled->line) == row.line;
}

}  // namespace lockstep
