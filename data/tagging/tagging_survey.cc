#include "data/tagging/tagging_survey.h"

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>

#include "base/characters.h"
#include "base/error.h"
#include "base/work_progress.h"
#include "data/text/tokenizer.h"

namespace lockstep {
namespace {

constexpr std::size_t kMostTypes = 4096;  // the order of labels is a table of all pairs

// Problems of lines, of which the first ones are told.
struct Problems {
  static constexpr std::size_t kTold = 20;
  void Add(const std::string& problem) {
    ++count;
    if (told.size() < kTold) told.push_back(problem);
  }
  void Settle(const char* remedy) const {
    if (count == 0) return;
    const std::string more =
        count > std::ssize(told) ? fmt::format("\nand {} more", count - std::ssize(told)) : "";
    throw BadData("{}{}{}", fmt::join(told, "\n"), more, remedy);
  }
  Index count = 0;
  std::vector<std::string> told;
};

std::string Place(const std::string& path, Index line) { return fmt::format("{}:{}", path, line); }

// Which types or tags occur, and where first; in training files or in any.
using Places = std::map<std::string, std::string, std::less<>>;
void Note(std::string_view name, const std::string& place, Places* places) {
  if (places->find(name) == places->end()) places->emplace(name, place);
}

class Surveyor {
 public:
  explicit Surveyor(const TaggingOptions& options) : options_(options) {}

  TaggingSurvey Run() {
    for (const TaggedFile& file : options_.files) ReadFile(file);
    bad_lines_.Settle("");
    ChooseScheme();
    CheckScheme();
    ChooseTypes();
    Draw();
    return std::move(survey_);
  }

 private:
  void ReadFile(const TaggedFile& file);
  void AddSentence(const TaggedFile& file, const TaggedSentence& sentence);
  void AddUnit(const TaggedFile& file, const TaggedSentence& sentence, bool is_first);
  void MergeUnits(std::size_t first);
  void CheckNeighbours(TagScheme scheme, const TaggedFile& file, const TaggedSentence& sentence);
  void ChooseScheme();
  void CheckScheme();
  void ChooseTypes();
  std::vector<std::size_t> DecidingUnits() const;
  void Draw();

  const TaggingOptions& options_;
  TaggingSurvey survey_;
  Problems bad_lines_;
  std::array<Problems, 3> broken_;        // by scheme: neighbours that it does not allow
  std::string first_plain_, first_span_;  // "train.conll:3: NN": tags of neither and either kind
  bool has_closing_ = false;              // E- or S- tags
  Places train_tags_, all_tags_, train_types_, all_types_;
  struct Unit {
    DrawnRow row;
    bool begins_document = false;
    std::uint64_t hash = 0;  // of the sentence
  };
  std::vector<Unit> units_;  // of training files, if splits are drawn
  WorkProgress progress_{"prepare"};
};

void Surveyor::ReadFile(const TaggedFile& file) {
  const auto sentences = OpenTaggedSentences(file.path, options_.format);
  const std::size_t first_unit = units_.size();
  bool is_first = true, has_documents = false;
  for (TaggedSentence sentence; sentences->Next(&sentence); is_first = false) {
    progress_.Tell(-1, [&] { return fmt::format("{} looked at", file.path); });
    for (const std::string& problem : sentence.problems) bad_lines_.Add(problem);
    has_documents |= sentence.begins_document;
    if (!sentence.problems.empty() || bad_lines_.count > 0) continue;
    AddSentence(file, sentence);
    AddUnit(file, sentence, is_first);
  }
  survey_.has_documents.push_back(has_documents);
  if (has_documents) MergeUnits(first_unit);
}

void Surveyor::AddSentence(const TaggedFile& file, const TaggedSentence& sentence) {
  for (std::size_t i = 0; i < sentence.tags.size(); ++i) {
    const std::string& tag = sentence.tags[i];
    const auto parsed = ParseWrittenTag(tag);
    const bool is_known = all_tags_.find(tag) != all_tags_.end();
    const bool is_trained =
        is_known && (file.split != DataSplit::kTrain || train_tags_.find(tag) != train_tags_.end());
    if (is_trained) continue;
    const std::string place = Place(file.path, sentence.lines[i]);
    Note(tag, place, &all_tags_);
    if (file.split == DataSplit::kTrain) Note(tag, place, &train_tags_);
    if (all_tags_.size() > 4 * kMostTypes) {
      throw BadData(
          "{}: there are more than {} different tags; is this the column of tags (--tag-column)?",
          place, 4 * kMostTypes);
    }
    if (!parsed) {
      if (first_plain_.empty()) first_plain_ = fmt::format("{}: {}", place, Printable(tag));
      continue;
    }
    if (parsed->letter == 'O') continue;
    if (first_span_.empty()) first_span_ = fmt::format("{}: {}", place, Printable(tag));
    has_closing_ |= parsed->letter == 'E' || parsed->letter == 'S';
    Note(parsed->type, place, &all_types_);
    if (file.split == DataSplit::kTrain) Note(parsed->type, place, &train_types_);
  }
  if (!first_plain_.empty()) return;
  CheckNeighbours(TagScheme::kBio, file, sentence);
  CheckNeighbours(TagScheme::kIobes, file, sentence);
}

void Surveyor::CheckNeighbours(TagScheme scheme, const TaggedFile& file,
                               const TaggedSentence& sentence) {
  SpanTag before;
  for (std::size_t i = 0; i <= sentence.tags.size(); ++i) {
    const bool ends = i == sentence.tags.size();
    const SpanTag tag = ends ? SpanTag{} : *ParseWrittenTag(sentence.tags[i]);
    if (!MayFollow(scheme, before, tag)) {
      const Index line = sentence.lines[ends ? i - 1 : i];
      const std::string left = i == 0 ? "the begin of the sentence" : sentence.tags[i - 1];
      broken_[static_cast<std::size_t>(scheme)].Add(
          fmt::format("{}: {} after {}", Place(file.path, line),
                      ends ? "the end of the sentence" : sentence.tags[i], left));
    }
    before = tag;
  }
}

// Units are drawn by whether they have a span, so that each split gets its share of these.
void Surveyor::AddUnit(const TaggedFile& file, const TaggedSentence& sentence, bool is_first) {
  if (!options_.draw.draws() || file.split != DataSplit::kTrain) return;
  const bool has_span = std::ranges::any_of(sentence.tags, [](const auto& t) { return t != "O"; });
  DrawnRow row;
  row.file = static_cast<std::uint64_t>(&file - options_.files.data());
  row.line = static_cast<std::uint64_t>(sentence.lines.front());
  row.label = has_span ? 1 : 0;
  units_.push_back({row, sentence.begins_document || is_first, HashOfSentence(sentence)});
}

// Makes one unit of the sentences of each document.
void Surveyor::MergeUnits(std::size_t first) {
  std::size_t kept = first;
  for (std::size_t u = first; u < units_.size(); ++u) {
    const Unit unit = units_[u];
    if (unit.begins_document) {
      units_[kept++] = unit;
    } else {
      units_[kept - 1].row.label |= unit.row.label;
      units_[kept - 1].hash = units_[kept - 1].hash * 31 + unit.hash;
    }
  }
  units_.resize(kept);
}

void Surveyor::ChooseScheme() {
  if (options_.read_as) {
    survey_.read_as = *options_.read_as;
  } else if (!first_plain_.empty() && !first_span_.empty() && !options_.like) {
    throw BadData(
        "{} is a tag of a span, but {} is not; correct one of them, or give --tags plain to take "
        "all tags as they are",
        first_span_, first_plain_);
  } else if (!first_plain_.empty() || first_span_.empty()) {
    survey_.read_as = TagScheme::kPlain;
  } else {
    survey_.read_as = has_closing_ ? TagScheme::kIobes : TagScheme::kBio;
  }
  // Files without any span, for a model of spans.
  const bool wants_spans = options_.write_as && *options_.write_as != TagScheme::kPlain;
  if (!options_.read_as && first_plain_.empty() && wants_spans && first_span_.empty())
    survey_.read_as = TagScheme::kBio;
  survey_.write_as = options_.write_as.value_or(survey_.read_as);
}

void Surveyor::CheckScheme() {
  const std::string name = TagSchemeName(survey_.read_as);
  const bool writes_spans = survey_.write_as != TagScheme::kPlain;
  if (survey_.read_as == TagScheme::kPlain) {
    if (!writes_spans) return;
    throw BadData("{} is not a tag of a span, which {} needs; correct it, or leave that out",
                  first_plain_.empty() ? all_tags_.begin()->second : first_plain_,
                  options_.like ? "the corpus of --like" : "--scheme");
  }
  if (!first_plain_.empty()) {
    throw BadData("{} is no tag of the scheme {} (--tags); allowed are O and B-, I-{} with a type",
                  first_plain_, name,
                  survey_.read_as == TagScheme::kIobes ? ", E- and S- (or L- and U-)" : "");
  }
  if (survey_.read_as == TagScheme::kBio && has_closing_)
    throw BadData("the files have tags E- or S-, which the scheme bio (--tags) does not have");
  const Problems& broken = broken_[static_cast<std::size_t>(survey_.read_as)];
  if (!options_.repair) {
    broken.Settle(("\nThe scheme " + name +
                   " does not allow these neighbours. Correct them, or give --repair-tags to read "
                   "them as conlleval does: a span begins where none could go on.")
                      .c_str());
  }
  survey_.repaired = broken.count;
  if (broken.count > 0) survey_.first_repaired = broken.told.front();
}

void Surveyor::ChooseTypes() {
  const bool plain = survey_.write_as == TagScheme::kPlain;
  const Places& trained = plain ? train_tags_ : train_types_;
  const Places& all = plain ? all_tags_ : all_types_;
  if (options_.like) {
    const Vocabulary& tags = options_.like->schema.vocabularies.back();
    const auto spans = SpanTags::Of(tags);
    survey_.types = spans ? spans->types() : tags.names;
  } else {
    for (const auto& [name, place] : trained) survey_.types.push_back(name);
  }
  for (const auto& [name, place] : all) {
    if (std::ranges::find(survey_.types, name) != survey_.types.end()) continue;
    throw BadData("{}: the {} {} is in no {}; a model could never learn it", place,
                  plain ? "tag" : "type", Printable(name),
                  options_.like ? "training file of " + options_.like->folder
                                : std::string("training file (--train)"));
  }
  if (survey_.types.empty() || (plain && survey_.types.size() < 2))
    throw BadData(
        "the training files have {}; is this the column of tags (--tag-column), or, with --format "
        "case, text with capitals?",
        survey_.types.empty() ? "no tag" : "one tag alone");
  if (!plain && survey_.types.size() > kMostTypes / 4) {
    throw BadData(
        "there are {} types of spans; allowed are {}; is this the column of tags "
        "(--tag-column)?",
        survey_.types.size(), kMostTypes / 4);
  }
}

// The number of the unit that decides for each one: its own, or that of the first equal one.
std::vector<std::size_t> Surveyor::DecidingUnits() const {
  std::vector<std::size_t> units(units_.size());
  std::unordered_map<std::uint64_t, std::size_t> first;  // by hash
  for (std::size_t u = 0; u < units.size(); ++u)
    units[u] = options_.equal_together ? first.emplace(units_[u].hash, u).first->second : u;
  return units;
}

void Surveyor::Draw() {
  if (!options_.draw.draws()) return;
  const std::vector<std::size_t> deciding = DecidingUnits();
  std::vector<DrawnRow> rows;
  std::vector<std::size_t> row_of(units_.size());  // of units that decide
  for (std::size_t u = 0; u < units_.size(); ++u) {
    if (deciding[u] != u) continue;
    row_of[u] = rows.size();
    rows.push_back(units_[u].row);
  }
  const std::vector<DataSplit> splits = DrawSplits(rows, options_.draw);
  for (const std::size_t unit : deciding) survey_.drawn.push_back(splits[row_of[unit]]);
}

}  // namespace

std::uint64_t HashOfSentence(const TaggedSentence& sentence) {
  return HashOfText(fmt::format("{}", fmt::join(sentence.tokens, " ")));
}

TaggingSurvey SurveyTags(const TaggingOptions& options) { return Surveyor(options).Run(); }

}  // namespace lockstep
