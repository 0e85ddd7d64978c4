#include "data/dna/base_labels.h"

#include "base/error.h"

namespace lockstep {
namespace {

Vocabulary FrameClasses() {
  Vocabulary classes{"classes", {"other"}, {kOtherClass}, -1};
  constexpr const char* kKindNames[kCodonKinds] = {"coding", "start", "stop"};
  for (const bool plus : {true, false}) {
    for (int kind = 0; kind < kCodonKinds; ++kind) {
      for (int position = 0; position < kCodonPositions; ++position) {
        classes.names.push_back(
            fmt::format("{}{}{}", kKindNames[kind], plus ? '+' : '-', position + 1));
        classes.complement.push_back(FrameClass(!plus, static_cast<CodonKind>(kind), position));
      }
    }
  }
  return classes;
}

}  // namespace

Vocabulary ClassesOf(BaseLabels labels) {
  if (labels == BaseLabels::kFrame) return FrameClasses();
  return {"classes",
          {"other", "coding+", "coding-"},
          {kOtherClass, kCodingMinusClass, kCodingPlusClass},
          -1};
}

std::optional<BaseLabels> BaseLabelsOf(const std::vector<std::string>& class_names) {
  for (const BaseLabels labels : {BaseLabels::kStrand, BaseLabels::kFrame}) {
    if (class_names == ClassesOf(labels).names) return labels;
  }
  return std::nullopt;
}

BaseLabels BaseLabelsFromName(const std::string& name) {
  if (name == "strand") return BaseLabels::kStrand;
  if (name == "frame") return BaseLabels::kFrame;
  throw UsageError("prepare dna: --labels is \"{}\"; allowed are strand and frame", name);
}

}  // namespace lockstep
