#include "launch/tasks/speech/import_options.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "data/speech/manifests/manifest_list.h"
#include "data/speech/speech_features.h"
#include "data/speech/synthetic_speech.h"
#include "launch/tasks/speech/recording_list.h"

namespace lockstep {
namespace {

constexpr OptionRow kInputRows[] = {
    {"manifest MANIFEST",
     "recordings and transcripts for training: JSON lines (NeMo), TSV, LibriSpeech folder, Kaldi "
     "folder, or .fileids (CMU Sphinx); may be repeated; also a pattern in quotes, or @FILE with a "
     "path or pattern per line",
     OptionKind::kRepeated},
    {"valid-manifest MANIFEST",
     "recordings and transcripts for the validation split, in the same forms",
     OptionKind::kRepeated},
    {"test-manifest MANIFEST", "recordings and transcripts for the test split, in the same forms",
     OptionKind::kRepeated},
    Rare({"split NAME=MANIFEST", "NAME=MANIFEST adds a split of any name; may be repeated",
          OptionKind::kRepeated}),
    Rare({"format FORM",
          "form of all manifests: jsonl, tsv, librispeech, kaldi, kaldi-feats or cmu; default: "
          "found from the files"}),
    Rare({"audio-root FOLDER",
          "folder that relative paths of recordings begin at; default: the manifest's"}),
    {"hold-out-speakers N",
     "number of speakers of --manifest, drawn by --seed, that become the validation split; "
     "default 0"},
    Rare({"valid-speakers NAMES",
          "names of the speakers of --manifest that become the validation split, or patterns "
          "(12*), commas between them"}),
    Rare({"test-speakers NAMES",
          "names of the speakers of --manifest that become the test split, or patterns (12*), "
          "commas between them"}),
    {"synthetic N",
     "makes a corpus of this many utterances of digits and commands, spoken by espeak-ng, instead "
     "of reading manifests; at least 10"},
    Rare({"seed N", "seed of every random draw of the import; default 1"}),
    Rare({"skip-bad N", "largest number of bad utterances that are left out and named; default 0"}),
    Rare({"max-seconds SECONDS", "longest utterance that is not bad, in seconds; default 60"}),
    {"out CORPUS", "corpus folder to make"},
    {"threads N", "threads of each rank that compute features; default 1"},
    Rare({"shard-bytes BYTES", "size of a shard in bytes; default 33554432 (32 MiB)"}),
};
constexpr OptionRow kSampleRows[] = {
    {"features KIND", "features of a frame: fbank or mfcc; default fbank"},
    {"mel-bins N", "number of mel bands; default 80"},
    Rare({"num-ceps N", "number of coefficients of mfcc; default 13"}),
    Rare({"sample-rate HZ",
          "sample rate of all features in Hz; recordings of a higher rate are resampled; default "
          "16000"}),
    Rare({"channel N",
          "channel of recordings that have several, from 0, or mix for the mean of all, where the "
          "manifest names none; default: they must have one"}),
    Rare({"allow-upsampling", "takes recordings of a lower sample rate, too, and resamples them",
          OptionKind::kSwitch}),
    Rare({"deltas N", "number of time derivatives appended to the features: 0, 1 or 2; default 0"}),
    {"normalise CHOICE",
     "what mean and variance of the features are taken over: none, utterance, speaker, global (the "
     "training split), running (the frames so far) or smoothed (the utterance, counted together "
     "with 2 s of the training split); default utterance"},
    Rare({"statistics FOLDER",
          "corpus or run whose statistics of the training split --normalise global, running or "
          "smoothed uses; default: those of the training manifests"}),
    {"units KIND",
     "what labels stand for: letters, words, sentencepiece:N (N pieces), or the path of a "
     "SentencePiece .model; default letters"},
    Rare({"units-file FILE",
          "file with one letter or word per line, the labels; default: those of the training "
          "transcripts"}),
    {"lowercase", "makes transcripts lower case", OptionKind::kSwitch},
    {"uppercase", "makes transcripts upper case", OptionKind::kSwitch},
    Rare({"speeds FACTORS",
          "speeds that each training utterance is copied at, commas between them, 1 being as "
          "recorded; default 1"}),
    Rare({"noise-snr LOW,HIGH",
          "LOW,HIGH: white noise of a drawn signal-to-noise ratio in dB for training copies; "
          "default: no noise"}),
    Rare({"splices N",
          "crops and joins of utterances that are made of each training utterance; default 0"}),
    Rare({"ctm FILE",
          "CTM file with the times of words in training utterances; they are stored in the corpus, "
          "and crops (augment.crop of training, --splices) are cut between the words"}),
    Rare({"cut-at-pauses",
          "finds the pauses between the words of training utterances and stores them in the "
          "corpus, so that crops (augment.crop of training, --splices) are cut there",
          OptionKind::kSwitch}),
    Rare({"noise-files FILES",
          "recordings of noise, one or several: files, folders, patterns in quotes, or @LIST (a "
          "file with one of these per line); their frames are stored in the corpus, for "
          "augment.noise_share of training; may be repeated",
          OptionKind::kWords}),
    Rare({"noise-seconds SECONDS",
          "most seconds of noise that are stored, as each rank holds them in memory; of longer "
          "recordings the beginnings are kept; default 1800"}),
    Rare({"room-files FILES",
          "impulse responses of rooms, one or several: files, folders, patterns in quotes, or "
          "@LIST (a file with one of these per line); their energies are stored in the corpus, for "
          "augment.room_share of training; may be repeated",
          OptionKind::kWords}),
    Rare({"subsampling N",
          "frames per model step (data.stride of the later training); utterances too short for "
          "their labels at it are bad; default 1"}),
};

double Real(const std::string& name, std::string_view text) {
  double value = 0;
  if (ReadNumber(text, &value) && std::isfinite(value)) return value;
  throw UsageError("--{} is \"{}\"; allowed is a number", name, text);
}

std::vector<double> Reals(const Options& options, const std::string& name) {
  std::vector<double> values;
  options.Text(name);  // must not be empty
  for (const std::string& part : options.AtCommas(name)) values.push_back(Real(name, part));
  return values;
}

std::vector<SpeechSplit> Splits(const Options& options) {
  const std::string format = options.Maybe("format").value_or("");
  const std::string root = options.Maybe("audio-root").value_or("");
  std::vector<SpeechSplit> splits;
  const auto add = [&](const std::string& name, const std::string& manifests) {
    for (const std::string& path : ExpandManifests(manifests)) {
      splits.push_back({name, {path, format, root}});
    }
  };
  options.Text("manifest");  // must be there
  for (const std::string& manifest : options.List("manifest")) add("train", manifest);
  for (const char* name : {"valid", "test"}) {
    const std::string option = std::string(name) + "-manifest";
    for (const std::string& manifest : options.List(option)) add(name, manifest);
  }
  for (const std::string& text : options.List("split")) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals >= text.size() - 1) {
      throw UsageError("--split is \"{}\"; allowed is NAME=MANIFEST", text);
    }
    add(text.substr(0, equals), text.substr(equals + 1));
  }
  std::stable_partition(splits.begin(), splits.end(),
                        [](const SpeechSplit& split) { return split.name == "train"; });
  return splits;
}

SoundOptions Sound(const Options& options) {
  SoundOptions sound;
  const std::string features = options.Maybe("features").value_or("fbank");
  if (features != "fbank" && features != "mfcc") {
    throw UsageError("--features is \"{}\"; allowed: fbank mfcc", features);
  }
  sound.features.kind = features == "mfcc" ? FeatureKind::kMfcc : FeatureKind::kFilterBank;
  sound.features.num_mel_bins = options.Number("mel-bins", sound.features.num_mel_bins, 3);
  sound.features.num_ceps = options.Number("num-ceps", sound.features.num_ceps, 1);
  sound.features.sample_rate = static_cast<double>(options.Number("sample-rate", 16000, 1000));
  sound.deltas = static_cast<int>(options.Number("deltas", 0, 0));
  sound.allow_upsampling = options.Has("allow-upsampling");
  if (options.Has("channel")) sound.channel = ChosenChannel(options);
  if (options.Has("max-seconds")) {
    sound.max_seconds = Real("max-seconds", options.Text("max-seconds"));
  }
  sound.normalise =
      NormalisationFromName(options.Maybe("normalise").value_or("utterance"), "--normalise");
  if (const auto folder = options.Maybe("statistics")) sound.training = StatisticsIn(*folder);
  return sound;
}

UnitChoice ChosenUnits(const Options& options) {
  UnitChoice choice;
  if (options.Has("lowercase") && options.Has("uppercase")) {
    throw UsageError("--lowercase and --uppercase exclude each other");
  }
  if (options.Has("lowercase")) choice.letter_case = LetterCase::kLower;
  if (options.Has("uppercase")) choice.letter_case = LetterCase::kUpper;
  const std::string units = options.Maybe("units").value_or("letters");
  const std::string prefix = "sentencepiece:";
  if (units.starts_with(prefix)) {
    choice.kind = UnitKind::kPieces;
    constexpr Index kMostPieces = Index{1} << 20;
    const std::string_view pieces = std::string_view(units).substr(prefix.size());
    if (!ReadNumber(pieces, &choice.pieces) || choice.pieces < 3 || choice.pieces > kMostPieces)
      throw UsageError("--units is \"{}\"; allowed are 3 to {} pieces", units, kMostPieces);
  } else if (units.ends_with(".model")) {
    choice.kind = UnitKind::kPieces;
    choice.model_file = units;
  } else if (units == "words") {
    choice.kind = UnitKind::kWords;
  } else if (units != "letters") {
    throw UsageError("--units is \"{}\"; allowed: letters words sentencepiece:N FILE.model", units);
  }
  choice.names_file = options.Maybe("units-file").value_or("");
  if (!choice.names_file.empty() && choice.kind == UnitKind::kPieces) {
    throw UsageError("--units-file goes with --units letters or words, not with \"{}\"", units);
  }
  return choice;
}

}  // namespace

OptionTable SpeechImportRows() {
  return {{"Recordings and splits", kInputRows}, {"Samples", kSampleRows}};
}

SpeechOptions ReadSpeechOptions(const Options& options) {
  SpeechOptions speech;
  speech.out = options.Text("out");
  speech.synthetic = options.Number("synthetic", 0, 10);
  if (speech.synthetic > 0 && options.Has("manifest")) {
    throw UsageError("prepare speech: --synthetic makes its own utterances; leave out --manifest");
  }
  speech.splits = speech.synthetic > 0 ? SyntheticSplits() : Splits(options);
  speech.sound = Sound(options);
  speech.copies.splices = options.Number("splices", 0, 0);
  speech.ctm = options.Maybe("ctm").value_or("");
  speech.cut_at_pauses = options.Has("cut-at-pauses");
  speech.noise_files = options.List("noise-files");
  speech.room_files = options.List("room-files");
  if (options.Has("noise-seconds")) {
    speech.noise_seconds = Real("noise-seconds", options.Text("noise-seconds"));
  }
  speech.units = ChosenUnits(options);
  speech.hold_out_speakers = options.Number("hold-out-speakers", 0, 1);
  if (options.Has("valid-speakers")) speech.valid_speakers = options.AtCommas("valid-speakers");
  if (options.Has("test-speakers")) speech.test_speakers = options.AtCommas("test-speakers");
  if (options.Has("speeds")) speech.copies.speeds = Reals(options, "speeds");
  if (options.Has("noise-snr")) {
    const std::vector<double> snr = Reals(options, "noise-snr");
    if (snr.size() != 2) throw UsageError("--noise-snr takes two numbers: LOW,HIGH");
    speech.copies.noise_snr = {snr[0], snr[1]};
  }
  speech.subsampling = options.Number("subsampling", 1, 1);
  speech.skip_bad = options.Number("skip-bad", 0, 0);
  speech.seed = static_cast<std::uint64_t>(options.Number("seed", 1, 0));
  speech.threads = static_cast<int>(options.Number("threads", 1, 1));
  speech.shard_bytes = options.Number("shard-bytes", kDefaultShardBytes, 1);
  return speech;
}

}  // namespace lockstep
