// The words that a decoder may write, as a trie over labels: which labels can follow a beginning,
// and which words end there.
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

  // Reads words, plain or gzip, one a line:
  //   hello                 spelt by its characters, each a label (of several that fit, the
  //   longest) hello h e l l o       spelt by the labels that follow
  // Fields lie between spaces or tabs; empty lines are left out; a word may stand in several lines
  // with several spellings. `labels` [C] are the names of the classes, [0] the blank, which is no
  // part of a word. BadData with file and line for a label that is none, and for a line that stands
  // there twice; BadData for a file without words.
  static WordList Read(const std::string& path, std::span<const std::string> labels);

  Index words() const { return static_cast<Index>(words_.size()); }
  const std::string& word(Index number) const { return words_[static_cast<std::size_t>(number)]; }

  // Where the beginning `node` and this label lead; kNone when no word goes on so.
  Node Child(Node node, Index label) const;
  // The numbers of the words spelt so far, in the order of the file; empty in the midst of words.
  std::span<const Index> WordsAt(Node node) const { return ends_[node]; }

 private:
  friend class WordListReader;

  Node ChildOrNew(Node node, Index label);

  // Key: node * 2^32 + label.
  std::unordered_map<std::uint64_t, Node> children_;
  std::vector<std::vector<Index>> ends_;  // of each node
  std::vector<std::string> words_;
};

}  // namespace lockstep
