#include "data/speech/features/feature_options.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json_node.h"
#include "base/json_text.h"

namespace lockstep {
namespace {

constexpr Index kLongestFrame = Index{1} << 16;  // samples
constexpr Index kMostBins = 1024;
constexpr double kHighestRate = 768000;  // Hz

constexpr std::array<std::pair<FeatureKind, const char*>, 2> kKinds{
    {{FeatureKind::kFilterBank, "fbank"}, {FeatureKind::kMfcc, "mfcc"}}};
constexpr std::array<std::pair<WindowKind, const char*>, 4> kWindows{
    {{WindowKind::kPovey, "povey"},
     {WindowKind::kHamming, "hamming"},
     {WindowKind::kHann, "hann"},
     {WindowKind::kRectangular, "rectangular"}}};

template <typename Names, typename Value>
const char* NameOf(const Names& names, Value value) {
  const auto found = std::find_if(names.begin(), names.end(),
                                  [&](const auto& entry) { return entry.first == value; });
  LOCKSTEP_CHECK(found != names.end());
  return found->second;
}

template <typename Names>
auto ValueOf(const Names& names, const JsonNode& node) {
  std::string allowed;
  for (const auto& [value, name] : names) {
    if (node.Text() == name) return value;
    allowed += std::string(allowed.empty() ? "" : ", ") + name;
  }
  node.Fail(fmt::format("is \"{}\", allowed are {}", node.Text(), allowed));
}

// Calls visit(name, field) for every field, so that writing, reading and counting have one list.
template <typename Options, typename Visit>
void VisitFields(Options& options, Visit visit) {
  visit("kind", options.kind);
  visit("sample_rate", options.sample_rate);
  visit("frame_length_ms", options.frame_length_ms);
  visit("frame_shift_ms", options.frame_shift_ms);
  visit("preemphasis", options.preemphasis);
  visit("window", options.window);
  visit("remove_dc_offset", options.remove_dc_offset);
  visit("round_to_power_of_two", options.round_to_power_of_two);
  visit("snip_edges", options.snip_edges);
  visit("num_mel_bins", options.num_mel_bins);
  visit("low_freq", options.low_freq);
  visit("high_freq", options.high_freq);
  visit("use_power", options.use_power);
  visit("use_log_fbank", options.use_log_fbank);
  visit("use_energy", options.use_energy);
  visit("raw_energy", options.raw_energy);
  visit("energy_floor", options.energy_floor);
  visit("num_ceps", options.num_ceps);
  visit("cepstral_lifter", options.cepstral_lifter);
}

struct FieldWriter {
  nlohmann::json* json;
  template <typename Field>
  void operator()(const char* name, const Field& field) const {
    (*json)[name] = field;
  }
  void operator()(const char* name, const FeatureKind& kind) const {
    (*json)[name] = NameOf(kKinds, kind);
  }
  void operator()(const char* name, const WindowKind& window) const {
    (*json)[name] = NameOf(kWindows, window);
  }
};

struct FieldReader {
  const JsonNode* node;
  void operator()(const char* name, FeatureKind& kind) const {
    kind = ValueOf(kKinds, node->At(name));
  }
  void operator()(const char* name, WindowKind& window) const {
    window = ValueOf(kWindows, node->At(name));
  }
  void operator()(const char* name, Index& field) const { field = node->At(name).Integer(0); }
  void operator()(const char* name, double& field) const { field = node->At(name).Real(); }
  void operator()(const char* name, bool& field) const { field = node->At(name).Boolean(); }
};

void CheckNames(const JsonNode& node) {
  const nlohmann::json known = FeatureOptionsJson({});
  for (const auto& [name, value] : node.Members()) {
    if (!known.contains(name)) value.Fail("is unknown to this version");
  }
}

// Collects what is wrong with some options, one line for each.
class Problems {
 public:
  template <typename Value>
  void Require(bool holds, const char* name, Value value, const std::string& allowed) {
    if (!holds) text_ += fmt::format("\n  {} is {}, allowed: {}", name, value, allowed);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

bool Between(double value, double low, double high) { return value >= low && value <= high; }

void CheckFrames(const FeatureOptions& options, Problems* problems) {
  const double longest = 1000.0 * static_cast<double>(kLongestFrame) / options.sample_rate;
  const double sample = 1000.0 / options.sample_rate;
  problems->Require(Between(options.frame_length_ms, 2 * sample, longest), "frame_length_ms",
                    options.frame_length_ms,
                    fmt::format("{} (2 samples) .. {}", 2 * sample, longest));
  problems->Require(Between(options.frame_shift_ms, sample, longest), "frame_shift_ms",
                    options.frame_shift_ms, fmt::format("{} (1 sample) .. {}", sample, longest));
  problems->Require(Between(options.preemphasis, 0, 1), "preemphasis", options.preemphasis, "0..1");
}

void CheckBands(const FeatureOptions& options, Problems* problems) {
  const double nyquist = options.sample_rate / 2;
  const double high = options.HighestFrequency();
  problems->Require(options.num_mel_bins >= 3 && options.num_mel_bins <= kMostBins, "num_mel_bins",
                    options.num_mel_bins, fmt::format("3..{}", kMostBins));
  problems->Require(options.low_freq >= 0 && options.low_freq < high, "low_freq", options.low_freq,
                    fmt::format("0 .. below high_freq, which is {} Hz", high));
  problems->Require(
      high > 0 && high <= nyquist, "high_freq", options.high_freq,
      fmt::format("up to {} (half of sample_rate); 0 or less counts from there", nyquist));
}

void CheckValues(const FeatureOptions& options, Problems* problems) {
  problems->Require(options.energy_floor >= 0 && std::isfinite(options.energy_floor),
                    "energy_floor", options.energy_floor, "0 and more");
  if (options.kind != FeatureKind::kMfcc) return;
  problems->Require(options.num_ceps >= 1 && options.num_ceps <= options.num_mel_bins, "num_ceps",
                    options.num_ceps, fmt::format("1..{} (num_mel_bins)", options.num_mel_bins));
  problems->Require(options.cepstral_lifter >= 0 && std::isfinite(options.cepstral_lifter),
                    "cepstral_lifter", options.cepstral_lifter, "0 and more");
}

}  // namespace

// Multiplies in the same order as Kaldi, because the product is rounded down to an integer.
Index FeatureOptions::FrameLength() const {
  return static_cast<Index>(sample_rate * 0.001 * frame_length_ms);
}

Index FeatureOptions::FrameShift() const {
  return static_cast<Index>(sample_rate * 0.001 * frame_shift_ms);
}

Index FeatureOptions::FftSize() const {
  const auto length = static_cast<std::uint64_t>(FrameLength());
  return static_cast<Index>(round_to_power_of_two ? std::bit_ceil(length) : length + length % 2);
}

Index FeatureOptions::Width() const {
  return kind == FeatureKind::kMfcc ? num_ceps : num_mel_bins + (use_energy ? 1 : 0);
}

double FeatureOptions::HighestFrequency() const {
  return high_freq > 0 ? high_freq : sample_rate / 2 + high_freq;
}

void CheckFeatureOptions(const FeatureOptions& options) {
  Problems problems;
  const bool has_rate = Between(options.sample_rate, 1000, kHighestRate);
  problems.Require(has_rate, "sample_rate", options.sample_rate,
                   fmt::format("1000..{}", kHighestRate));
  if (has_rate) {
    CheckFrames(options, &problems);
    CheckBands(options, &problems);
  }
  CheckValues(options, &problems);
  if (!problems.text().empty()) {
    throw UsageError("the options of the features cannot be used:{}", problems.text());
  }
}

nlohmann::json FeatureOptionsJson(const FeatureOptions& options) {
  nlohmann::json json = nlohmann::json::object();
  VisitFields(options, FieldWriter{&json});
  return json;
}

std::string FeatureOptionsText(const FeatureOptions& options) {
  return JsonText(FeatureOptionsJson(options));
}

FeatureOptions FeatureOptionsFromJson(const nlohmann::json& json, const std::string& file) {
  const JsonNode node(json, file, "");
  FeatureOptions options;
  VisitFields(options, FieldReader{&node});
  CheckNames(node);
  CheckFeatureOptions(options);
  return options;
}

FeatureOptions FeatureOptionsFromText(const std::string& text, const std::string& file) {
  const nlohmann::json json = ParseJsonOrDiscard(text);
  if (json.is_discarded()) throw BadData("{}: the options of the features are no JSON", file);
  return FeatureOptionsFromJson(json, file);
}

}  // namespace lockstep
