#include "launch/tasks/speech/stream_segments.h"

#include <algorithm>

#include "launch/tasks/speech/pause_cut.h"
#include "launch/tasks/speech/transcript_writer.h"

namespace lockstep {

void StreamSegments::Add(std::span<const float> logits, std::vector<StreamResult>* results) {
  logits_.insert(logits_.end(), logits.begin(), logits.end());
  Follow(logits);
  if (has_news_) Tell(results);
  const Index after = options_.pause_steps / 2;  // blanks that begin the next segment
  if (!has_label_) return Drop(std::max<Index>(0, size() - after));
  if (blanks_ >= options_.pause_steps) return Close(size() - after, results);
  if (size() >= options_.longest_steps) Close(CutInPause(logits_, options_.classes), results);
}

void StreamSegments::Finish(std::vector<StreamResult>* results) {
  if (has_label_) Close(size(), results);
  Drop(size());
}

// The likeliest class, the lowest of equals, as LogPosteriors::Best.
void StreamSegments::Follow(std::span<const float> logits) {
  const Index best = std::ranges::max_element(logits) - logits.begin();
  has_news_ = best != kCtcBlank && best != previous_;
  has_label_ = has_label_ || best != kCtcBlank;
  blanks_ = best == kCtcBlank ? blanks_ + 1 : 0;
  previous_ = best;
}

void StreamSegments::Tell(std::vector<StreamResult>* results) {
  CtcHypothesis found = decoder_.Decode(LogPosteriors(logits_, options_.classes)).front();
  std::string text = HypothesisText(found);
  if (text == told_) return;
  told_ = std::move(text);
  results->push_back({false, steps() - 1, begin_, std::move(found)});
}

// Ends the segment after its first `steps` steps; the others begin the next one.
void StreamSegments::Close(Index steps, std::vector<StreamResult>* results) {
  CtcHypothesis found = decoder_.Decode(LogPosteriors(First(steps), options_.classes)).front();
  if (!found.words.empty()) {
    results->push_back({true, begin_ + size() - 1, begin_, std::move(found)});
  }
  told_.clear();
  Drop(steps);
}

// Forgets the first steps and follows the best path through the others again.
void StreamSegments::Drop(Index steps) {
  if (steps == 0) return;
  logits_.erase(logits_.begin(), logits_.begin() + steps * options_.classes);
  begin_ += steps;
  previous_ = kCtcBlank;
  blanks_ = 0;
  has_label_ = false;
  for (Index t = 0; t < size(); ++t) {
    Follow(std::span(logits_).subspan(static_cast<std::size_t>(t * options_.classes),
                                      static_cast<std::size_t>(options_.classes)));
  }
  has_news_ = false;
}

}  // namespace lockstep
