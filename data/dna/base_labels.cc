#include "data/dna/base_labels.h"

#include "base/error.h"

namespace lockstep {
namespace {

// What a class says of a base.
struct FrameBase {
  explicit FrameBase(int label)
      : coding(label != kOtherClass),
        plus(label < 1 + kCodonKinds * kCodonPositions),
        kind(static_cast<CodonKind>((label - 1) / kCodonPositions % kCodonKinds)),
        position((label - 1) % kCodonPositions) {}
  bool Is(bool on_plus, CodonKind of_kind, int at) const {
    return coding && plus == on_plus && kind == of_kind && position == at;
  }
  bool coding;
  bool plus;
  CodonKind kind;
  int position;
};

// The first base of a stop codon in the direction of the + strand. Stop codons hide all other bases
// of genes that they overlap.
bool BeginsStop(const FrameBase& base) {
  return base.Is(true, CodonKind::kStop, 0) || base.Is(false, CodonKind::kStop, 2);
}

bool MayFollowInner(const FrameBase& base, const FrameBase& next) {
  const bool begins_start =
      next.Is(true, CodonKind::kStart, 0) || next.Is(false, CodonKind::kStart, 2);
  return !next.coding || BeginsStop(next) || begins_start ||
         next.Is(true, CodonKind::kInner, (base.position + 1) % kCodonPositions);
}

bool MayFollowStart(const FrameBase& base, const FrameBase& next) {
  if (BeginsStop(next)) return true;
  if (base.position < 2) return next.Is(true, CodonKind::kStart, base.position + 1);
  return next.coding && next.kind == CodonKind::kInner;  // perhaps of a gene that it lies in
}

// What follows from a base on the + strand or outside of genes.
bool MayFollowPlus(const FrameBase& base, const FrameBase& next) {
  if (!base.coding) {
    const bool is_inner = next.coding && next.kind == CodonKind::kInner;
    return !next.coding || is_inner || BeginsStop(next) || next.Is(true, CodonKind::kStart, 0);
  }
  if (!base.plus) return false;
  if (base.kind == CodonKind::kInner) return MayFollowInner(base, next);
  if (base.kind == CodonKind::kStart) return MayFollowStart(base, next);
  if (base.position == 2) return true;  // the next gene may have begun before
  return BeginsStop(next) || next.Is(true, CodonKind::kStop, base.position + 1);
}

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
  classes.order = FrameOrder();
  return classes;
}

}  // namespace

// Whatever may be read on one strand may be read on the other one, backwards.
LabelOrder FrameOrder() {
  const auto complement = [](int label) {
    const FrameBase base(label);
    return base.coding ? FrameClass(!base.plus, base.kind, base.position) : kOtherClass;
  };
  LabelOrder order;
  order.followers.resize(kFrameClasses);
  for (int from = 0; from < kFrameClasses; ++from) {
    for (int to = 0; to < kFrameClasses; ++to) {
      if (MayFollowPlus(FrameBase(from), FrameBase(to)) ||
          MayFollowPlus(FrameBase(complement(to)), FrameBase(complement(from))))
        order.followers[static_cast<std::size_t>(from)].push_back(to);
    }
  }
  return order;
}

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
