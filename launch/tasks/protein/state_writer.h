// The files that predictions of protein states are written to, by rank 0.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "launch/output/text_output.h"

namespace lockstep {

// What a model says of one protein.
struct PredictedStates {
  std::string name;
  std::string residues;              // letters of kAminoAcids
  std::vector<std::int32_t> states;  // [residues] ids of classes
  std::vector<float> probabilities;  // [residues, classes], by softmax
};

class StateWriter {
 public:
  // `states`: FASTA of states, one line per protein; nothing: standard output, unless
  // `probabilities` is given alone. `probabilities`: a table with a row per residue, or, if the
  // name ends in .jsonl, a JSON object per protein.
  StateWriter(const std::optional<std::string>& states,
              const std::optional<std::string>& probabilities, std::vector<std::string> classes);

  void Write(const PredictedStates& found);
  // Publishes the files. Once, at the end.
  void Finish();

 private:
  void WriteRows(const PredictedStates& found);
  void WriteJson(const PredictedStates& found);

  std::vector<std::string> classes_;
  std::optional<TextOutput> states_;
  std::optional<TextOutput> probabilities_;
  bool as_json_ = false;
};

}  // namespace lockstep
