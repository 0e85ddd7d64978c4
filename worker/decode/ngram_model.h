// A back-off n-gram model in memory, which gives the natural logarithm of p(word | words before
// it).
//
//   p(w | h) = exp(log_prob(h w))                     when the n-gram h w is stored
//            = exp(backoff(h)) * p(w | h without its first word)   otherwise; backoff is 0 where
//                                                      h is not stored
//
// A state stands for a history: it is the number of the longest stored n-gram that the history ends
// with. Each stored n-gram is a node of 20 bytes, with the node of its first n-1 words (parent),
// its last word, and the node of the longest stored n-gram that it properly ends with (as in the
// automaton of Aho and Corasick 1975). Nodes are found by a hash table of node numbers, which takes
// 8 to 16 bytes per node. Lookups are exact: no n-gram can be mistaken for another.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/types.h"

namespace lockstep {

inline constexpr const char* kSentenceBegin = "<s>";
inline constexpr const char* kSentenceEnd = "</s>";
inline constexpr const char* kUnknownWord = "<unk>";  // also written <UNK>

class NgramModel {
 public:
  using Word = std::uint32_t;
  using State = std::uint32_t;

  static constexpr Index kHighestOrder = 10;
  static constexpr Word kNoWord = 0xFFFFFFFF;
  // The log probability of an unknown word if the model has no <unk>: that of 10^-100, as in other
  // programs. A hypothesis with such a word loses against any without.
  static constexpr double kNoUnknownLogProb = -230.25850929940458;

  struct Scored {
    double log_prob = 0;
    State state = 0;
  };

  Index order() const { return static_cast<Index>(counts_.size()); }
  // The number of stored n-grams of n words, 1 <= n <= order().
  Index count(Index n) const { return counts_[static_cast<std::size_t>(n - 1)]; }

  // The number of a word. For a word that the model does not know, the number of <unk>, or kNoWord
  // if the model has no <unk>.
  Word Find(std::string_view word) const;
  bool Knows(std::string_view word) const { return words_.find(word) != words_.end(); }
  // All words in the order of their bytes, without <s>, </s> and <unk>.
  std::vector<std::string> Words() const;

  // The state at the beginning of a sentence, after <s>; equals Empty() if the model has no <s>.
  // Empty() is the state without any history.
  State Begin() const { return begin_; }
  static State Empty() { return kRoot; }

  // log p(word | state), and the state after the word.
  Scored Score(State state, Word word) const;
  // log p(</s> | state); 0 if the model has no </s>.
  double ScoreEnd(State state) const;

 private:
  friend class NgramModelBuilder;
  static constexpr State kRoot = 0;
  static constexpr State kNone = 0xFFFFFFFF;

  struct Node {
    State parent = kNone;
    Word word = kNoWord;
    State end = kRoot;   // the longest stored n-gram that this one properly ends with
    float log_prob = 0;  // natural
    float backoff = 0;
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  State Child(State parent, Word word) const;
  std::size_t Slot(State parent, Word word) const;

  std::vector<Node> nodes_;   // [0] is the empty n-gram
  std::vector<State> table_;  // hash table, open addressing, size a power of two; kNone: free
  std::vector<Index> counts_;
  std::unordered_map<std::string, Word, TextHash, std::equal_to<>> words_;
  State begin_ = kRoot;
  Word end_word_ = kNoWord;
  Word unknown_ = kNoWord;
};

// Makes a model from n-grams. They must be added lowest order first; within one order, the sequence
// does not matter.
class NgramModelBuilder {
 public:
  NgramModelBuilder();

  // Return false if the word or n-gram was added before. Logarithms are natural. The words of an
  // n-gram (2 to kHighestOrder of them) are numbers from FindWord.
  bool AddWord(std::string_view word, double log_prob, double backoff);
  bool AddNgram(std::span<const NgramModel::Word> words, double log_prob, double backoff);

  // kNoWord if the word was not added.
  NgramModel::Word FindWord(std::string_view word) const;

  // Returns the model; may be called once. If a longer n-gram begins with a shorter one that was
  // not added (pruned models lack some), the shorter one is added such that no probability changes.
  NgramModel Finish();

 private:
  using Node = NgramModel::Node;
  using State = NgramModel::State;

  State ChildOrNew(State parent, NgramModel::Word word);
  bool Set(State node, double log_prob, double backoff);
  void GrowTable();
  void LinkNode(State node);

  NgramModel model_;
  std::vector<std::uint8_t> orders_;  // the order n of each node
};

// How well a model predicts a text.
struct TextScore {
  double log_prob = 0;  // natural, of all known words and sentence ends
  Index sentences = 0;
  Index words = 0;    // without sentence ends, with unknown words
  Index unknown = 0;  // words that the model does not know; log_prob and the perplexity leave them
                      // out, as `ppl` of SRILM does

  // exp of the mean of -log p over known words and sentence ends.
  double Perplexity() const;
};

// Scores a text file, plain or gzip, with one sentence per line and words separated by spaces and
// tabs. <s> and </s> are added to each line. Empty lines count as empty sentences.
TextScore ScoreText(const NgramModel& model, const std::string& path);

}  // namespace lockstep
