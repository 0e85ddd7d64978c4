// The heads there are, in one table: which target each fits, and how it is made.
#pragma once

#include <string>
#include <vector>

#include "worker/heads/head.h"

namespace lockstep {

// Configuration only; sizes come from the schema. Keys: launch/config/config.cc.
struct HeadOptions {
  std::string head = "auto";     // a name of HeadNames(); auto: the first that fits the target
  std::string pooling = "last";  // of a target per sequence (layers/pooling.h)
  std::string loss = "squared";  // of real targets: squared or absolute
  Index dense_layers = 0;        // between encoder and output
  Index dense_size = 128;        // units of each
  double dense_dropout = 0;      // after each dense layer, [0, 1)
  double pooled_dropout = 0;     // on the row of a sequence that a pooled head reads, [0, 1)
  // How often a target of each class counts in the loss; empty: once. Whoever knows the counts of
  // the corpus sets it.
  std::vector<double> class_weights;
};

// What a head is made from besides its options.
struct HeadInputs {
  const Schema& schema;
  std::size_t target;  // index of the target field
  Index width;         // of the features
  Index directions;    // of the last layer
  Precision precision;
};

// "auto" and the names of all heads.
std::vector<std::string> HeadNames();
// UsageError where `name` is none of these, or `loss` no loss of real targets; for whoever reads a
// configuration.
void RequireHeadName(const std::string& name);
void RequireRealLoss(const std::string& loss);
// The name of the head that "auto" stands for, or the one that is named. UsageError where it does
// not fit the target of the schema, or none does, naming the field and the heads that fit.
std::string ResolveHead(const std::string& name, const Schema& schema);
// Declares the parameters of the head at the end of the layout. UsageError as ResolveHead, and for
// options that the head cannot take.
template <typename S>
std::unique_ptr<Head<S>> MakeHead(const HeadOptions& options, const HeadInputs& inputs,
                                  ParameterLayout* layout);
// Whether such a head reads the inputs that a sequence has once; otherwise the encoder does.
bool ReadsSequenceInputs(const std::string& resolved_name);

}  // namespace lockstep
