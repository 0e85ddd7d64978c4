// The words that a decoder may produce, as a trie over labels: for the beginning of a word it tells
// which labels can follow, and which words end there.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/types.h"

namespace lockstep {

class WordList {
 public:
  using Node = std::uint32_t;
  static constexpr Node kRoot = 0;
  static constexpr Node kNone = 0xFFFFFFFF;

  // What a file holds, and what of it no transcript of the model can have.
  struct LeftOut {
    Index lines = 0;      // with a word, those that are left out among them
    Index words = 0;      // that the labels cannot spell
    std::string example;  // the first of them, with line and reason
  };

  // Reads a file of words, plain or gzip, one word per line, in one of two forms:
  //   hello              spelt by its characters; where several labels fit, the longest one counts
  //   hello h e l l o    spelt by the labels that follow the word (LabelSpeller::ByLabels)
  // Fields are separated by spaces or tabs; empty lines are skipped. A word may have several lines
  // with different spellings. `labels` [C] are the names of the classes; labels[0] is the blank,
  // which is no part of a word. Words that the labels cannot spell are left out and counted; if
  // that is all words, BadData names the first. BadData that names file and line for a repeated
  // line; BadData for a file without words.
  static WordList Read(const std::string& path, std::span<const std::string> labels);

  const LeftOut& left_out() const { return left_out_; }
  Index words() const { return static_cast<Index>(words_.size()); }
  const std::string& word(Index number) const { return words_[static_cast<std::size_t>(number)]; }

  // The node that follows `node`, the beginning of a word, after this label; kNone if no word
  // continues like that.
  Node Child(Node node, Index label) const;
  // The indices of the words that end at `node`, in the order of the file; empty if none does.
  std::span<const Index> WordsAt(Node node) const { return ends_[node]; }

 private:
  friend class WordListReader;

  Node ChildOrNew(Node node, Index label);

  // Key: node * 2^32 + label.
  std::unordered_map<std::uint64_t, Node> children_;
  std::vector<std::vector<Index>> ends_;  // [node]: the words that end there
  std::vector<std::string> words_;
  LeftOut left_out_;
};

}  // namespace lockstep
