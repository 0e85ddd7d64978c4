// From the scores of a CTC model, step by step, to words: partial results of the segment that is
// being spoken, and its final result at the next pause. A pause is a number of steps in a row whose
// likeliest class is the blank; segments are cut in the middle of it. A segment that has no pause
// for 20 s is cut as a long recording is (pause_cut.h).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "launch/tasks/speech/speech_decoder.h"

namespace lockstep {

// One result: of the segment so far, or of the whole segment.
struct StreamResult {
  bool is_final = false;
  Index step = 0;   // the scores up to this step, inclusive, gave it
  Index first = 0;  // the step that frames of `hypothesis` count from
  CtcHypothesis hypothesis;
};

class StreamSegments {
 public:
  struct Options {
    Index classes = 0;
    Index pause_steps = 1;     // at least 1
    Index longest_steps = 20;  // of a segment; more than pause_steps
  };
  // `decoder` must outlive it.
  StreamSegments(const SpeechDecoder& decoder, const Options& options)
      : decoder_(decoder), options_(options) {}

  // Adds the scores of the next step [classes]; appends what has become known with it: a partial
  // result only if its words differ from the last one, a final result only if it has a word.
  void Add(std::span<const float> logits, std::vector<StreamResult>* results);
  // Ends the sound: appends the final result of the last segment.
  void Finish(std::vector<StreamResult>* results);

  Index steps() const { return begin_ + size(); }  // added so far

 private:
  void Follow(std::span<const float> logits);
  void Tell(std::vector<StreamResult>* results);
  void Close(Index steps, std::vector<StreamResult>* results);
  void Drop(Index steps);
  Index size() const { return static_cast<Index>(logits_.size()) / options_.classes; }
  std::span<const float> First(Index steps) const {
    return std::span(logits_).first(static_cast<std::size_t>(steps * options_.classes));
  }

  const SpeechDecoder& decoder_;
  Options options_;
  Index begin_ = 0;            // the first step of the segment
  std::vector<float> logits_;  // [steps of the segment, classes]
  // What is known of the best path through the segment:
  Index previous_ = 0;      // its last class
  Index blanks_ = 0;        // blanks at its end
  bool has_label_ = false;  // it has a label
  bool has_news_ = false;   // its last step begins a label
  std::string told_;        // the words of the last partial result
};

}  // namespace lockstep
