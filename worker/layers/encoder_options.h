// The configuration of an encoder (encoder.h); the sizes of its inputs come from the schema.
#pragma once

#include <vector>

#include "worker/kernels/gemm.h"
#include "worker/layers/cell_kind.h"
#include "worker/layers/word_input.h"

namespace lockstep {

struct EncoderOptions {
  CellKind cell = CellKind::kGru;
  Index layers = 1;           // recurrent layers; may be 0
  Index hidden_size = 128;    // units of each direction of each layer
  bool bidirectional = true;  // each layer has a reverse direction, too
  Index embedding_size = 16;  // columns of the embedding of ids
  // Standard deviation of the first values of the embedding, above 0. 1, as torch.nn.Embedding,
  // suits few symbols that are all frequent; words that occur a few times hardly move from there,
  // so that 0.1 generalises better.
  double embedding_scale = 1;
  WordOptions words = {};     // for corpora of words with their characters and shapes
  Index conv_channels = 0;    // output channels of the convolution over frames; 0: none
  double dropout = 0;         // probability between recurrent layers, [0, 1)
  double input_dropout = 0;   // probability on the input of the first recurrent layer, [0, 1)
  double output_dropout = 0;  // probability on the input of the head, [0, 1)
  // Share of symbols whose embedding is set to zero, [0, 1). Of words, that is the row of the
  // embedding alone; characters and shapes stay, here and for embedding_dropout.
  double symbol_dropout = 0;
  // Probability that all occurrences of an id in a slot have zeros in place of its embedding; the
  // others are multiplied by 1 / (1 - p) (Gal & Ghahramani 2016, arXiv:1512.05287, section 4.2).
  // [0, 1), for inputs that are ids.
  double embedding_dropout = 0;
  // If true, dropout, input_dropout and output_dropout draw one mask per sequence, which serves all
  // its steps (Gal & Ghahramani 2016, section 4); if false, each step has its own.
  bool variational_dropout = false;
  double weight_dropout = 0;  // of the recurrent weights (RecurrentShape::weight_dropout), [0, 1)
  double zoneout = 0;         // of the outputs of recurrent layers (kernels/zoneout.h), [0, 1)
  double cell_zoneout = 0;    // of the cell states of LSTMs, [0, 1)
  // Weights of what training adds to its loss (activation_penalty.h), at least 0: for the squares
  // of the features that the head reads, after dropout, and for those of the differences from step
  // to step of the top layer's hidden states, before look-ahead, residual sum and dropout.
  double activation_l2 = 0;
  double difference_l2 = 0;
  bool residual = false;  // adds a layer's input to its output if the widths are equal
  // Steps of look-ahead behind each recurrent layer, lowest first; a single number is that of the
  // top layer, and the others have none. For layers of one direction only.
  std::vector<Index> lookahead = {0};
  double forget_bias = 1;                     // initial bias of the LSTM's forget gate
  Precision precision = Precision::kFloat32;  // precision of the operands of products
  bool recompute = false;  // backward computes gates again instead of keeping them (saves memory)
};

// The steps that recurrent layer `layer` looks ahead, and those of all layers together: the scores
// of a step depend on no input after that.
Index LookAheadOf(const EncoderOptions& options, Index layer);
Index TotalLookAhead(const EncoderOptions& options);

}  // namespace lockstep
