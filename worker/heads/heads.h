// Chooses and makes heads. One table (heads.cc) lists them all: the targets that each fits, and how
// it is made.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "worker/heads/head.h"

namespace lockstep {

// The configuration of a head; sizes come from the schema. The keys of the configuration file are
// in launch/config/config.cc.
struct HeadOptions {
  std::string head = "auto";     // one of HeadNames(); "auto": the first that fits the target
  std::string pooling = "last";  // for targets of whole sequences: see layers/pooling.h
  std::string loss = "squared";  // for real targets: "squared" or "absolute"
  Index dense_layers = 0;        // dense layers between encoder and output
  Index dense_size = 128;        // units of each dense layer
  double dense_dropout = 0;      // probability of dropout after each dense layer, [0, 1)
  double pooled_dropout = 0;     // probability of dropout on the pooled row of a sequence, [0, 1)
  // The weight of the output is the embedding of the inputs; for one target class per step, with as
  // many classes as there are input symbols, and features as wide as the embedding.
  bool tie_embeddings = false;
  // Share of each target class that training gives to all classes alike, [0, 1); see
  // losses/cross_entropy.h. Evaluate does not smooth.
  double label_smoothing = 0;
  // [classes]: factor on the loss of the targets of each class; empty: all 1. Not a configuration
  // key; set by the caller, who knows the counts of the corpus.
  std::vector<double> class_weights;
  // [classes]: what each label of a list adds to a text, in which blanks divide words; empty: the
  // labels spell no words. Set by the caller, too.
  std::vector<std::string> label_texts;
  // [width]: what a difference between values of each element of a real target is multiplied by to
  // be in the user's units; empty: all 1. Only the metric "rmse" uses it. Set by the caller, too.
  std::vector<double> target_scales;
};

// What a head is made from, besides its options.
struct HeadInputs {
  const Schema& schema;
  std::size_t target;  // index of the target field
  Index width;         // columns of the features
  Index directions;    // directions of the encoder's last layer
  Precision precision;
  std::optional<ParameterId> embedding = {};  // of the input symbols; none for real inputs
};

// "auto" and the names of all heads.
std::vector<std::string> HeadNames();
// For checking a configuration. Throw UsageError if `name` is not in HeadNames(), or if `loss` is
// neither "squared" nor "absolute".
void RequireHeadName(const std::string& name);
void RequireRealLoss(const std::string& loss);
// For "auto", returns the name of the first head that fits the target of the schema; for any other
// name, the name itself. UsageError if that head does not fit, or if no head fits; it names the
// target field and the heads that fit.
std::string ResolveHead(const std::string& name, const Schema& schema);
// Makes the head and declares its parameters at the end of the layout. UsageError like ResolveHead,
// and for options that the head does not know.
template <typename S>
std::unique_ptr<Head<S>> MakeHead(const HeadOptions& options, const HeadInputs& inputs,
                                  ParameterLayout* layout);
// True if the head of this name reads the inputs that belong to whole sequences itself; false if
// the encoder must join them to the inputs of each step.
bool ReadsSequenceInputs(const std::string& resolved_name);

}  // namespace lockstep
