#include "launch/run/ensemble.h"

#include <algorithm>

#include "base/error.h"
#include "base/hash.h"
#include "launch/run/corpus_fit.h"
#include "launch/run/ensemble_member.h"
#include "launch/run/run_folder.h"
#include "worker/comm/together.h"
#include "worker/models/ensemble_model.h"

namespace lockstep {
namespace {

// The values of all members, one after another.
AlignedBuffer<float> JoinedValues(const std::vector<std::unique_ptr<TrainedModel>>& members) {
  Index count = 0;
  for (const auto& member : members) count += member->values.size();
  AlignedBuffer<float> values(count);
  float* to = values.data();
  for (const auto& member : members) {
    to = std::ranges::copy(member->values.span(), to).out;
  }
  return values;
}

std::unique_ptr<TrainedModel> Join(std::vector<std::unique_ptr<TrainedModel>> members) {
  std::string paths, hashes;
  for (const auto& member : members) {
    paths += (paths.empty() ? "" : " + ") + member->path;
    hashes += member->state.parameters_hash;
  }
  AlignedBuffer<float> values = JoinedValues(members);
  std::vector<std::unique_ptr<Model<float>>> models;
  for (const auto& member : members) models.push_back(std::move(member->model));
  std::unique_ptr<TrainedModel> all = std::move(members[0]);
  all->path = paths;
  all->state.parameters_hash = Hash128Hex(hashes);
  all->stream.part_steps = 0;  // whole sequences, with the same scores
  all->model = std::make_unique<EnsembleModel>(std::move(models));
  all->values = std::move(values);
  return all;
}

}  // namespace

OptionRow EnsembleRow() {
  return Rare(
      {"ensemble RUNS",
       "other runs, of the same symbols and classes, whose models decide together with that "
       "of --run: the mean of their probabilities counts; RUN:STEP (or RUN:best, "
       "RUN:newest, RUN:average) names a checkpoint of a run, which may be that of --run; "
       "models that write one id after another, in predict only, take the mean of log "
       "probabilities",
       OptionKind::kWords});
}

std::vector<std::unique_ptr<TrainedModel>> LoadEnsembleMembers(const Communicator& comm,
                                                               const Options& options,
                                                               const CorpusInfo& corpus) {
  std::vector<std::unique_ptr<TrainedModel>> members;
  for (const std::string& name : options.List("ensemble")) {
    EnsembleMember member;
    Together(comm, [&] { member = ParseEnsembleMember(name, ChosenCheckpoint(options)); });
    const CorpusInfo other = ReadSharedRunCorpus(comm, member.run);
    Together(comm, [&] {
      try {
        CheckSameFields(options.Text("run"), corpus, member.run, other);
      } catch (const InputError& error) {
        throw UsageError(
            "--ensemble {}: the runs must be of corpora with the same symbols and classes, so that "
            "the probabilities of both can be averaged; {}",
            name, error.what());
      }
    });
    members.push_back(LoadTrainedModel(comm, member.run, other, member.checkpoint));
  }
  return members;
}

std::unique_ptr<TrainedModel> LoadEnsemble(const Communicator& comm, const Options& options,
                                           const CorpusInfo& corpus) {
  auto trained = LoadForPrediction(comm, options, corpus);
  if (options.List("ensemble").empty()) return trained;
  auto members = LoadEnsembleMembers(comm, options, corpus);
  members.insert(members.begin(), std::move(trained));
  Together(comm, [&] { trained = Join(std::move(members)); });
  return trained;
}

}  // namespace lockstep
