#include "launch/report/event_file.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "base/error.h"
#include "base/raw_file.h"
#include "launch/output/cell_text.h"
#include "trainer/report/event_records.h"

namespace lockstep {
namespace {

constexpr std::size_t kMostTags = 200, kLongestTag = 200;
constexpr Index kMostValues = 2'000'000;
constexpr double kFarthestStep = 1e15;  // a single step beyond it would squeeze all others together
// Records of scalars are short; pictures and sounds are not read.
constexpr std::uint64_t kLongestRecord = std::uint64_t{1} << 16;
constexpr Index kHeaderBytes = 12, kFooterBytes = 4;

// Little-endian; `bytes` has at least as many.
template <typename Number>
Number NumberAt(std::string_view bytes, std::size_t at = 0) {
  static_assert(std::endian::native == std::endian::little);
  Number number;
  std::memcpy(&number, bytes.data() + at, sizeof(number));
  return number;
}

// A field of a protocol buffer. Of kinds 1 and 5, `bytes` are the eight or four of the number.
struct ProtoField {
  int number = 0, kind = 0;
  std::uint64_t varint = 0;
  std::string_view bytes;
};

// Takes the fields of a message one after another.
class ProtoFields {
 public:
  explicit ProtoFields(std::string_view message) : rest_(message) {}

  // False at the end, or where the rest is no field; then good() is false.
  bool Next(ProtoField* field) {
    if (rest_.empty() || !good_) return false;
    const std::uint64_t key = TakeVarint();
    field->number = static_cast<int>(std::min<std::uint64_t>(key >> 3, 1 << 30));
    field->kind = static_cast<int>(key & 7);
    field->varint = 0;
    field->bytes = {};
    if (field->kind == 0) field->varint = TakeVarint();
    if (field->kind == 1) field->bytes = TakeBytes(8);
    if (field->kind == 2) field->bytes = TakeBytes(TakeVarint());
    if (field->kind == 5) field->bytes = TakeBytes(4);
    good_ = good_ && (field->kind <= 2 || field->kind == 5);
    return good_;
  }
  bool good() const { return good_; }

 private:
  std::uint64_t TakeVarint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_[0]);
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    good_ = false;
    return 0;
  }
  std::string_view TakeBytes(std::uint64_t count) {
    if (!good_ || count > rest_.size()) {
      good_ = false;
      return {};
    }
    const std::string_view bytes = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return bytes;
  }

  std::string_view rest_;
  bool good_ = true;
};

// TensorProto: dtype = 1 (1: float, 2: double), tensor_content = 4, float_val = 5, double_val = 6;
// the last two are packed or not. Nothing unless it holds one number.
std::optional<double> NumberOfTensor(std::string_view tensor) {
  ProtoFields fields(tensor);
  std::uint64_t type = 0;
  std::string_view number;
  int numbers = 0;
  for (ProtoField field; fields.Next(&field);) {
    if (field.number == 1 && field.kind == 0) type = field.varint;
    if (field.number < 4 || field.number > 6 || field.kind == 0 || field.bytes.empty()) continue;
    number = field.bytes;
    ++numbers;
  }
  if (!fields.good() || numbers != 1) return std::nullopt;
  if (type == 1 && number.size() == sizeof(float)) return NumberAt<float>(number);
  if (type == 2 && number.size() == sizeof(double)) return NumberAt<double>(number);
  return std::nullopt;
}

struct Scalar {
  std::string_view tag;
  std::optional<double> value;
};

// What a message of the file says; false from Read if it is none.
struct Event {
  double seconds = 0, step = 0;
  bool restarts = false;
  std::vector<Scalar> scalars;

  bool Read(std::string_view message) {
    ProtoFields fields(message);
    for (ProtoField field; fields.Next(&field);) {
      if (field.number == 1 && field.kind == 1) seconds = NumberAt<double>(field.bytes);
      if (field.number == 2 && field.kind == 0)
        step = static_cast<double>(static_cast<std::int64_t>(field.varint));
      if (field.number == 5 && field.kind == 2 && !ReadSummary(field.bytes)) return false;
      if (field.number == 7 && field.kind == 2 && !ReadSessionLog(field.bytes)) return false;
    }
    return fields.good();
  }

 private:
  bool ReadSummary(std::string_view summary) {
    ProtoFields fields(summary);
    for (ProtoField field; fields.Next(&field);) {
      if (field.number == 1 && field.kind == 2 && !ReadValue(field.bytes)) return false;
    }
    return fields.good();
  }
  bool ReadValue(std::string_view value) {
    ProtoFields fields(value);
    Scalar scalar;
    for (ProtoField field; fields.Next(&field);) {
      if (field.number == 1 && field.kind == 2) scalar.tag = field.bytes;
      if (field.number == 2 && field.kind == 5) scalar.value = NumberAt<float>(field.bytes);
      if (field.number == 8 && field.kind == 2) scalar.value = NumberOfTensor(field.bytes);
    }
    if (scalar.value) scalars.push_back(scalar);
    return fields.good();
  }
  // SessionLog: status = 1, START = 1.
  bool ReadSessionLog(std::string_view log) {
    ProtoFields fields(log);
    for (ProtoField field; fields.Next(&field);)
      restarts = restarts || (field.number == 1 && field.varint == 1);
    return fields.good();
  }
};

// Adds values to the curves of their tags. A program that begins again from an earlier step writes
// the later ones once more: a restart takes back what was written of them.
class ScalarStore {
 public:
  explicit ScalarStore(EventScalars* scalars) : scalars_(*scalars) {
    for (auto& [name, curve] : scalars_.by_tag) {
      Tag& tag = tags_[name];
      tag.curve = &curve;
      FindOrder(&tag);
      largest_step_ = std::max(largest_step_, tag.largest_step);
      values_ += std::ssize(curve.steps);
    }
  }

  // False if there are too many tags or values.
  bool Add(const Event& event, const Scalar& scalar) {
    auto found = tags_.find(scalar.tag);
    if (values_ >= kMostValues) return false;
    if (found == tags_.end()) {
      if (tags_.size() >= kMostTags) return false;
      const std::string name(scalar.tag);
      found = tags_.emplace(name, Tag{&scalars_.by_tag[name]}).first;
    }
    Tag& tag = found->second;
    tag.ascends = tag.ascends && event.step >= tag.largest_step;
    tag.largest_step = std::max(tag.largest_step, event.step);
    largest_step_ = std::max(largest_step_, event.step);
    tag.curve->steps.push_back(event.step);
    tag.curve->values.push_back(*scalar.value);
    tag.curve->seconds.push_back(event.seconds);
    ++values_;
    return true;
  }

  // Takes back the values of `step` and of later steps. A file may hold as many restarts as values,
  // so a restart must not walk through all of them. Tags without such a value are passed over; of
  // a tag whose steps ascend, as programs write them, only the end is touched. Tags whose steps do
  // not ascend are walked through, so that many restarts that each void few of their values are
  // slow; a heap of the values by step would end that.
  void Forget(double step) {
    if (largest_step_ < step) return;
    largest_step_ = kNoStep;
    for (auto& [name, tag] : tags_) {
      if (tag.largest_step >= step) ForgetOf(step, &tag);
      largest_step_ = std::max(largest_step_, tag.largest_step);
    }
  }

 private:
  static constexpr double kNoStep = -std::numeric_limits<double>::infinity();
  struct Tag {
    Curve* curve = nullptr;
    double largest_step = kNoStep;
    bool ascends = true;  // each step is at least the one before
  };

  static void FindOrder(Tag* tag) {
    const auto& steps = tag->curve->steps;
    tag->ascends = std::ranges::is_sorted(steps);
    tag->largest_step = steps.empty() ? kNoStep : *std::ranges::max_element(steps);
  }

  void ForgetOf(double step, Tag* tag) {
    Curve& curve = *tag->curve;
    const std::size_t before = curve.steps.size();
    std::size_t kept = 0;
    if (tag->ascends) {
      kept = static_cast<std::size_t>(std::ranges::lower_bound(curve.steps, step) -
                                      curve.steps.begin());
    } else {
      for (std::size_t i = 0; i < before; ++i) {
        if (curve.steps[i] >= step) continue;
        curve.steps[kept] = curve.steps[i];
        curve.values[kept] = curve.values[i];
        curve.seconds[kept++] = curve.seconds[i];
      }
    }
    for (auto* values : {&curve.steps, &curve.values, &curve.seconds}) values->resize(kept);
    values_ -= static_cast<Index>(before - kept);
    if (tag->ascends) {
      tag->largest_step = kept == 0 ? kNoStep : curve.steps.back();
    } else {
      FindOrder(tag);
    }
  }

  EventScalars& scalars_;
  std::map<std::string, Tag, std::less<>> tags_;  // those of scalars_.by_tag
  double largest_step_ = kNoStep;                 // of all tags
  Index values_ = 0;                              // of all tags
};

class EventFileReader {
 public:
  EventFileReader(const std::string& path, ScalarStore* store, EventScalars* scalars)
      : file_(RawFile::OpenForReading(path)),
        size_(file_.SizeBytes()),
        store_(*store),
        scalars_(*scalars) {}

  void Read() {
    while (at_ < size_ && ReadRecord()) {
    }
    if (long_tags_ > 0) {
      Tell(fmt::format("values left out because their tags are longer than {} bytes: {}",
                       kLongestTag, long_tags_));
    }
    if (far_steps_ > 0) {
      Tell(fmt::format("values left out because their steps lie beyond +-10^15: {}", far_steps_));
    }
  }

 private:
  // False if nothing more can be read.
  bool ReadRecord() {
    const auto left = static_cast<std::uint64_t>(size_ - at_);
    if (left < kHeaderBytes) return EndsWithin();
    const std::string header = Bytes(at_, kHeaderBytes);
    const auto length = NumberAt<std::uint64_t>(header);
    const std::string_view length_bytes = std::string_view(header).substr(0, sizeof(length));
    if (MaskedCrc32c(length_bytes) != NumberAt<std::uint32_t>(header, sizeof(length))) {
      Tell(
          fmt::format("read up to byte {}: what follows is no record of an event file (wrong "
                      "checksum of its length)",
                      at_));
      return false;
    }
    constexpr std::uint64_t kAround = kHeaderBytes + kFooterBytes;
    if (left < kAround || length > left - kAround) return EndsWithin();
    const Index data = at_ + kHeaderBytes, bytes = static_cast<Index>(length);
    if (length <= kLongestRecord) TakeRecord(Bytes(data, bytes + kFooterBytes));
    at_ = data + bytes + kFooterBytes;
    return true;
  }

  // A file that is cut off cannot be told from one that a program is writing.
  bool EndsWithin() {
    Tell(
        fmt::format("may still be written; read up to byte {} of {}, since the record that begins "
                    "there goes beyond the end of the file",
                    at_, size_));
    return false;
  }

  void TakeRecord(std::string_view record) {
    const std::string_view message = record.substr(0, record.size() - kFooterBytes);
    Event event;
    if (MaskedCrc32c(message) != NumberAt<std::uint32_t>(record, message.size()) ||
        !event.Read(message)) {
      ++scalars_.unreadable_records;
      return;
    }
    if (event.restarts) store_.Forget(event.step);
    for (const Scalar& scalar : event.scalars) Add(event, scalar);
  }

  void Add(const Event& event, const Scalar& scalar) {
    if (scalar.tag.size() > kLongestTag) {
      ++long_tags_;
    } else if (std::abs(event.step) > kFarthestStep) {
      ++far_steps_;
    } else if (!store_.Add(event, scalar)) {
      ++scalars_.left_out_values;
    }
  }

  void Tell(const std::string& text) {
    scalars_.problems.push_back(fmt::format("{}: {}", CellText(file_.path()), text));
  }

  std::string Bytes(Index at, Index count) const {
    std::string bytes(static_cast<std::size_t>(count), '\0');
    file_.ReadAt(at, std::as_writable_bytes(std::span(bytes)));
    return bytes;
  }

  RawFile file_;
  Index size_, at_ = 0;
  Index long_tags_ = 0, far_steps_ = 0;  // values that are left out
  ScalarStore& store_;
  EventScalars& scalars_;
};

std::vector<std::string> EventFilesIn(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const bool is_named_so = entry.path().filename().string().find("tfevents") != std::string::npos;
    if (is_named_so && entry.is_regular_file()) paths.push_back(entry.path().string());
  }
  std::ranges::sort(paths);
  return paths;
}

}  // namespace

void AddEventFile(const std::string& path, EventScalars* scalars) {
  ScalarStore store(scalars);
  EventFileReader(path, &store, scalars).Read();
}

EventScalars ReadEvents(const std::string& path) {
  std::error_code unknown;  // which opening it as a file names
  const bool is_folder = std::filesystem::is_directory(path, unknown);
  const std::vector<std::string> paths =
      is_folder ? EventFilesIn(path) : std::vector<std::string>{path};
  if (paths.empty()) {
    throw MissingInput(
        "{}: there is no event file of TensorBoard in this folder (a file with \"tfevents\" in its "
        "name); give the folder of one run, as the program that wrote it got it",
        path);
  }
  EventScalars scalars;
  ScalarStore store(&scalars);
  for (const std::string& file : paths) EventFileReader(file, &store, &scalars).Read();
  return scalars;
}

}  // namespace lockstep
