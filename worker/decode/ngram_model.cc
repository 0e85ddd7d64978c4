#include "worker/decode/ngram_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/error.h"
#include "worker/decode/decoder_lines.h"

namespace lockstep {
namespace {

constexpr float kNotGiven = std::numeric_limits<float>::quiet_NaN();

std::size_t HashKey(std::uint32_t parent, std::uint32_t word) {
  std::uint64_t key = (static_cast<std::uint64_t>(parent) << 32) | word;
  key *= 0x9E3779B97F4A7C15u;  // Fibonacci hashing; the upper half is folded in, as slots use the
  return static_cast<std::size_t>(key ^ (key >> 32));  // lower bits
}

}  // namespace

std::vector<std::string> NgramModel::Words() const {
  std::vector<std::string> words;
  for (const auto& [word, number] : words_) {
    if (word != kSentenceBegin && word != kSentenceEnd && number != unknown_) words.push_back(word);
  }
  std::sort(words.begin(), words.end());
  return words;
}

NgramModel::Word NgramModel::Find(std::string_view word) const {
  const auto found = words_.find(word);
  return found == words_.end() ? unknown_ : found->second;
}

// The slot of the hash table that holds the child, or the free slot where it would be stored.
std::size_t NgramModel::Slot(State parent, Word word) const {
  const std::size_t mask = table_.size() - 1;
  std::size_t slot = HashKey(parent, word) & mask;
  while (table_[slot] != kNone) {
    const Node& node = nodes_[table_[slot]];
    if (node.parent == parent && node.word == word) break;
    slot = (slot + 1) & mask;
  }
  return slot;
}

NgramModel::State NgramModel::Child(State parent, Word word) const {
  return table_[Slot(parent, word)];
}

NgramModel::Scored NgramModel::Score(State state, Word word) const {
  if (word == kNoWord) return {kNoUnknownLogProb, kRoot};
  double backoff = 0;
  for (;;) {
    const State child = Child(state, word);
    if (child != kNone) return {backoff + static_cast<double>(nodes_[child].log_prob), child};
    LOCKSTEP_CHECK(state != kRoot);  // every word is a child of the root
    backoff += static_cast<double>(nodes_[state].backoff);
    state = nodes_[state].end;
  }
}

double NgramModel::ScoreEnd(State state) const {
  return end_word_ == kNoWord ? 0 : Score(state, end_word_).log_prob;
}

NgramModelBuilder::NgramModelBuilder() {
  model_.nodes_.emplace_back();
  model_.table_.assign(1024, NgramModel::kNone);
  orders_.push_back(0);
}

bool NgramModelBuilder::AddWord(std::string_view word, double log_prob, double backoff) {
  const auto number = static_cast<NgramModel::Word>(model_.words_.size());
  if (!model_.words_.emplace(word, number).second) return false;
  return Set(ChildOrNew(NgramModel::kRoot, number), log_prob, backoff);
}

bool NgramModelBuilder::AddNgram(std::span<const NgramModel::Word> words, double log_prob,
                                 double backoff) {
  State node = NgramModel::kRoot;
  for (const NgramModel::Word word : words) node = ChildOrNew(node, word);
  return Set(node, log_prob, backoff);
}

NgramModel::Word NgramModelBuilder::FindWord(std::string_view word) const {
  const auto found = model_.words_.find(word);
  return found == model_.words_.end() ? NgramModel::kNoWord : found->second;
}

bool NgramModelBuilder::Set(State node, double log_prob, double backoff) {
  Node& target = model_.nodes_[node];
  if (!std::isnan(target.log_prob)) return false;
  target.log_prob = static_cast<float>(log_prob);
  target.backoff = static_cast<float>(backoff);
  const auto order = static_cast<std::size_t>(orders_[node]);
  if (model_.counts_.size() < order) model_.counts_.resize(order);
  ++model_.counts_[order - 1];
  return true;
}

NgramModelBuilder::State NgramModelBuilder::ChildOrNew(State parent, NgramModel::Word word) {
  std::size_t slot = model_.Slot(parent, word);
  if (model_.table_[slot] != NgramModel::kNone) return model_.table_[slot];
  if (2 * (model_.nodes_.size() + 1) > model_.table_.size()) {
    GrowTable();
    slot = model_.Slot(parent, word);
  }
  const auto node = static_cast<State>(model_.nodes_.size());
  if (node == NgramModel::kNone) {
    throw UsageError("n-gram model: more than {} n-grams; take a smaller one", node);
  }
  model_.nodes_.push_back({parent, word, NgramModel::kRoot, kNotGiven, 0});
  orders_.push_back(static_cast<std::uint8_t>(orders_[parent] + 1));
  model_.table_[slot] = node;
  return node;
}

void NgramModelBuilder::GrowTable() {
  model_.table_.assign(2 * model_.table_.size(), NgramModel::kNone);
  for (State node = 1; node < model_.nodes_.size(); ++node) {
    model_.table_[model_.Slot(model_.nodes_[node].parent, model_.nodes_[node].word)] = node;
  }
}

// Sets the end of a node; those of all shorter n-grams are already known. An n-gram that was not
// added gets the score that it would have if it were not stored: the backoff of its parent plus the
// score with the shorter history.
void NgramModelBuilder::LinkNode(State number) {
  Node& node = model_.nodes_[number];
  if (orders_[number] == 1) return;
  const NgramModel::Scored shorter = model_.Score(model_.nodes_[node.parent].end, node.word);
  node.end = shorter.state;
  if (std::isnan(node.log_prob)) {
    const double backoff = static_cast<double>(model_.nodes_[node.parent].backoff);
    node.log_prob = static_cast<float>(backoff + shorter.log_prob);
    ++model_.counts_[orders_[number] - 1u];
  }
}

NgramModel NgramModelBuilder::Finish() {
  for (Index n = 1; n <= model_.order(); ++n) {
    for (State node = 1; node < model_.nodes_.size(); ++node) {
      if (orders_[node] == n) LinkNode(node);
    }
  }
  model_.unknown_ = FindWord(kUnknownWord);
  if (model_.unknown_ == NgramModel::kNoWord) model_.unknown_ = FindWord("<UNK>");
  model_.end_word_ = FindWord(kSentenceEnd);
  const NgramModel::Word begin = FindWord(kSentenceBegin);
  if (begin != NgramModel::kNoWord) model_.begin_ = model_.Child(NgramModel::kRoot, begin);
  return std::move(model_);
}

double TextScore::Perplexity() const {
  const Index scored = words - unknown + sentences;
  return scored == 0 ? 1 : std::exp(-log_prob / static_cast<double>(scored));
}

namespace {

void ScoreLine(const NgramModel& model, std::string_view line, TextScore* score) {
  constexpr std::string_view kSpaces = " \t";
  NgramModel::State state = model.Begin();
  for (std::size_t begin = line.find_first_not_of(kSpaces); begin != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(kSpaces, begin), line.size());
    const std::string_view word = line.substr(begin, end - begin);
    const NgramModel::Scored scored = model.Score(state, model.Find(word));
    if (model.Knows(word)) score->log_prob += scored.log_prob;
    score->unknown += !model.Knows(word);
    ++score->words;
    state = scored.state;
    begin = line.find_first_not_of(kSpaces, end);
  }
  score->log_prob += model.ScoreEnd(state);
  ++score->sentences;
}

}  // namespace

TextScore ScoreText(const NgramModel& model, const std::string& path) {
  TextScore score;
  DecoderLines lines(path);
  for (std::string_view line; lines.Next(&line);) ScoreLine(model, line, &score);
  return score;
}

}  // namespace lockstep
