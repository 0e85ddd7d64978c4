// The score stream of an encoder of one direction and a head that scores each step by itself.
#pragma once

#include "worker/heads/head.h"
#include "worker/layers/encoder_stream.h"
#include "worker/models/score_stream.h"

namespace lockstep {

template <typename S>
class EncoderScoreStream : public ScoreStream<S> {
 public:
  // For parts of at most `most_steps` steps. All that is pointed to must outlive it.
  EncoderScoreStream(const Encoder<S>* encoder, const Head<S>* head, const S* values,
                     Index most_steps);

  std::span<const S> Add(const SlotBatch& part, bool ends) override;
  Index look_ahead() const override { return look_ahead_; }

 private:
  Index look_ahead_;
  const Head<S>& head_;
  const S* values_;
  EncoderStream<S> encoder_;
  Workspace output_weight_;
  PackedMatrix<S> output_;  // in output_weight_
  Workspace workspace_;
};

}  // namespace lockstep
