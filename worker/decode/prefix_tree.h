// The labellings that a beam search has met, as a tree: a node is a labelling, its parent the one
// without the last label. With each goes what a decoder has to know to go on: the place in the word
// list, the state of the language model, and what both have said so far.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "worker/decode/decoder_labels.h"
#include "worker/decode/ngram_model.h"
#include "worker/decode/word_list.h"

namespace lockstep {

// The knowledge beside the posteriors. Model and list may be missing; all outlives its users.
struct DecoderKnowledge {
  const DecoderLabels* labels = nullptr;
  const NgramModel* language = nullptr;
  const WordList* words = nullptr;
};

class PrefixTree {
 public:
  using NodeId = std::uint32_t;
  static constexpr NodeId kRoot = 0;  // the empty labelling
  static constexpr NodeId kNone = 0xFFFFFFFF;

  // What words and language model have said about a labelling. Words that are not complete yet are
  // not in it, but for labels that are units of the language model themselves.
  struct Progress {
    double language = 0;          // log p, natural, not weighted
    Index units = 0;              // units scored: words, or labels
    NgramModel::State state = 0;  // of the language model
    WordList::Node place = 0;     // in the word in progress
    Index open_labels = 0;        // of the word in progress
    Index finished_word = -1;     // number in the word list of the word that ended just now
  };

  struct Node {
    NodeId parent = kNone;
    Index label = 0;
    Progress progress;
    std::uint32_t beam_place = 0;  // free for the search
  };

  explicit PrefixTree(const DecoderKnowledge& knowledge);

  const Node& node(NodeId id) const { return nodes_[id]; }
  Node& node(NodeId id) { return nodes_[id]; }

  // The child if it was added, else kNone.
  NodeId Child(NodeId parent, Index label) const;
  NodeId Add(NodeId parent, Index label, const Progress& progress);

  // What holds after one more label; nothing where the word list forbids it.
  std::optional<Progress> Extend(NodeId node, Index label) const;
  // What holds when the sequence ends here, with the last word and, if wanted, </s> scored; nothing
  // in the midst of a word of the list.
  std::optional<Progress> End(NodeId node, bool score_end) const;

  std::vector<Index> Labels(NodeId node) const;
  // The words of the labelling; `end` is what End gave for it.
  std::vector<std::string> Words(NodeId node, const Progress& end) const;

  // The longest beginning of the labelling that is no part of its last word.
  NodeId WithoutOpenWord(NodeId node) const;

 private:
  bool LanguageReadsLabels() const { return knowledge_.labels->kind() != LabelKind::kLetters; }
  bool CompleteWord(NodeId node, Progress* progress) const;
  void ChooseWord(std::span<const Index> words, Progress* progress) const;
  void ScoreWord(NgramModel::Word word, Progress* progress) const;
  std::string OpenText(NodeId node) const;

  DecoderKnowledge knowledge_;
  std::vector<NgramModel::Word> label_words_;  // [C]; the labels as the language model's words
  std::vector<NgramModel::Word> list_words_;   // of each word of the list
  std::vector<Node> nodes_;
  std::unordered_map<std::uint64_t, NodeId> children_;  // key: parent * 2^32 + label
};

}  // namespace lockstep
