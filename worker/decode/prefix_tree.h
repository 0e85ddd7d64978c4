// The labellings that a beam search has met, as a tree: each node is a labelling, and its parent is
// the labelling without the last label. Each node also holds what a decoder needs to extend the
// labelling: the place in the word list, the state of the language model, and the scores so far.
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

// What a decoder knows besides the posteriors. `language` and `words` may be null. All must outlive
// the decoder.
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

  // The state of word list and language model after a labelling. A word is scored when it is
  // complete; but if labels are themselves the units of the language model, each label at once.
  struct Progress {
    double language = 0;          // log p of the language model, natural, before weighting
    Index units = 0;              // number of units scored: words, or labels
    NgramModel::State state = 0;  // state of the language model
    WordList::Node place = 0;     // node of the word list that the word in progress has reached
    Index open_labels = 0;        // number of labels of the word in progress
    Index finished_word = -1;     // index in the word list of the word that has just ended, or -1
  };

  struct Node {
    NodeId parent = kNone;
    Index label = 0;
    Progress progress;
    std::uint32_t beam_place = 0;  // for use by the search
  };

  explicit PrefixTree(const DecoderKnowledge& knowledge);

  const Node& node(NodeId id) const { return nodes_[id]; }
  Node& node(NodeId id) { return nodes_[id]; }

  // The child of `parent` with this label, or kNone if it was not added.
  NodeId Child(NodeId parent, Index label) const;
  NodeId Add(NodeId parent, Index label, const Progress& progress);

  // The progress after one more label; nothing if the word list does not allow that label.
  std::optional<Progress> Extend(NodeId node, Index label) const;
  // The progress if the sequence ends here: the last word is scored, and </s> if `score_end`.
  // Nothing if the labelling ends inside a word of the list.
  std::optional<Progress> End(NodeId node, bool score_end) const;

  std::vector<Index> Labels(NodeId node) const;
  // The words of the labelling; `end` must be the result of End for it.
  std::vector<std::string> Words(NodeId node, const Progress& end) const;

  // The labelling without the labels of its last, unfinished word.
  NodeId WithoutOpenWord(NodeId node) const;

 private:
  bool LanguageReadsLabels() const { return knowledge_.labels->kind() != LabelKind::kLetters; }
  bool CompleteWord(NodeId node, Progress* progress) const;
  void ChooseWord(std::span<const Index> words, Progress* progress) const;
  void ScoreWord(NgramModel::Word word, Progress* progress) const;
  std::string OpenText(NodeId node) const;

  DecoderKnowledge knowledge_;
  std::vector<NgramModel::Word> label_words_;  // [C]; the labels as the language model's words
  std::vector<NgramModel::Word> list_words_;   // each word of the list as a language model's word
  std::vector<Node> nodes_;
  std::unordered_map<std::uint64_t, NodeId> children_;  // key: parent * 2^32 + label
};

}  // namespace lockstep
