#include "launch/tasks/speech/recording_list.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <map>

#include "base/error.h"
#include "base/file_kind.h"
#include "base/file_names.h"
#include "base/line_reader.h"
#include "base/log.h"
#include "data/speech/manifests/manifest_formats.h"

namespace lockstep {
namespace {

constexpr const char* kStandardInput = "-";

// "a/b/c.wav" -> "c"; blanks and parentheses, which not every transcript file takes, become
// underscores.
std::string IdOf(const std::string& path) {
  std::string id = std::filesystem::path(path).stem().string();
  for (std::size_t at = 0; (at = id.find_first_of(" \t\r\n()", at)) != id.npos;) id[at] = '_';
  return id;
}

void AddPath(std::string path, std::vector<ListedRecording>* list) {
  while (!path.empty() && (path.back() == '\r' || path.back() == ' ')) path.pop_back();
  if (path.empty()) return;
  RefuseNul(path);
  ListedRecording& one = list->emplace_back();
  one.utterance.id = IdOf(path);
  one.utterance.path = path;
  one.shown = path;
}

// The same as from a file: a byte order mark is passed over; LF, CRLF and a lone CR end a line.
void AddNamesOfStandardInput(std::vector<ListedRecording>* list) {
  std::string text(std::istreambuf_iterator<char>(std::cin), {});
  RefuseKind("/dev/stdin", WideTextKindOf(text));
  const std::size_t mark = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  for (std::size_t begin = mark; begin < text.size();) {
    const std::size_t end = std::min(text.find_first_of("\r\n", begin), text.size());
    AddPath(text.substr(begin, end - begin), list);
    begin = end + 1;
  }
}

// A name per line; blank lines are left out.
void AddNames(const std::string& file, std::vector<ListedRecording>* list) {
  if (file == kStandardInput) return AddNamesOfStandardInput(list);
  LineReader lines(file, AnyBytes{});
  for (std::string_view line; lines.Next(&line);) AddPath(std::string(line), list);
}

void AddManifest(const Options& options, std::vector<ListedRecording>* list) {
  const auto reader = OpenManifest(
      {options.Text("manifest"), options.Maybe("manifest-format").value_or(""),
       options.Maybe("audio-root").value_or(""), /*needs_transcripts=*/options.Has("align")});
  for (Utterance utterance; reader->Next(&utterance);) list->push_back({utterance, utterance.id});
  for (const std::string& remark : reader->Remarks()) LogSharedWarning("{}", remark);
  for (const std::string& note : reader->Notes()) LogInfo("{}", note);
}

void RequireDifferentIds(const std::vector<ListedRecording>& list) {
  std::map<std::string, std::string> paths;
  for (const ListedRecording& one : list) {
    const Utterance& utterance = one.utterance;
    if (!utterance.problem.empty()) continue;
    const auto [first, is_new] = paths.emplace(utterance.id, utterance.path);
    if (is_new) continue;
    throw UsageError(
        "two recordings are called \"{}\" in the output: {} and {}; name them in a --manifest with "
        "an id for each, or give the files different names",
        utterance.id, first->second, utterance.path);
  }
}

}  // namespace

std::span<const OptionRow> RecordingRows() {
  static constexpr OptionRow kRows[] = {
      {"audio FILE",
       "recordings to transcribe, WAV or FLAC, of any length; - reads their names from standard "
       "input, one per line",
       OptionKind::kWords},
      Rare({"channel N",
            "channel of recordings that have several, from 0, or mix for the mean of all, where "
            "the manifest names none; default: they must have one"}),
      Rare({"audio-list FILE", "file with the name of a recording to transcribe on each line"}),
      {"manifest MANIFEST",
       "manifest of recordings to transcribe, in a format that `lockstep prepare speech` reads"},
      Rare({"manifest-format FORM",
            "format of --manifest; default: recognised by its name and contents"}),
      Rare({"audio-root FOLDER",
            "folder that relative paths in --manifest refer to; default: that of the manifest"}),
  };
  return kRows;
}

int ChosenChannel(const Options& options) {
  int channel = Utterance::kNoChannel;
  if (ParseChannel(options.Text("channel"), &channel)) return channel;
  throw UsageError(
      "--channel is \"{}\"; allowed: the number of a channel from 0, or mix for the mean of all",
      options.Text("channel"));
}

std::vector<ListedRecording> ListRecordings(const Options& options) {
  std::vector<ListedRecording> list;
  for (const std::string& word : options.List("audio")) {
    word == kStandardInput ? AddNames(word, &list) : AddPath(word, &list);
  }
  if (options.Has("audio-list")) AddNames(options.Text("audio-list"), &list);
  if (options.Has("manifest")) AddManifest(options, &list);
  if (options.Has("channel")) {
    const int channel = ChosenChannel(options);
    for (ListedRecording& one : list) {
      int& named = one.utterance.channel;
      if (named == Utterance::kNoChannel) named = channel;
    }
  }
  if (list.empty())
    throw UsageError("predict: there is no recording to transcribe: the list of names is empty");
  if (options.Has("out") || options.Has("format") || options.Has("pictures"))
    RequireDifferentIds(list);
  return list;
}

}  // namespace lockstep
