// A recipe in training, for bench/recipes: the model, the optimiser and the first batches of a
// configuration file and a corpus, as `lockstep train` has them, but read before anything is timed
// and trained on again and again.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bench/training_turns.h"
#include "launch/config/config.h"
#include "trainer/options/trainer_options.h"

namespace lockstep {

struct RecipeOptions {
  std::string corpus;                 // folder
  std::string config;                 // TOML file
  std::vector<std::string> settings;  // KEY=VALUE, take precedence over the file
  Index batches = 0;                  // how many to read, from the start of training
};

// What a number of steps trained on, all ranks together.
struct StepCounts {
  Index steps = 0;         // time steps of the leading field
  Index target_steps = 0;  // of targets that have steps of their own; else 0
};

class RecipeTraining {
 public:
  // Collective. Errors are those of `lockstep train`.
  RecipeTraining(const Communicator& comm, const RecipeOptions& options);

  // Collective. Trains on the next batch, at first on the first one and after the last one again on
  // the first one, at the highest learning rate of the schedule; without running averages. Returns
  // the loss per target.
  double Step();
  // Collective. Computes the losses of the next batch without dropout and without training on it.
  void Evaluate();
  // The time steps and so on of the next `count` calls of Step or Evaluate.
  StepCounts CountsOfNext(Index count) const;
  // Writes the file that bench/torch_recipe_data.py reads: parameters, configuration, and this
  // rank's part of the batches. The format is described there.
  void Save(const std::string& path) const { SaveBatches(batches_, path); }
  // The same with this rank's part of the validation split, as training validates on it.
  void SaveValidation(const std::string& path) const;
  const ParameterLayout& layout() const { return training_->layout(); }

 private:
  using Batches = std::vector<std::unique_ptr<RankBatch>>;
  const RankBatch& Next();
  void SaveBatches(const Batches& batches, const std::string& path) const;

  std::string folder_;  // of the corpus
  SlotRange slots_;     // of this rank
  Config config_;
  CorpusInfo corpus_;
  TrainerOptions options_;
  Schema schema_;  // of the batches
  std::unique_ptr<TrainingTurns> training_;
  Batches batches_;
  std::size_t next_ = 0;
};

}  // namespace lockstep
