// Attention: each row of a decoder asks which steps of its source matter, and gets their mean.
//   weights_ts = softmax over s of score(h_t, m_s)        context_t = sum over s of weights_ts m_s
// where h_t are the states of a decoder, and m_s the features that an encoder has for step s.
//   dot        score = h_t . (W m_s)                         "general" of Luong et al. 2015
//                                                            (arXiv:1508.04025, equation 8)
//   additive   score = v . tanh(U h_t + b + W m_s)           Bahdanau et al. 2015 (arXiv:1409.0473)
// The projected steps W m_s are called keys; what is compared with them, h_t or U h_t + b, queries.
//
// All products are those of one sequence. The rows of a sequence lie apart in the packed batch, so
// the source is copied sequence after sequence once (Source), and callers copy the rows of a
// sequence together, or ask row by row. A row has the same bits either way.
//
// Parameters: attention.key.weight [H, D]; additive also attention.query.weight [H, H],
// attention.query.bias [H] and attention.score [1, H].
#pragma once

#include <optional>
#include <string>

#include "data/batch/batch.h"
#include "worker/layers/linear_layer.h"

namespace lockstep {

enum class AttentionKind { kNone, kDot, kAdditive };
std::string AttentionName(AttentionKind kind);
AttentionKind AttentionFromName(const std::string& name);  // UsageError that lists the names

template <typename S>
class Attention {
 public:
  // For sources of `source_width` columns (D) and decoders of `hidden_size` (H); not for kNone.
  Attention(AttentionKind kind, Index source_width, Index hidden_size, Precision precision,
            ParameterLayout* layout);

  ElementRange Elements() const;
  Index source_width() const { return key_.input_size(); }
  Index hidden_size() const { return key_.output_size(); }
  // Null: the states themselves are the queries.
  const LinearLayer<S>* query() const { return query_ ? &*query_ : nullptr; }

  // The sources of a slot, sequence after sequence; in the workspace.
  struct Source {
    const Index* first = nullptr;  // [sequences + 1]: the first row of each sequence
    S* values = nullptr;           // [rows, D]
    S* keys = nullptr;             // [rows, H]
    Index steps(Index b) const { return first[b + 1] - first[b]; }
  };
  // Reads features [rows, D] of a packed slot.
  Source Read(const PackedLayout& layout, const S* features, const S* values,
              Workspace* workspace) const;

  // Keys and values of sequence b in the form that the products of a pass need; in the workspace.
  struct Panels {
    PackedMatrix<S> keys, values;
  };
  enum class Pass { kForward, kBackward };
  Panels PackSource(const Source& source, Index b, Pass pass, Workspace* workspace) const;

  // Some rows that attend to sequence b, and what they give.
  struct Rows {
    Index b = 0;
    Index count = 0;
    const S* queries = nullptr;  // [count, H]
    Index query_stride = 0;
    S* weights = nullptr;  // [count, steps(b)]
    S* context = nullptr;  // [count, D]; in Backward its gradient
    Index context_stride = 0;
  };
  // Sets weights and context.
  void Forward(const Source& source, const Panels& panels, const Rows& rows, const S* values,
               Workspace* workspace) const;
  // The gradients of sources, which several calls add to.
  struct SourceGradients {
    S* d_values = nullptr;  // [rows, D]
    S* d_keys = nullptr;    // [rows, H]
  };
  // Reads weights and the gradient of the context. Sets d_scores [count, steps(b)], adds to
  // d_queries [count, H], and to what of the gradients is not a product over several rows:
  // AddSourceGradients does the rest.
  void Backward(const Source& source, const Panels& panels, const Rows& rows, const S* values,
                S* d_scores, S* d_queries, Index d_query_stride, const SourceGradients& gradients,
                S* gradient, Workspace* workspace) const;
  void AddSourceGradients(const Source& source, const Rows& rows, const S* d_scores,
                          const SourceGradients& gradients, Workspace* workspace) const;
  // Adds to the flat gradient, and sets d_features [rows, D] of the packed slot. Changes the
  // gradients of the source.
  void ReadBackward(const PackedLayout& layout, const Source& source,
                    const SourceGradients& gradients, const S* values, S* d_features, S* gradient,
                    Workspace* workspace) const;

  // Upper bounds of workspace bytes: what Read keeps, the gradients of sources, the panels of one
  // sequence and those of all, and what the functions take while they run.
  Index SourceBytes(const SlotBounds& bounds) const;
  Index GradientBytes(const SlotBounds& bounds) const;
  Index PanelBytes(Index steps) const;
  Index AllPanelBytes(const SlotBounds& bounds) const;
  Index ScratchBytes(const SlotBounds& bounds) const;
  // Floating-point operations of forward and backward: for a step of the source, and for a row that
  // attends to a source of `steps` steps.
  double FlopsPerSourceStep() const { return key_.FlopsPerRow(); }
  double FlopsPerRow(double steps) const;

 private:
  Precision precision_;
  const ParameterLayout* layout_;
  LinearLayer<S> key_;
  std::optional<LinearLayer<S>> query_;
  ParameterId score_ = 0;  // additive only
};

}  // namespace lockstep
