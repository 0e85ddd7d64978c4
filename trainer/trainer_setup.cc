// What a run takes before its first step: memory, the state that it goes on from, files, batches;
// and what it says about them.
#include <cmath>

#include "base/duration.h"
#include "base/host_name.h"
#include "base/log.h"
#include "base/phase_timer.h"
#include "base/process_memory.h"
#include "base/rank_status.h"
#include "data/stream/symbol_source.h"
#include "trainer/estimate/disk_need.h"
#include "trainer/report/source_report.h"
#include "trainer/trainer.h"
#include "worker/comm/together.h"
#include "worker/kernels/amx.h"
#include "worker/kernels/bfloat16_route.h"

namespace lockstep {
namespace {

WorkerOptions WorkerOptionsOf(const CorpusInfo& corpus, const TrainerOptions& options) {
  return {options.stream.plan.slots,
          options.threads,
          options.seed,
          TrainingBounds(corpus, options),
          true,
          options.stream.part_steps > 0,
          options.weight_noise};
}

std::vector<double> SlotsOfRanks(Index slots, int ranks) {
  std::vector<double> found(static_cast<std::size_t>(ranks));
  for (int r = 0; r < ranks; ++r)
    found[static_cast<std::size_t>(r)] = static_cast<double>(DealSlots(slots, r, ranks).size());
  return found;
}

}  // namespace

Trainer::Trainer(const Communicator& comm, const TrainerOptions& options, const CorpusInfo& corpus,
                 const RunIdentity& identity)
    : comm_(comm),
      options_(options),
      corpus_(corpus),
      identity_(identity),
      model_(MakeModel<float>(options.model, BatchSchema(corpus, options.stream))),
      values_(model_->layout().size()),
      average_(options.validation.average ? model_->layout().size() : 0),
      step_(comm, *model_, WorkerOptionsOf(corpus, options), options.optimizer, options.clip,
            options.traffic, options.check_period),
      checkpointer_(comm, model_->layout(), step_.plan(), options.optimizer,
                    identity.run_folder + "/checkpoints", options.checkpoint,
                    &step_.worker().carried(), options.stream.plan.slots),
      time_limit_(options.time, Snapshot::Bytes(model_->layout(), options.optimizer,
                                                CarriedFloats(model_->carried(), options.stream))),
      stop_(comm.rank() == 0 ? identity.run_folder : "", comm.rank() == 0 ? &time_limit_ : nullptr,
            identity_.owner),
      stragglers_(SlotsOfRanks(options.stream.plan.slots, comm.size())),
      hosts_(comm.GatherText(HostName())),
      divergence_(comm, hosts_, identity.corpus_folder, corpus.Split("train"), options.clip,
                  model_->UntrainedLoss()),
      validation_(comm, identity_.corpus_folder, corpus, options_) {
  Status().checkpoint_bytes = Checkpointer::Bytes(model_->layout(), options.optimizer,
                                                  CarriedFloats(model_->carried(), options.stream));
  if (options.log.gradient_by_time > 0) {
    tracer_.emplace(comm, options.model.encoder, options.stream.plan.slots,
                    TrainingBounds(corpus, options).steps);
  }
  ResumeOrInitialise();
  EnterIdentity();
  OpenReport();
  WarmUpLibraries(comm, values_.data(), &step_.worker());
  const Index neighbours = comm.MostRanksOnAHost();
  const SlotRange slots = step_.worker().slot_range();
  const Index messages =
      NeighbourBytes(neighbours) + EagerBytes(model_->layout().size(), options.stream.plan.slots,
                                              slots, comm.size(), neighbours);
  memory_ = BoundMemory(ResidentBytes() + messages, step_.bytes(), *model_, corpus, options,
                        comm.rank(), comm.size());
  others_memory_ = comm.Max(comm.rank() == 0 ? 0 : memory_.total());
  OpenBatches();
}

void Trainer::ResumeOrInitialise() {
  const auto check = [this](const TrainingState& stored) {
    CheckResumable(identity_, corpus_.hash, stored);
  };
  resumed_ = checkpointer_.Load(
      check, [this] { RequireOwnership(); }, &state_, values_.span(), &step_.optimizer());
  step_.set_background(checkpointer_.traffic());
  if (resumed_) {
    saved_step_ = state_.step;
    step_.clip().SetHistory(state_.clip_history);
  } else {
    InitialiseParameters<float>(model_->layout(), options_.seed, values_.span());
    if (identity_.start_values != nullptr) StartFromOther(*identity_.start_values);
  }
  Status().finished_step = state_.step;
}

void Trainer::StartFromOther(const StartValues& start) {
  Together(comm_, [&] {
    start_ = CopyStartValues(start, model_->layout(), model_->schema(), values_.span());
  });
}

// What the next checkpoint says of the run, which may differ from what the last one said in keys
// that are free.
void Trainer::EnterIdentity() {
  state_.config = identity_.config;
  state_.schema = model_->schema();
  state_.corpus_hash = corpus_.hash;
  state_.code_version = identity_.code_version;
  state_.isa = identity_.isa;
}

void Trainer::OpenReport() {
  Together(comm_, [this] {
    const auto open = [this] {
      report_.emplace(corpus_, options_, *model_, comm_.rank() == 0 ? identity_.run_folder : "",
                      state_, [this] { RequireOwnership(); });
      report_->Header(identity_.config, identity_.code_version, identity_.isa, comm_.size());
    };
    identity_.owner == nullptr ? open() : identity_.owner->Guard(open);
  });
}

void Trainer::OpenBatches() {
  train_shards_ = std::make_unique<SharedShards>(comm_, identity_.corpus_folder, corpus_,
                                                 corpus_.Split("train"));
  stream_ = std::make_unique<BatchStream>(identity_.corpus_folder, corpus_, "train",
                                          options_.stream, step_.worker().slot_range(),
                                          state_.cursor, &train_shards_->shards);
  state_.cursor = stream_->cursor();  // weights of sources may leave the first epochs empty
}

// What there is to train on, and how many steps an epoch has.
std::string Trainer::CorpusText() const {
  const SplitInfo& split = corpus_.Split("train");
  const PlanOptions& plan = options_.stream.plan;
  if (corpus_.is_stream()) {
    return fmt::format("{} {} in {} streams; {} steps of up to {} {} an epoch", split.steps,
                       report_->unit().name, StreamsOf(split, options_.stream),
                       SymbolSource::Parts(split, options_.stream), options_.stream.part_steps,
                       report_->unit().name);
  }
  return fmt::format("{} sequences, {} {}; {} global batches {}", split.sequences, split.steps,
                     report_->unit().name, stream_->StepsInEpoch(state_.cursor.epoch),
                     plan.source_weights.empty() && plan.cut_steps == 0
                         ? "an epoch"
                         : fmt::format("in epoch {}", state_.cursor.epoch));
}

void Trainer::Announce() const {
  const PlanOptions& plan = options_.stream.plan;
  LogInfo("model: {} parameters; corpus: {}", model_->layout().count(), CorpusText());
  if (plan.cut_steps > 0) {
    LogInfo("sequences are cut into pieces of {} {}, at borders drawn in each epoch",
            plan.cut_steps, report_->unit().name);
  }
  TellSourceWeights(corpus_, plan.source_weights);
  if (!start_.taken.empty()) {
    LogInfo("starts with the parameters of {}: {}", start_.path, fmt::join(start_.taken, ", "));
    if (!start_.anew.empty()) LogInfo("drawn anew: {}", fmt::join(start_.anew, ", "));
  }
  TellFrozen();
  LogInfo("{} ranks x {} threads, {} slots of up to {} sequences, {}", comm_.size(),
          options_.threads, plan.slots, TrainingBounds(corpus_, options_).sequences, identity_.isa);
  const Precision precision = options_.model.encoder.precision;
  const Isa isa = IsaFromName(identity_.isa);
  if (precision == Precision::kBfloat16) LogInfo("{}", Bfloat16Text(Bfloat16Gain(isa)));
  if (precision == Precision::kBfloat16Amx) LogInfo("{}", AmxText(AmxGain(isa)));
  LogInfo("{}", Describe(memory_, others_memory_));
  LogDetail("{}", DescribeParts(memory_));
  if (resumed_) LogInfo("resumed at step {} (epoch {})", state_.step, state_.cursor.epoch);
  if (time_limit_.exists()) {
    LogInfo("stops by itself in {}: {} are left, of which a save and the end need {} so far",
            DurationText(time_limit_.limit() - time_limit_.margin() - Seconds()),
            DurationText(time_limit_.limit() - Seconds()), DurationText(time_limit_.margin()));
  }
}

// Collective.
void Trainer::ReportMemory() const {
  const auto mib = [](Index bytes) { return static_cast<double>(bytes) / (1 << 20); };
  const Index peak = PeakResidentBytes();
  const Index others = comm_.Max(comm_.rank() == 0 ? 0 : peak);
  LogDetail("memory: peak {:.1f} MiB of at most {:.1f} MiB on rank 0", mib(peak),
            mib(memory_.total()));
  if (comm_.size() == 1) return;
  LogDetail("memory: peak {:.1f} MiB of at most {:.1f} MiB on the other ranks", mib(others),
            mib(others_memory_));
}

void Trainer::TellFrozen() const {
  const std::vector<bool> frozen = FrozenParameters(options_.optimizer.freeze, model_->layout());
  std::vector<std::string> names;
  Index count = 0;
  for (std::size_t i = 0; i < frozen.size(); ++i) {
    if (!frozen[i]) continue;
    names.push_back(model_->layout().infos()[i].name);
    count += model_->layout().infos()[i].count();
  }
  if (names.empty()) return;
  LogInfo("{} of the parameters are frozen: {}", count, fmt::join(names, ", "));
}

void Trainer::AnnounceDisk() const {
  const DiskNeed need = NeedOfDisk(*model_, corpus_, options_);
  Together(comm_, [&] {
    if (comm_.rank() != 0) return;
    LogDetail("disk: {}; {}", Describe(need),
              CheckDisk(identity_.run_folder + "/checkpoints", need));
  });
}

}  // namespace lockstep
