#include "worker/models/encoder_score_stream.h"

namespace lockstep {
namespace {

// The bounds of what a head sees at once: the rows of a part, and those held back before.
SlotBounds HeadBounds(Index rows) { return {1, rows, rows, {rows, rows}, {rows, rows}}; }

}  // namespace

template <typename S>
EncoderScoreStream<S>::EncoderScoreStream(const Encoder<S>* encoder, const Head<S>* head,
                                          const S* values, Index most_steps)
    : look_ahead_(TotalLookAhead(encoder->options())),
      head_(*head),
      values_(values),
      encoder_(encoder, values),
      output_weight_(head->OutputBytes()),
      output_(head->PackOutput(values, &output_weight_)),
      workspace_(encoder_.WorkspaceBytes(most_steps) +
                 head->ScoreBytes(HeadBounds(most_steps + look_ahead_))) {}

template <typename S>
std::span<const S> EncoderScoreStream<S>::Add(const SlotBatch& part, bool ends) {
  workspace_.Rewind(0);
  const auto features = encoder_.Add(part, ends, &workspace_);
  if (features.rows == 0) return {};
  const Scores<S> scores =
      head_.ScoreRows(features.rows, output_, values_, features.values, &workspace_);
  return {scores.values, static_cast<std::size_t>(scores.rows * scores.width)};
}

template class EncoderScoreStream<float>;
template class EncoderScoreStream<double>;

}  // namespace lockstep
