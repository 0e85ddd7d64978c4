#include "worker/decode/ctc_beam.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "base/error.h"
#include "worker/decode/ctc_align.h"

namespace lockstep {
namespace {

using NodeId = PrefixTree::NodeId;
using Progress = PrefixTree::Progress;

constexpr double kImpossible = -std::numeric_limits<double>::infinity();

// A labelling with the probability of its paths up to the current frame, separately for paths that
// end in a blank and for paths that end in its last label.
struct Candidate {
  NodeId node = PrefixTree::kNone;  // kNone: a new child of `parent`, not yet in the tree
  NodeId parent = PrefixTree::kNone;
  Index label = 0;  // the last label
  Progress progress;
  double blank = kImpossible;
  double last = kImpossible;
  double total = kImpossible;

  double acoustic() const { return LogAdd(blank, last); }
};

class BeamSearch {
 public:
  BeamSearch(const DecoderKnowledge& knowledge, const CtcBeamOptions& options)
      : options_(options), has_language_(knowledge.language != nullptr), tree_(knowledge) {
    Candidate root;
    root.node = PrefixTree::kRoot;
    root.progress = tree_.node(PrefixTree::kRoot).progress;
    root.blank = 0;
    beam_.push_back(root);
  }

  void Run(const LogPosteriors& posteriors) {
    for (Index t = 0; t < posteriors.frames(); ++t) {
      ChooseLabels(posteriors, t);
      StayAll(posteriors, t);
      for (std::size_t i = 0; i < beam_.size(); ++i) {
        for (const Index label : labels_) Grow(i, label, posteriors.At(t, label));
      }
      Prune();
    }
  }

  double Total(double acoustic, const Progress& progress) const {
    if (!has_language_) return acoustic;
    return acoustic + options_.language_weight * progress.language +
           options_.unit_bonus * static_cast<double>(progress.units);
  }

  const PrefixTree& tree() const { return tree_; }
  const std::vector<Candidate>& beam() const { return beam_; }

 private:
  // Sets labels_ to the labels by which labellings may grow in this frame, in ascending order.
  void ChooseLabels(const LogPosteriors& posteriors, Index t) {
    const double lowest = std::log(options_.label_posterior);  // -infinity for 0
    labels_.clear();
    for (Index c = 1; c < posteriors.classes(); ++c) {
      if (posteriors.At(t, c) >= lowest) labels_.push_back(c);
    }
    if (static_cast<Index>(labels_.size()) <= options_.labels_per_frame) return;
    const auto likelier = [&](Index a, Index b) {
      const double of_a = posteriors.At(t, a), of_b = posteriors.At(t, b);
      return of_a != of_b ? of_a > of_b : a < b;
    };
    const auto end = labels_.begin() + static_cast<std::ptrdiff_t>(options_.labels_per_frame);
    std::nth_element(labels_.begin(), end, labels_.end(), likelier);
    labels_.erase(end, labels_.end());
    std::sort(labels_.begin(), labels_.end());
  }

  // Sets next_[i] to labelling beam_[i] unchanged: the frame is a blank, or its last label goes on.
  void StayAll(const LogPosteriors& posteriors, Index t) {
    next_ = beam_;
    for (std::size_t i = 0; i < beam_.size(); ++i) {
      tree_.node(beam_[i].node).beam_place = static_cast<std::uint32_t>(i);
      next_[i].blank = beam_[i].acoustic() + posteriors.At(t, kCtcBlank);
      next_[i].last = beam_[i].last + posteriors.At(t, beam_[i].label);
    }
  }

  // Adds labelling beam_[i] with one more label. If the label equals the last one, only paths that
  // end in a blank lead there.
  void Grow(std::size_t i, Index label, double posterior) {
    const Candidate& from = beam_[i];
    const double paths = label == from.label ? from.blank : from.acoustic();
    if (paths == kImpossible || posterior == kImpossible) return;
    const NodeId node = tree_.Child(from.node, label);
    if (node != PrefixTree::kNone && IsInBeam(node)) {
      Candidate& same = next_[tree_.node(node).beam_place];
      same.last = LogAdd(same.last, paths + posterior);
      return;
    }
    Candidate grown{node, from.node, label, {}, kImpossible, paths + posterior, kImpossible};
    if (node != PrefixTree::kNone) {
      grown.progress = tree_.node(node).progress;
    } else if (const auto progress = tree_.Extend(from.node, label)) {
      grown.progress = *progress;
    } else {
      return;
    }
    next_.push_back(grown);
  }

  bool IsInBeam(NodeId node) const {
    const std::size_t place = tree_.node(node).beam_place;
    return place < beam_.size() && beam_[place].node == node;
  }

  void Prune() {
    double best = kImpossible;
    for (Candidate& candidate : next_) {
      candidate.total = Total(candidate.acoustic(), candidate.progress);
      best = std::max(best, candidate.total);
    }
    std::erase_if(next_, [&](const Candidate& candidate) {
      return candidate.total == kImpossible || candidate.total < best - options_.margin;
    });
    const auto count =
        static_cast<std::ptrdiff_t>(std::min<std::size_t>(next_.size(), Limit(options_.beam)));
    std::partial_sort(next_.begin(), next_.begin() + count, next_.end(),
                      [this](const Candidate& a, const Candidate& b) { return Before(a, b); });
    beam_.assign(next_.begin(), next_.begin() + count);
    for (Candidate& kept : beam_) {
      if (kept.node == PrefixTree::kNone) {
        kept.node = tree_.Add(kept.parent, kept.label, kept.progress);
      }
    }
  }

  static std::size_t Limit(Index count) { return static_cast<std::size_t>(count); }

  bool Before(const Candidate& a, const Candidate& b) const {
    return a.total != b.total ? a.total > b.total : Labels(a) < Labels(b);
  }

  std::vector<Index> Labels(const Candidate& candidate) const {
    if (candidate.node != PrefixTree::kNone) return tree_.Labels(candidate.node);
    std::vector<Index> labels = tree_.Labels(candidate.parent);
    labels.push_back(candidate.label);
    return labels;
  }

  const CtcBeamOptions& options_;
  bool has_language_;
  PrefixTree tree_;
  std::vector<Candidate> beam_, next_;
  std::vector<Index> labels_;  // labels by which labellings may grow in this frame
};

using Words = std::vector<std::string>;

// Collects hypotheses by their words. The times of the words are added at the end, for those that
// are returned.
class HypothesisSet {
 public:
  HypothesisSet(const BeamSearch& search, bool score_end)
      : search_(search), score_end_(score_end) {}

  void Add(NodeId node, double acoustic) {
    const auto end = search_.tree().End(node, score_end_);
    if (!end) return;
    CtcHypothesis found;
    found.labels = search_.tree().Labels(node);
    found.acoustic = acoustic;
    found.language = end->language;
    found.total = search_.Total(acoustic, *end);
    Merge(search_.tree().Words(node, *end), *end, std::move(found));
  }

  bool empty() const { return found_.empty(); }

  // The best `most` hypotheses, best first.
  std::vector<std::pair<Words, CtcHypothesis>> Best(Index most) const {
    std::vector<std::pair<Words, CtcHypothesis>> best;
    for (const auto& [words, entry] : found_) {
      best.emplace_back(words, entry.hypothesis);
      best.back().second.total = search_.Total(entry.hypothesis.acoustic, entry.end);
    }
    std::sort(best.begin(), best.end(), [](const auto& a, const auto& b) {
      return a.second.total != b.second.total ? a.second.total > b.second.total
                                              : a.second.labels < b.second.labels;
    });
    best.resize(std::min(best.size(), static_cast<std::size_t>(most)));
    return best;
  }

 private:
  struct Entry {
    CtcHypothesis hypothesis;
    Progress end;
  };

  // Adds a labelling to the hypothesis with the same words; the labelling with the best total
  // represents them all.
  void Merge(const Words& words, const Progress& end, CtcHypothesis found) {
    const auto [place, is_new] = found_.try_emplace(words, Entry{found, end});
    if (is_new) return;
    Entry& entry = place->second;
    const double acoustic = LogAdd(entry.hypothesis.acoustic, found.acoustic);
    if (found.total > entry.hypothesis.total) entry = {std::move(found), end};
    entry.hypothesis.acoustic = acoustic;
  }

  const BeamSearch& search_;
  bool score_end_;
  std::map<Words, Entry> found_;
};

// For a beam whose labellings all end inside a word of the list: adds the best labelling that is
// possible when the unfinished word is left out, or the empty one if there is none.
void AddWithoutOpenWords(const LogPosteriors& posteriors, const BeamSearch& search,
                         HypothesisSet* found) {
  for (const Candidate& entry : search.beam()) {
    const NodeId shorter = search.tree().WithoutOpenWord(entry.node);
    const double acoustic = LabellingLogProbability(posteriors, search.tree().Labels(shorter));
    if (acoustic > kImpossible) return found->Add(shorter, acoustic);
  }
  found->Add(PrefixTree::kRoot, LabellingLogProbability(posteriors, {}));
}

DecodedWord TimeWord(const std::string& text, std::span<const CtcLabel> labels) {
  DecodedWord word{text, labels.front().first_frame, labels.back().last_frame, 0};
  double sum = 0;
  for (const CtcLabel& label : labels) sum += std::log(label.confidence);
  word.confidence = std::exp(sum / static_cast<double>(labels.size()));
  return word;
}

std::vector<DecodedWord> TimeWords(const LogPosteriors& posteriors, const DecoderLabels& labels,
                                   const std::vector<Index>& labelling, const Words& texts) {
  const std::vector<CtcLabel> aligned = AlignLabels(posteriors, labelling);
  const std::vector<LabelRange> ranges = labels.Words(labelling);
  LOCKSTEP_CHECK_EQ(aligned.size(), labelling.size());
  LOCKSTEP_CHECK_EQ(ranges.size(), texts.size());
  std::vector<DecodedWord> words;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    words.push_back(TimeWord(
        texts[i], std::span(aligned).subspan(static_cast<std::size_t>(ranges[i].begin),
                                             static_cast<std::size_t>(ranges[i].count()))));
  }
  return words;
}

void RequireLegal(const CtcBeamOptions& options) {
  std::string errors;
  const auto require = [&](bool legal, const char* name, double value, const char* allowed) {
    if (!legal) errors += fmt::format("\n  {} is {}; allowed is {}", name, value, allowed);
  };
  const auto is_beam = [](Index size) { return size >= 1 && size <= CtcBeamOptions::kMostBeam; };
  require(is_beam(options.beam), "beam", static_cast<double>(options.beam), "1 to 100000");
  require(options.labels_per_frame >= 1, "labels per frame",
          static_cast<double>(options.labels_per_frame), "1 or more");
  require(options.label_posterior >= 0 && options.label_posterior < 1, "label posterior",
          options.label_posterior, "0 to below 1");
  require(options.margin > 0, "margin", options.margin, "above 0");
  require(is_beam(options.hypotheses), "hypotheses", static_cast<double>(options.hypotheses),
          "1 to 100000");
  require(options.language_weight >= 0 && std::isfinite(options.language_weight), "language weight",
          options.language_weight, "0 or more");
  require(std::isfinite(options.unit_bonus), "unit bonus", options.unit_bonus, "any number");
  if (!errors.empty()) throw UsageError("CTC beam search:{}", errors);
}

}  // namespace

CtcBeamDecoder::CtcBeamDecoder(const DecoderKnowledge& knowledge, const CtcBeamOptions& options)
    : knowledge_(knowledge), options_(options) {
  LOCKSTEP_CHECK(knowledge.labels != nullptr);
  RequireLegal(options);
}

std::vector<CtcHypothesis> CtcBeamDecoder::Decode(const LogPosteriors& posteriors) const {
  LOCKSTEP_CHECK_EQ(posteriors.classes(), knowledge_.labels->classes());
  BeamSearch search(knowledge_, options_);
  search.Run(posteriors);
  HypothesisSet found(search, options_.score_end);
  for (const Candidate& entry : search.beam()) found.Add(entry.node, entry.acoustic());
  if (found.empty()) AddWithoutOpenWords(posteriors, search, &found);
  std::vector<CtcHypothesis> hypotheses;
  for (auto& [words, hypothesis] : found.Best(options_.hypotheses)) {
    hypothesis.words = TimeWords(posteriors, *knowledge_.labels, hypothesis.labels, words);
    hypotheses.push_back(std::move(hypothesis));
  }
  return hypotheses;
}

}  // namespace lockstep
