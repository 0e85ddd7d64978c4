// The problem that all peers compute: a stack of recurrent layers on a packed batch. Parameters,
// input and output gradient are drawn once, so that every peer computes the same numbers.
#pragma once

#include <istream>
#include <string>
#include <vector>

#include "base/aligned_buffer.h"
#include "data/batch/batch.h"
#include "worker/layers/recurrent_layer.h"
#include "worker/params/parameter_layout.h"

namespace lockstep {

struct LayerCase {
  CellKind cell = CellKind::kGru;  // kGru, kLstm or kRnnTanh: the cells that all peers have
  Index layers = 1;
  Index directions = 1;
  Index input_size = 0;                       // I
  Index hidden_size = 0;                      // H
  Index sequences = 0;                        // B, all of the same length
  Index steps = 0;                            // T
  Precision precision = Precision::kFloat32;  // for Lockstep; the other peers use float32

  Index rows() const { return steps * sequences; }
  Index output_size() const { return directions * hidden_size; }
  Index InputSizeOf(Index layer) const { return layer == 0 ? input_size : output_size(); }
};

// Reads a text such as "gru 1 1 128 256 32 100": cell, layers, directions, I, H, B, T. UsageError
// for anything else.
LayerCase ReadLayerCase(std::istream& in);
std::string LayerCaseText(const LayerCase& c);

// A case with the same cell, layers and directions, but small enough to compare every number.
LayerCase SmallVersion(const LayerCase& c);

// Cannot be copied or moved, because layers hold a pointer to the layout.
struct LayerProblem {
  explicit LayerProblem(const LayerCase& c);
  LayerProblem(const LayerProblem&) = delete;
  LayerProblem& operator=(const LayerProblem&) = delete;

  LayerCase shape;
  ParameterLayout layout;
  std::vector<RecurrentLayer<float>> stack;
  PackedLayout batch;
  AlignedBuffer<float> values;  // flat, in `layout`; unlike in training, biases are random, too
  AlignedBuffer<float> x;       // [T*B, I]
  AlignedBuffer<float> d_y;     // [T*B, D*H]
};

// The results of a peer: forward output, gradient of the input, gradient of the parameters.
struct StepResult {
  std::span<const float> y;         // [T*B, D*H]
  std::span<const float> d_x;       // [T*B, I]
  std::span<const float> gradient;  // flat, in the layout of the problem
};

// Writes x, d_y and the parameters of a problem, and then y, d_x and the gradients of a result, as
// raw float32. Parameters are in the order of the layout, but without its gaps. torch_peer.py
// compares its own results with this file.
void SaveProblem(const LayerProblem& problem, const StepResult& result, const std::string& path);

}  // namespace lockstep
