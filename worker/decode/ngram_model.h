// A back-off n-gram model in memory: log p(word | words before it), natural logarithm.
//
//   p(w | h) = exp(log_prob(h w))                     when the n-gram h w is stored
//            = exp(backoff(h)) * p(w | h without its first word)   otherwise; backoff is 0 where
//                                                      h is not stored
//
// A state is the longest stored end of the history, one integer. Each stored n-gram is a node of
// 20 bytes that knows the node of its first n-1 words, its last word, and the node of its longest
// stored proper end (the automaton of Aho and Corasick 1975); nodes are found by a hash table of
// node numbers, 8 to 16 bytes a node. Lookups are exact: no n-gram can be taken for another.
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
  // What a word gets that the model does not know, where the model has no <unk>: 10^-100, as in
  // other readers. A hypothesis with it loses to any without.
  static constexpr double kNoUnknownLogProb = -230.25850929940458;

  struct Scored {
    double log_prob = 0;
    State state = 0;
  };

  Index order() const { return static_cast<Index>(counts_.size()); }
  // Stored n-grams of n words, 1 <= n <= order().
  Index count(Index n) const { return counts_[static_cast<std::size_t>(n - 1)]; }

  // The word's number; that of <unk> when the model does not know it, kNoWord without <unk>.
  Word Find(std::string_view word) const;
  bool Knows(std::string_view word) const { return words_.find(word) != words_.end(); }

  // After <s> (that of Empty where the model has no <s>), and after nothing at all.
  State Begin() const { return begin_; }
  static State Empty() { return kRoot; }

  // log p(word | state), and the state after the word.
  Scored Score(State state, Word word) const;
  // log p(</s> | state); 0 where the model has no </s>.
  double ScoreEnd(State state) const;

 private:
  friend class NgramModelBuilder;
  static constexpr State kRoot = 0;
  static constexpr State kNone = 0xFFFFFFFF;

  struct Node {
    State parent = kNone;
    Word word = kNoWord;
    State end = kRoot;   // longest stored proper end
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
  std::vector<State> table_;  // open addressing, a power of two; kNone: free
  std::vector<Index> counts_;
  std::unordered_map<std::string, Word, TextHash, std::equal_to<>> words_;
  State begin_ = kRoot;
  Word end_word_ = kNoWord;
  Word unknown_ = kNoWord;
};

// Makes a model from n-grams, lowest order first, within an order in any sequence.
class NgramModelBuilder {
 public:
  NgramModelBuilder();

  // False when the word or n-gram is there already. Logarithms are natural. The words of an n-gram
  // (2 .. kHighestOrder) are numbers that FindWord gave.
  bool AddWord(std::string_view word, double log_prob, double backoff);
  bool AddNgram(std::span<const NgramModel::Word> words, double log_prob, double backoff);

  // kNoWord when it was not added.
  NgramModel::Word FindWord(std::string_view word) const;

  // Shorter n-grams that longer ones begin with and that were not added (pruned models lack some)
  // are put in so that no probability changes. Once.
  NgramModel Finish();

 private:
  using Node = NgramModel::Node;
  using State = NgramModel::State;

  State ChildOrNew(State parent, NgramModel::Word word);
  bool Set(State node, double log_prob, double backoff);
  void GrowTable();
  void LinkNode(State node);

  NgramModel model_;
  std::vector<std::uint8_t> orders_;  // of each node
};

// Of a text, a sentence a line.
struct TextScore {
  double log_prob = 0;  // natural, of all words and sentence ends but the unknown words
  Index sentences = 0;
  Index words = 0;    // without sentence ends, with unknown words
  Index unknown = 0;  // words that the model does not know; they are left out of log_prob and of
                      // the perplexity, as SRILM's `ppl` has it

  // exp of the mean of -log p over known words and sentence ends.
  double Perplexity() const;
};

// Words lie between spaces and tabs; <s> and </s> are added to each line. Empty lines count as
// empty sentences. The file may be gzip.
TextScore ScoreText(const NgramModel& model, const std::string& path);

}  // namespace lockstep
