#include "data/dna/genes/base_evidence.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"

namespace lockstep {
namespace {

constexpr Index kStrandClasses = 3;

std::uint8_t Rounded(float value, float steps) {
  const float scaled = std::clamp(std::round(value * steps), -127.0f, 127.0f);
  return static_cast<std::uint8_t>(static_cast<std::int8_t>(scaled));
}

// Small probabilities are badly known: a model that is wrong is often very sure. Adding a constant
// bounds what a single base can say.
std::uint8_t CodingByte(float coding, float other) {
  constexpr float kAdded = 1.0f / 512;
  return Rounded(std::log((coding + kAdded) / (other + kAdded)), 20);
}

std::uint8_t StartByte(float start) {
  constexpr float kAdded = 1e-4f;
  return Rounded(std::log((start + kAdded) / (1 - start + kAdded)), 13);
}

// Probabilities of the classes of one base. Set for `classes` entries.
void Softmax(const float* logits, Index classes, std::array<float, kFrameClasses>* p) {
  const float top = *std::max_element(logits, logits + classes);
  float sum = 0;
  for (Index c = 0; c < classes; ++c) {
    auto& entry = (*p)[static_cast<std::size_t>(c)];
    entry = std::exp(logits[c] - top);
    sum += entry;
  }
  for (Index c = 0; c < classes; ++c) (*p)[static_cast<std::size_t>(c)] /= sum;
}

float CodingOf(const std::array<float, kFrameClasses>& p, bool plus, int position) {
  float sum = 0;
  for (int kind = 0; kind < kCodonKinds; ++kind)
    sum += p[FrameClass(plus, static_cast<CodonKind>(kind), position)];
  return sum;
}

void AppendFrames(const std::array<float, kFrameClasses>& p, std::uint8_t* bytes) {
  for (const bool plus : {true, false}) {
    for (int k = 0; k < kCodonPositions; ++k)
      *bytes++ = CodingByte(CodingOf(p, plus, k), p[kOtherClass]);
  }
  for (const bool plus : {true, false})
    *bytes++ = StartByte(p[FrameClass(plus, CodonKind::kStart, 0)]);
}

void AppendStrands(const std::array<float, kFrameClasses>& p, std::uint8_t* bytes) {
  for (const std::uint8_t strand : {kCodingPlusClass, kCodingMinusClass}) {
    for (int k = 0; k < kCodonPositions; ++k) *bytes++ = CodingByte(p[strand], p[kOtherClass]);
  }
  *bytes++ = 0;
  *bytes++ = 0;
}

}  // namespace

void AppendEvidence(BaseLabels labels, std::span<const std::uint8_t> codes,
                    std::span<const float> logits, std::vector<std::uint8_t>* bytes) {
  const Index classes = labels == BaseLabels::kFrame ? kFrameClasses : kStrandClasses;
  LOCKSTEP_CHECK_EQ(codes.size() * static_cast<std::size_t>(classes), logits.size());
  std::array<float, kFrameClasses> p{};
  std::size_t at = bytes->size();
  bytes->resize(at + codes.size() * kEvidenceBytes);
  for (std::size_t i = 0; i < codes.size(); ++i, at += kEvidenceBytes) {
    std::uint8_t* const base = bytes->data() + at;
    Softmax(logits.data() + i * static_cast<std::size_t>(classes), classes, &p);
    base[0] = codes[i];
    labels == BaseLabels::kFrame ? AppendFrames(p, base + 1) : AppendStrands(p, base + 1);
  }
}

}  // namespace lockstep
