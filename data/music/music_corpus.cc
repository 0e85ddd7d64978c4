#include "data/music/music_corpus.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_text.h"
#include "base/work_progress.h"
#include "data/corpus/source_file.h"
#include "data/music/chorales.h"
#include "data/music/roll_files.h"

namespace lockstep {
namespace {

CorpusInfo HeaderOf(const MusicCorpusOptions& options) {
  CorpusInfo info;
  info.kind = "music";
  info.schema.unit = "steps";
  info.schema.vocabularies.resize(2);
  info.schema.vocabularies[0].name = "key";
  info.schema.vocabularies[0].names = {"off", "on"};
  info.schema.vocabularies[1].name = "notes";
  info.schema.vocabularies[1].names = KeyNames();
  info.schema.fields = {{.name = "inputs",
                         .type = ElementType::kUint8,
                         .width = static_cast<Index>(kKeys),
                         .alignment = Alignment::kStep,
                         .role = FieldRole::kInput,
                         .vocabulary = 0},
                        {.name = "targets",
                         .type = ElementType::kInt32,
                         .alignment = Alignment::kListInStep,
                         .role = FieldRole::kTarget,
                         .vocabulary = 1}};
  info.has_names = true;
  nlohmann::json task;
  task["steps_per_beat"] = options.steps_per_beat;
  info.task = JsonText(task);
  return info;
}

// Writes pieces, and copies of those of the training split in other keys.
class PieceWriter {
 public:
  PieceWriter(const MusicCorpusOptions& options, CorpusWriter* writer, MusicCorpusSummary* summary)
      : options_(options), writer_(*writer), summary_(*summary) {}

  void Add(DataSplit split, const PianoRoll& roll) {
    Write(split, roll);
    if (split != DataSplit::kTrain) return;
    for (Index distance = 1; distance <= options_.transpose; ++distance) {
      for (const int semitones : {-static_cast<int>(distance), static_cast<int>(distance)})
        AddTransposed(roll, semitones);
    }
  }

 private:
  void AddTransposed(const PianoRoll& roll, int semitones) {
    if (!Transpose(roll, semitones, &moved_)) {
      ++summary_.off_keyboard;
      return;
    }
    moved_.name += fmt::format("{:+}", semitones);
    Write(DataSplit::kTrain, moved_);
    ++summary_.transposed;
  }

  void Write(DataSplit split, const PianoRoll& roll) {
    SetRows(roll, &rows_);
    Sample sample;
    sample.steps = std::ssize(roll.steps);
    sample.name = roll.name;
    sample.fields = {std::as_bytes(std::span(rows_.inputs)),
                     std::as_bytes(std::span(rows_.targets))};
    writer_.Add(DataSplitName(split), sample);
  }

  const MusicCorpusOptions& options_;
  CorpusWriter& writer_;
  MusicCorpusSummary& summary_;
  PianoRoll moved_;
  MusicRows rows_;
};

struct MidiPath {
  std::string path;
  DataSplit split;
};

// The MIDI files of all splits, those of train in drawn splits.
std::vector<MidiPath> MidiFiles(const MusicCorpusOptions& options) {
  std::vector<MidiPath> files;
  for (int s = 0; s < kDataSplits; ++s) {
    for (const std::string& path : MidiPaths(options.midi[static_cast<std::size_t>(s)]))
      files.push_back({path, static_cast<DataSplit>(s)});
  }
  if (!options.draw.draws()) return files;
  std::vector<DrawnRow> rows;
  for (const MidiPath& file : files) {
    if (file.split == DataSplit::kTrain) rows.push_back({.file = 0, .line = rows.size()});
  }
  const std::vector<DataSplit> drawn = DrawSplits(rows, options.draw);
  // The files of train come first.
  for (std::size_t i = 0; i < drawn.size(); ++i) files[i].split = drawn[i];
  return files;
}

// The name of a file without its folder, in valid UTF-8.
std::string NameOfFile(const std::string& path) {
  std::string name = std::filesystem::path(path).filename().string();
  for (char& c : name) {
    if (static_cast<unsigned char>(c) >= 0x80 || c < ' ') c = '?';
  }
  return name;
}

void AddMidiFile(const MidiPath& file, const MusicCorpusOptions& options, PieceWriter* pieces,
                 MusicCorpusSummary* summary) {
  const MidiSong song = ReadMidiFile(file.path);
  PianoRoll roll = RollOfMidi(file.path, song, options.steps_per_beat, &summary->losses);
  const bool has_notes = std::any_of(roll.steps.begin(), roll.steps.end(),
                                     [](const KeySet& step) { return step.any(); });
  if (!has_notes) {
    summary->without_notes.push_back(file.path);
    return;
  }
  roll.name = NameOfFile(file.path);
  pieces->Add(file.split, roll);
}

void AddMidi(const MusicCorpusOptions& options, PieceWriter* pieces, MusicCorpusSummary* summary,
             nlohmann::json* provenance) {
  const std::vector<MidiPath> files = MidiFiles(options);
  WorkProgress progress("prepare");
  for (std::size_t i = 0; i < files.size(); ++i) {
    progress.Tell(static_cast<double>(i) / static_cast<double>(files.size()),
                  [&] { return fmt::format("{} of {} files", i, files.size()); });
    try {
      AddMidiFile(files[i], options, pieces, summary);
    } catch (const InputError& error) {
      if (error.code() != ExitCode::kBadData) throw;
      if (!options.skip_damaged)
        throw BadData("{}, or give --skip-damaged to leave such files out", error.what());
      summary->damaged.emplace_back(error.what());
    }
    nlohmann::json source = DescribeSource(files[i].path);
    source["split"] = DataSplitName(files[i].split);
    (*provenance)["sources"].push_back(source);
  }
}

void AddChorales(const MusicCorpusOptions& options, PieceWriter* pieces) {
  constexpr Index kShare = 10;  // one of ten pieces each for validation and test
  const Index held_out = std::max<Index>(1, options.synthetic / kShare);
  for (Index n = 0; n < options.synthetic; ++n) {
    const Index from_end = options.synthetic - 1 - n;
    const DataSplit split = from_end < held_out       ? DataSplit::kTest
                            : from_end < 2 * held_out ? DataSplit::kValid
                                                      : DataSplit::kTrain;
    pieces->Add(split, MakeChorale(options.synthetic_seed, static_cast<std::uint64_t>(n)));
  }
}

}  // namespace

void SetRows(const PianoRoll& roll, MusicRows* rows) {
  rows->inputs.assign(roll.steps.size() * kKeys, 0);
  rows->targets.clear();
  for (const KeySet& step : roll.steps)
    rows->targets.push_back(static_cast<std::int32_t>(step.count()));
  for (std::size_t t = 0; t < roll.steps.size(); ++t) {
    for (std::size_t key = 0; key < kKeys; ++key) {
      if (!roll.steps[t][key]) continue;
      rows->targets.push_back(static_cast<std::int32_t>(key));
      if (t + 1 < roll.steps.size()) rows->inputs[(t + 1) * kKeys + key] = 1;
    }
  }
}

Index StepsPerBeat(const std::string& task, const std::string& source) {
  const nlohmann::json json = ParseJsonOrDiscard(task);
  const auto found = json.is_object() ? json.find("steps_per_beat") : json.end();
  if (found != json.end() && found->is_number_integer() && *found >= 1 && *found <= 256)
    return found->get<Index>();
  throw BadData(
      "{}: the task of the corpus does not say steps_per_beat, 1 to 256; prepare it again", source);
}

MusicCorpusSummary PrepareMusic(const MusicCorpusOptions& options,
                                const std::function<void(const MusicCorpusSummary&)>& tell) {
  CheckMusicOptions(options);
  RefuseExistingCorpus(options.out);
  MusicCorpusSummary summary;
  const CorpusInfo header = HeaderOf(options);
  CorpusWriter writer(options.out, header, {"train", "valid", "test"}, options.shard_bytes);
  PieceWriter pieces(options, &writer, &summary);
  nlohmann::json provenance = {{"importer", "music"},
                               {"steps_per_beat", options.steps_per_beat},
                               {"transpose", options.transpose}};
  for (const std::string& path : options.rolls) {
    ReadRollFile(path, [&](DataSplit split, const PianoRoll& roll) { pieces.Add(split, roll); });
    provenance["sources"].push_back(DescribeSource(path));
  }
  if (options.has_midi()) AddMidi(options, &pieces, &summary, &provenance);
  if (options.synthetic > 0) {
    AddChorales(options, &pieces);
    provenance["synthetic"] = {{"pieces", options.synthetic}, {"seed", options.synthetic_seed}};
  }
  if (tell) tell(summary);
  summary.info = writer.Finish(ProvenanceText(provenance));
  return summary;
}

}  // namespace lockstep
