#include "worker/decode/word_list.h"

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "base/line_reader.h"

namespace lockstep {
namespace {

std::uint64_t ChildKey(WordList::Node node, Index label) {
  return (static_cast<std::uint64_t>(node) << 32) | static_cast<std::uint64_t>(label);
}

}  // namespace

class WordListReader {
 public:
  WordListReader(const std::string& path, std::span<const std::string> labels) : lines_(path) {
    for (std::size_t c = 1; c < labels.size(); ++c) {
      labels_.emplace(labels[c], static_cast<Index>(c));
      longest_label_ = std::max(longest_label_, labels[c].size());
    }
    list_.ends_.emplace_back();
  }

  WordList Read() {
    for (std::string_view line; lines_.Next(&line);) AddLine(line);
    if (list_.words_.empty()) {
      throw BadData("{}: no words in {} lines; a word list has a word a line", lines_.path(),
                    lines_.line_number());
    }
    return std::move(list_);
  }

 private:
  template <typename... Args>
  [[noreturn]] void Fail(fmt::format_string<Args...> format, Args&&... args) const {
    throw BadData("{}:{}: {}", lines_.path(), lines_.line_number(),
                  fmt::format(format, std::forward<Args>(args)...));
  }

  void AddLine(std::string_view line) {
    constexpr std::string_view kSpaces = " \t";
    std::vector<std::string> fields;
    for (std::size_t begin = line.find_first_not_of(kSpaces); begin != std::string_view::npos;) {
      const std::size_t end = std::min(line.find_first_of(kSpaces, begin), line.size());
      fields.emplace_back(line.substr(begin, end - begin));
      begin = line.find_first_not_of(kSpaces, end);
    }
    if (fields.empty()) return;
    const std::vector<Index> spelling =
        fields.size() == 1 ? SpellByCharacters(fields[0]) : SpellByLabels(fields);
    Insert(fields[0], spelling);
  }

  std::vector<Index> SpellByLabels(const std::vector<std::string>& fields) const {
    std::vector<Index> spelling;
    for (std::size_t i = 1; i < fields.size(); ++i) {
      const auto found = labels_.find(fields[i]);
      if (found == labels_.end()) {
        Fail(
            "\"{}\", in the spelling of {}, is no label of the model; it has {} labels beside the "
            "blank",
            fields[i], fields[0], labels_.size());
      }
      spelling.push_back(found->second);
    }
    return spelling;
  }

  // Takes the longest label that fits first, because labels may be several bytes or even words.
  std::vector<Index> SpellByCharacters(const std::string& word) const {
    std::vector<Index> spelling;
    for (std::size_t begin = 0; begin < word.size();) {
      std::size_t bytes = std::min(longest_label_, word.size() - begin);
      auto found = labels_.find(word.substr(begin, bytes));
      while (found == labels_.end() && bytes > 1) found = labels_.find(word.substr(begin, --bytes));
      if (found == labels_.end()) {
        Fail(
            "{} cannot be spelt: no label of the model fits \"{}\"; give its spelling in the same "
            "line, `WORD label label ...`, or leave it out",
            word, word.substr(begin));
      }
      spelling.push_back(found->second);
      begin += bytes;
    }
    return spelling;
  }

  void Insert(const std::string& word, const std::vector<Index>& spelling) {
    WordList::Node node = WordList::kRoot;
    for (const Index label : spelling) node = list_.ChildOrNew(node, label);
    std::vector<Index>& ends = list_.ends_[node];
    const auto same = [&](Index other) { return list_.word(other) == word; };
    if (std::any_of(ends.begin(), ends.end(), same)) {
      Fail("{} stands in the list twice with one spelling; leave one out", word);
    }
    ends.push_back(list_.words());
    list_.words_.push_back(word);
  }

  LineReader lines_;
  std::unordered_map<std::string, Index> labels_;
  std::size_t longest_label_ = 0;
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
