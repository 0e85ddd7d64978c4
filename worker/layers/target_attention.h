// The attention of all targets of a slot to their sources (attention.h): either the rows of one
// target after another, in products over all its steps; or step by step, where the states of a step
// depend on what the step before has attended to.
#pragma once

#include "worker/layers/attention.h"
#include "worker/layers/decoder_slot.h"

namespace lockstep {

template <typename S>
class TargetAttention {
 public:
  TargetAttention(AttentionKind kind, Index source_width, Index hidden_size, Precision precision,
                  ParameterLayout* layout)
      : attention_(kind, source_width, hidden_size, precision, layout) {}

  const Attention<S>& attention() const { return attention_; }

  // What Backward needs; in the workspace.
  struct Saved {
    typename Attention<S>::Source source;
    const Index* first = nullptr;  // [targets]: where the weights of each target begin
    S* weights = nullptr;          // for each target [its steps, steps of its source]
    S* queries = nullptr;          // [rows, H]; null if states are queries themselves
  };
  // Reads the sources, and takes memory for the rest.
  Saved Read(const DecoderSlot& slot, const S* features, const S* values,
             Workspace* workspace) const;
  // Reads states [rows, H]; sets the first D columns of context [rows, stride].
  void Forward(const DecoderSlot& slot, const Saved& saved, const S* states, const S* values,
               S* context, Index stride, Workspace* workspace) const;
  // Reads the gradient of the context; adds to d_states [rows, H] and to the flat gradient; sets
  // d_features [source rows, D].
  void Backward(const DecoderSlot& slot, const Saved& saved, const S* states, const S* d_context,
                Index stride, const S* values, S* d_states, S* d_features, S* gradient,
                Workspace* workspace) const;

  // ---- Step by step. The memory of a loop is in the workspace, and the caller rewinds it.
  struct ForwardLoop {
    const typename Attention<S>::Panels* panels = nullptr;  // [sources]
    PackedMatrix<S> query;
  };
  ForwardLoop OpenForward(const DecoderSlot& slot, const Saved& saved, const S* values,
                          Workspace* workspace) const;
  // The same as Forward for row block t alone.
  void ForwardStep(const DecoderSlot& slot, const Saved& saved, const ForwardLoop& loop, Index t,
                   const S* states, const S* values, S* context, Index stride,
                   Workspace* workspace) const;
  struct BackwardLoop {
    const typename Attention<S>::Panels* panels = nullptr;
    PackedMatrix<S> query;
    typename Attention<S>::SourceGradients sources;
    S* d_scores = nullptr;   // as Saved::weights
    S* d_queries = nullptr;  // [rows, H]; null if states are queries themselves
  };
  BackwardLoop OpenBackward(const DecoderSlot& slot, const Saved& saved, const S* values,
                            Workspace* workspace) const;
  void BackwardStep(const DecoderSlot& slot, const Saved& saved, const BackwardLoop& loop, Index t,
                    const S* states, const S* d_context, Index stride, const S* values, S* d_states,
                    S* gradient, Workspace* workspace) const;
  // Once, after all steps. Sets d_features.
  void CloseBackward(const DecoderSlot& slot, const Saved& saved, const BackwardLoop& loop,
                     const S* states, const S* d_context, Index stride, const S* values,
                     S* d_features, S* gradient, Workspace* workspace) const;

  // Upper bounds of workspace bytes for targets of at most `target_rows` rows, the longest of
  // `target_steps`: what Read keeps, and what the other functions take together while they run.
  Index KeptBytes(const SlotBounds& source, Index target_rows) const;
  Index ScratchBytes(const SlotBounds& source, Index target_rows, Index target_steps) const;

 private:
  typename Attention<S>::SourceGradients TakeGradients(const DecoderSlot& slot,
                                                       Workspace* workspace) const;
  // The rows of target k, copied together: queries and context or its gradient.
  typename Attention<S>::Rows RowsOf(const DecoderSlot& slot, const Saved& saved, Index k,
                                     const S* queries, Workspace* workspace) const;
  void AddQueryGradient(const DecoderSlot& slot, const S* states, const S* d_queries,
                        const S* values, S* d_states, S* gradient, Workspace* workspace) const;
  // The row of target k at step t, where it stands.
  typename Attention<S>::Rows RowAt(const DecoderSlot& slot, const Saved& saved, Index t, Index k,
                                    const S* queries, S* context, Index stride) const;
  const S* Queries(const Saved& saved, const S* states) const {
    return saved.queries != nullptr ? saved.queries : states;
  }

  Attention<S> attention_;
};

}  // namespace lockstep
