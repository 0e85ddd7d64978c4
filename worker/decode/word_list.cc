#include "worker/decode/word_list.h"

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "worker/decode/decoder_lines.h"
#include "worker/decode/label_speller.h"

namespace lockstep {
namespace {

std::uint64_t ChildKey(WordList::Node node, Index label) {
  return (static_cast<std::uint64_t>(node) << 32) | static_cast<std::uint64_t>(label);
}

}  // namespace

class WordListReader {
 public:
  WordListReader(const std::string& path, std::span<const std::string> labels)
      : lines_(path), speller_(labels) {
    list_.ends_.emplace_back();
  }

  WordList Read() {
    for (std::string_view line; lines_.Next(&line);) AddLine(line);
    if (list_.left_out_.lines == 0) {
      throw BadData("{}: no words in {} lines; a word list has a word a line", lines_.path(),
                    lines_.line_number());
    }
    if (list_.words_.empty()) {
      throw BadData(
          "{}: none of its {} words can be spelt by the model's labels; on {}; take a list in the "
          "letters and case of the corpus, or give spellings, `WORD label label ...`",
          lines_.path(), list_.left_out_.lines, list_.left_out_.example);
    }
    return std::move(list_);
  }

 private:
  void AddLine(std::string_view line) {
    constexpr std::string_view kSpaces = " \t";
    std::vector<std::string> fields;
    for (std::size_t begin = line.find_first_not_of(kSpaces); begin != std::string_view::npos;) {
      const std::size_t end = std::min(line.find_first_of(kSpaces, begin), line.size());
      fields.emplace_back(line.substr(begin, end - begin));
      begin = line.find_first_not_of(kSpaces, end);
    }
    if (fields.empty()) return;
    ++list_.left_out_.lines;
    const Spelling spelling = fields.size() == 1 ? speller_.ByCharacters(fields[0])
                                                 : speller_.ByLabels(std::span(fields).subspan(1));
    spelling.problem.empty() ? Insert(fields[0], spelling.labels)
                             : LeaveOut(fields[0], spelling.problem);
  }

  void LeaveOut(const std::string& word, const std::string& problem) {
    WordList::LeftOut& left_out = list_.left_out_;
    if (left_out.words++ > 0) return;
    left_out.example = fmt::format("line {}: \"{}\": {}", lines_.line_number(), word, problem);
  }

  void Insert(const std::string& word, const std::vector<Index>& spelling) {
    WordList::Node node = WordList::kRoot;
    for (const Index label : spelling) node = list_.ChildOrNew(node, label);
    std::vector<Index>& ends = list_.ends_[node];
    const auto same = [&](Index other) { return list_.word(other) == word; };
    if (std::any_of(ends.begin(), ends.end(), same)) {
      throw BadData("{}:{}: {} stands in the list twice with one spelling; leave one out",
                    lines_.path(), lines_.line_number(), word);
    }
    ends.push_back(list_.words());
    list_.words_.push_back(word);
  }

  DecoderLines lines_;
  LabelSpeller speller_;
  WordList list_;
};

WordList WordList::Read(const std::string& path, std::span<const std::string> labels) {
  return WordListReader(path, labels).Read();
}

WordList::Node WordList::Child(Node node, Index label) const {
  const auto found = children_.find(ChildKey(node, label));
  return found == children_.end() ? kNone : found->second;
}

WordList::Node WordList::ChildOrNew(Node node, Index label) {
  const auto [entry, is_new] =
      children_.emplace(ChildKey(node, label), static_cast<Node>(ends_.size()));
  if (is_new) ends_.emplace_back();
  if (ends_.size() >= kNone) {
    throw UsageError("word list: more than {} beginnings of words; take a shorter list", kNone);
  }
  return entry->second;
}

}  // namespace lockstep
