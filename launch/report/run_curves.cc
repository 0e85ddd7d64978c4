#include "launch/report/run_curves.h"

#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <span>

#include "base/error.h"
#include "base/line_reader.h"
#include "base/raw_file.h"

namespace lockstep {
namespace {

constexpr std::size_t kMostFigures = 100;  // of each kind

// Adds the figures of a line to the curves of their names.
void AddFigures(const MetricsLine& line, std::map<std::string, Curve>* curves, Index* left_out) {
  for (const auto& [name, value] : line.figures) {
    auto found = curves->find(name);
    if (found == curves->end() && curves->size() >= kMostFigures) {
      ++*left_out;
      continue;
    }
    Curve& curve = found == curves->end() ? (*curves)[name] : found->second;
    curve.steps.push_back(line.step);
    curve.values.push_back(value);
    curve.seconds.push_back(line.seconds);
  }
}

RunStart StartOf(const MetricsLine& line, double step) {
  return {static_cast<Index>(step), line.time, line.version, line.isa, line.ranks, line.threads};
}

void AddLine(const MetricsLine& line, RunCurves* run) {
  if (std::isfinite(line.seconds)) run->last_seconds = line.seconds;
  if (line.kind == MetricsKind::kRun) run->starts.push_back(StartOf(line, run->last_step));
  if (line.kind == MetricsKind::kOther || line.kind == MetricsKind::kRun) return;
  run->last_step = std::max(run->last_step, line.step);
  if (line.kind == MetricsKind::kStep) AddFigures(line, &run->training, &run->left_out_figures);
  if (line.kind == MetricsKind::kValidation)
    AddFigures(line, &run->validation, &run->left_out_figures);
  // A skipped step may have two lines.
  if (line.skipped && (run->skipped.empty() || run->skipped.back() != line.step))
    run->skipped.push_back(line.step);
  if (line.clipped) run->clipped.push_back(line.step);
  if (line.best) run->best_step = line.step;
}

}  // namespace

RunCurveReader::RunCurveReader(const std::string& run_folder)
    : run_folder_(run_folder), path_(run_folder + "/metrics.jsonl") {
  if (std::filesystem::exists(path_)) return;
  throw MissingInput(
      "cannot read the curves of run {}: it has no metrics.jsonl; give a folder that train made",
      run_folder);
}

void RunCurveReader::BeginAnew() {
  curves_ = {};
  curves_.name = NameOfFolder(run_folder_);
  rest_.clear();
  too_long_ = false;
  offset_ = 0;
}

// The starts by starts.jsonl, which has all of them; metrics.jsonl has the first.
void RunCurveReader::ReadStarts() {
  constexpr std::size_t kMost = 10000;
  const std::string path = run_folder_ + "/starts.jsonl";
  if (!std::filesystem::exists(path)) return;
  std::vector<RunStart> starts;
  try {
    LineReader lines(path, AnyBytes{});
    for (std::string_view text; starts.size() < kMost && lines.Next(&text);) {
      const auto line = ParseMetricsLine(text);
      if (line && line->kind == MetricsKind::kRun) starts.push_back(StartOf(*line, line->step));
    }
  } catch (const InputError&) {  // no file of ours: what metrics.jsonl says is shown
  }
  if (!starts.empty()) curves_.starts = std::move(starts);
}

void RunCurveReader::Update() {
  constexpr Index kBlock = Index{1} << 20;
  const RawFile file = RawFile::OpenForReading(path_);
  struct stat status {};
  const bool found = ::stat(path_.c_str(), &status) == 0;
  const Index size = file.SizeBytes();
  const Index number = found ? static_cast<Index>(status.st_ino) : file_;
  if (number != file_ || size < offset_) BeginAnew();
  file_ = number;
  std::string block;
  while (offset_ < size) {
    block.resize(static_cast<std::size_t>(std::min(kBlock, size - offset_)));
    file.ReadAt(offset_, std::as_writable_bytes(std::span(block)));
    offset_ += std::ssize(block);
    TakeText(block);
  }
  ReadStarts();
}

void RunCurveReader::TakeText(std::string_view text) {
  for (std::size_t end; (end = text.find('\n')) != std::string_view::npos;) {
    if (rest_.empty() && !too_long_) {
      TakeLine(text.substr(0, end));
    } else {
      rest_ += text.substr(0, end);
      TakeLine(rest_);
    }
    rest_.clear();
    too_long_ = false;
    text.remove_prefix(end + 1);
  }
  rest_ += text;
  if (rest_.size() <= LineReader::kLongestLine) return;
  rest_.clear();
  too_long_ = true;
}

void RunCurveReader::TakeLine(std::string_view text) {
  const auto line =
      too_long_ || text.size() > LineReader::kLongestLine ? std::nullopt : ParseMetricsLine(text);
  if (line) {
    AddLine(*line, &curves_);
  } else {
    ++curves_.unreadable_lines;
  }
}

std::string NameOfFolder(const std::string& folder) {
  const auto given = std::filesystem::path(folder + "/").parent_path();
  const bool names_itself = given.filename() != "." && given.filename() != "..";
  const auto path = names_itself ? given : std::filesystem::weakly_canonical(given);
  return path.filename().empty() ? path.string() : path.filename().string();
}

RunCurves ReadRunCurves(const std::string& run_folder) {
  RunCurveReader reader(run_folder);
  reader.Update();
  return reader.curves();
}

}  // namespace lockstep
