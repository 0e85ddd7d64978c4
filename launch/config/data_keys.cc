// Keys of batches and of what is done to samples on their way into the model.
#include "launch/config/corpus_mix.h"
#include "launch/config/keys.h"
#include "launch/config/number_range.h"
#include "launch/config/source_weights.h"

namespace lockstep {
namespace {

void AddFrameKeys(FrameOptions* f, KeyTable* table) {
  table->AddNumber("data.stack", &f->stack, {1, 1000},
                   "number of frames that are joined to the input of one step, for real-valued "
                   "inputs");
  table->AddNumber("data.stride", &f->stride, {1, 1000},
                   "number of frames from one step to the next, for real-valued inputs");
  table->AddNumber("augment.stretch", &f->stretch, {0.0, 0.9},
                   "largest share by which training changes the duration of a sample");
  table->AddNumber("augment.time_masks", &f->time_masks, {0, 100},
                   "number of stretches of time that training sets to 0 in each sample "
                   "(SpecAugment)");
  table->AddNumber("augment.time_mask_frames", &f->time_mask_frames, KeyTable::AtLeast(Index{0}),
                   "longest stretch of time that training sets to 0, in frames; never more than a "
                   "fifth of a sample");
  table->AddNumber("augment.band_masks", &f->band_masks, {0, 100},
                   "number of bands of features that training sets to 0 in each sample "
                   "(SpecAugment)");
  table->AddNumber("augment.band_mask_bins", &f->band_mask_bins, KeyTable::AtLeast(Index{0}),
                   "widest band of features that training sets to 0, in bins");
  table->AddNumber("augment.noise", &f->noise, KeyTable::AtLeast(0.0),
                   "standard deviation of the noise that training adds to features");
  table->AddNumber("augment.channel", &f->channel, KeyTable::AtLeast(0.0),
                   "standard deviation of a constant per feature that training adds to all frames "
                   "of a sample, as another microphone would; drawn anew in each epoch");
}

void AddWarpKeys(FrequencyWarpOptions* warp, KeyTable* table) {
  table->AddNumber(
      "augment.warp", &warp->largest, {0.0, 0.5},
      "largest warp of the frequency axis that training draws for each sample, as if a "
      "speaker with a longer or shorter vocal tract had said it; 0.05 moves the middle "
      "of the axis by 3 % of its length; for log-mel features and cepstra");
}

void AddSpliceKeys(RunConfig* run, KeyTable* table) {
  SpliceOptions& splice = run->trainer.stream.splice;
  table->AddNumber(
      "augment.crop", &splice.crop, {0.0, 1.0},
      "probability that training keeps only a run of the words of a sample, drawn anew "
      "in each epoch; the corpus must say where words begin (prepare speech --ctm or "
      "--cut-at-pauses)");
  table->AddNumber("augment.join", &splice.join, {0.0, 1.0},
                   "probability that training puts another sample, which may be cropped, after a "
                   "sample; drawn anew in each epoch");
  table->AddNumber("augment.join_seconds", &run->join_seconds, {0.0, 3600.0},
                   "longest joined sample in seconds; 0: as long as the longest sample");
}

void AddMixKeys(RunConfig* run, KeyTable* table) {
  EnergyMixOptions& mix = run->trainer.stream.mix;
  table->AddNumber("augment.gain", &mix.gain_db, {0.0, 60.0},
                   "largest change of the level of a sample in dB, up or down, drawn anew in each "
                   "epoch; for log-mel features");
  table->AddNumber("augment.noise_share", &mix.noise_share, {0.0, 1.0},
                   "probability that training mixes a sample with noise of the corpus (prepare "
                   "speech --noise-files); for log-mel features");
  table->AddText(
      "augment.noise_snr", &run->noise_snr,
      "LOW,HIGH: bounds of the signal-to-noise ratio in dB that noise is mixed at",
      [](const std::string& text) { NumberRangeFromText("augment.noise_snr", text, -40, 100); });
  table->AddNumber("augment.room_share", &mix.room_share, {0.0, 1.0},
                   "probability that training lets a sample sound as in a room: one of the corpus "
                   "(prepare speech --room-files), or a drawn one with augment.room_seconds; for "
                   "log-mel features");
  table->AddText("augment.room_seconds", &run->room_seconds,
                 "LOW,HIGH: bounds of the reverberation time of drawn rooms in seconds, in which "
                 "the echo falls by 60 dB; empty: the rooms of the corpus are used",
                 [](const std::string& text) {
                   if (!text.empty()) NumberRangeFromText("augment.room_seconds", text, 0.01, 20);
                 });
}

}  // namespace

void AddDataKeys(RunConfig* run, KeyTable* table) {
  StreamOptions& stream = run->trainer.stream;
  table->AddNumber("batch.sequences", &stream.plan.batch_sequences, KeyTable::AtLeast(Index{1}),
                   "sequences of a global batch, over all ranks");
  stream.plan.slots = 0;
  table->AddNumber(
      "batch.slots", &stream.plan.slots, {0, 1 << 16},
      "number of micro-batches that a global batch is cut into; ranks and threads share them, and "
      "those that get none have nothing to compute; 0: one for every 4 sequences of "
      "batch.sequences, but at least 8");
  table->AddNumber("data.window_sequences", &stream.plan.window_sequences,
                   KeyTable::AtLeast(Index{1}),
                   "number of sequences that are shuffled together; it bounds memory");
  table->AddBool("data.random_strand", &stream.random_strand,
                 "reads each sample from a strand drawn anew in each epoch, for corpora that know "
                 "the complement of each symbol and class (DNA)");
  table->AddNumber(
      "data.cut_steps", &stream.plan.cut_steps, KeyTable::AtLeast(Index{0}),
      "training cuts longer samples into sequences of this many steps, at borders drawn anew in "
      "each "
      "epoch, so that each step is used once per epoch; for corpora in which every field has a row "
      "per step (bases, frames, tokens with one label each); validation cuts at fixed borders; 0: "
      "samples are not cut");
  table->AddText("data.source_weights", &run->source_weights,
                 "how often training reads the sequences of each source (file or manifest) of the "
                 "corpus in an epoch: NAME=WEIGHT with commas between, the name with * and ? as in "
                 "file names; with weight 2.3 a sequence is read twice, and once more with "
                 "probability 0.3; with 0 never; sources without a weight have 1",
                 [](const std::string& text) { SourceWeightsFromText(text); });
  table->AddText("data.mix", &run->mix,
                 "other corpora that training reads beside --corpus: FOLDER=WEIGHT with commas "
                 "between; in each epoch WEIGHT sequences of the other corpus are drawn for every "
                 "training sequence of --corpus, as many in every epoch; the corpora must have the "
                 "same symbols and classes; validation reads --corpus alone; empty: none",
                 [](const std::string& text) { MixFromText(text); });
  AddFrameKeys(&stream.frames, table);
  AddWarpKeys(&stream.warp, table);
  AddSpliceKeys(run, table);
  AddMixKeys(run, table);
  table->AddNumber("data.prefetch", &stream.prefetch, {1, 1000}, "number of batches read ahead",
                   OnResume::kMayChange);
}

}  // namespace lockstep
