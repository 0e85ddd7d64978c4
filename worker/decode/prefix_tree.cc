#include "worker/decode/prefix_tree.h"

#include <algorithm>

#include "base/error.h"

namespace lockstep {
namespace {

std::uint64_t ChildKey(PrefixTree::NodeId parent, Index label) {
  return (static_cast<std::uint64_t>(parent) << 32) | static_cast<std::uint64_t>(label);
}

}  // namespace

PrefixTree::PrefixTree(const DecoderKnowledge& knowledge) : knowledge_(knowledge) {
  LOCKSTEP_CHECK(knowledge.labels != nullptr);
  Progress start;
  if (const NgramModel* const language = knowledge.language) {
    start.state = language->Begin();
    for (const std::string& name : knowledge.labels->names()) {
      label_words_.push_back(language->Find(name));
    }
    const Index words = knowledge.words == nullptr ? 0 : knowledge.words->words();
    for (Index i = 0; i < words; ++i) {
      list_words_.push_back(language->Find(knowledge.words->word(i)));
    }
  }
  nodes_.push_back({kNone, 0, start, 0});
}

PrefixTree::NodeId PrefixTree::Child(NodeId parent, Index label) const {
  const auto found = children_.find(ChildKey(parent, label));
  return found == children_.end() ? kNone : found->second;
}

PrefixTree::NodeId PrefixTree::Add(NodeId parent, Index label, const Progress& progress) {
  const auto id = static_cast<NodeId>(nodes_.size());
  nodes_.push_back({parent, label, progress, 0});
  children_.emplace(ChildKey(parent, label), id);
  return id;
}

std::optional<PrefixTree::Progress> PrefixTree::Extend(NodeId node, Index label) const {
  Progress progress = nodes_[node].progress;
  progress.finished_word = -1;
  const WordPart part = knowledge_.labels->part(label);
  if (part != WordPart::kInside && !CompleteWord(node, &progress)) return std::nullopt;
  if (part != WordPart::kSeparator) {
    ++progress.open_labels;
    if (knowledge_.words != nullptr) {
      progress.place = knowledge_.words->Child(progress.place, label);
      if (progress.place == WordList::kNone) return std::nullopt;
    }
    if (LanguageReadsLabels() && knowledge_.language != nullptr) {
      ScoreWord(label_words_[static_cast<std::size_t>(label)], &progress);
    }
  }
  return progress;
}

std::optional<PrefixTree::Progress> PrefixTree::End(NodeId node, bool score_end) const {
  Progress progress = nodes_[node].progress;
  progress.finished_word = -1;
  if (!CompleteWord(node, &progress)) return std::nullopt;
  if (score_end && knowledge_.language != nullptr) {
    progress.language += knowledge_.language->ScoreEnd(progress.state);
  }
  return progress;
}

// Ends the word in progress, if there is one. Returns false if it is not a whole word of the list.
bool PrefixTree::CompleteWord(NodeId node, Progress* progress) const {
  if (progress->open_labels == 0) return true;
  if (knowledge_.words != nullptr) {
    const std::span<const Index> words = knowledge_.words->WordsAt(progress->place);
    if (words.empty()) return false;
    ChooseWord(words, progress);
  } else if (!LanguageReadsLabels() && knowledge_.language != nullptr) {
    ScoreWord(knowledge_.language->Find(OpenText(node)), progress);
  }
  progress->place = WordList::kRoot;
  progress->open_labels = 0;
  return true;
}

// Chooses between words with the same spelling: the one that the language model finds likeliest
// here, or the first one if there is no language model.
void PrefixTree::ChooseWord(std::span<const Index> words, Progress* progress) const {
  progress->finished_word = words[0];
  if (LanguageReadsLabels() || knowledge_.language == nullptr) return;
  const auto score = [&](Index word) {
    return knowledge_.language->Score(progress->state, list_words_[static_cast<std::size_t>(word)])
        .log_prob;
  };
  for (const Index word : words.subspan(1)) {
    if (score(word) > score(progress->finished_word)) progress->finished_word = word;
  }
  ScoreWord(list_words_[static_cast<std::size_t>(progress->finished_word)], progress);
}

void PrefixTree::ScoreWord(NgramModel::Word word, Progress* progress) const {
  const NgramModel::Scored scored = knowledge_.language->Score(progress->state, word);
  progress->language += scored.log_prob;
  progress->state = scored.state;
  ++progress->units;
}

std::string PrefixTree::OpenText(NodeId node) const {
  std::vector<Index> labels;
  for (Index i = nodes_[node].progress.open_labels; i > 0; --i) {
    labels.push_back(nodes_[node].label);
    node = nodes_[node].parent;
  }
  std::reverse(labels.begin(), labels.end());
  return knowledge_.labels->Text(labels);
}

std::vector<Index> PrefixTree::Labels(NodeId node) const {
  std::vector<Index> labels;
  for (; node != kRoot; node = nodes_[node].parent) labels.push_back(nodes_[node].label);
  std::reverse(labels.begin(), labels.end());
  return labels;
}

std::vector<std::string> PrefixTree::Words(NodeId node, const Progress& end) const {
  std::vector<std::string> words;
  if (knowledge_.words == nullptr) {
    const std::vector<Index> labels = Labels(node);
    for (const LabelRange& word : knowledge_.labels->Words(labels)) {
      words.push_back(knowledge_.labels->Text(std::span(labels).subspan(
          static_cast<std::size_t>(word.begin), static_cast<std::size_t>(word.count()))));
    }
    return words;
  }
  for (Index word = end.finished_word;;
       word = nodes_[node].progress.finished_word, node = nodes_[node].parent) {
    if (word >= 0) words.push_back(knowledge_.words->word(word));
    if (node == kRoot) break;
  }
  std::reverse(words.begin(), words.end());
  return words;
}

PrefixTree::NodeId PrefixTree::WithoutOpenWord(NodeId node) const {
  for (Index i = nodes_[node].progress.open_labels; i > 0; --i) node = nodes_[node].parent;
  return node;
}

}  // namespace lockstep
