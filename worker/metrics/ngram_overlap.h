// Counts runs of n tokens (n-grams) that two sequences have in common.
#pragma once

#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

#include "base/types.h"

namespace lockstep {

struct NgramOverlap {
  Index found = 0;    // n-grams of the hypothesis
  Index wanted = 0;   // n-grams of the reference
  Index matched = 0;  // an n-gram that occurs i times in one and j times in the other: min(i, j)
  NgramOverlap& operator+=(const NgramOverlap& other) {
    found += other.found;
    wanted += other.wanted;
    matched += other.matched;
    return *this;
  }
  bool operator==(const NgramOverlap&) const = default;
};

// The places of all n-grams of a sequence, sorted by the n-grams; T must have an order.
template <typename T>
std::vector<Index> SortedNgrams(std::span<const T> tokens, Index n) {
  std::vector<Index> places(
      static_cast<std::size_t>(std::max<Index>(0, std::ssize(tokens) - n + 1)));
  std::iota(places.begin(), places.end(), Index{0});
  const auto at = [&](Index place) { return tokens.begin() + place; };
  std::ranges::sort(places, [&](Index a, Index b) {
    return std::lexicographical_compare(at(a), at(a) + n, at(b), at(b) + n);
  });
  return places;
}

// n >= 1. Takes time in proportion to n L log L for L tokens.
template <typename T>
NgramOverlap CountNgrams(std::span<const T> hypothesis, std::span<const T> reference, Index n) {
  const std::vector<Index> found = SortedNgrams(hypothesis, n);
  const std::vector<Index> wanted = SortedNgrams(reference, n);
  NgramOverlap overlap{std::ssize(found), std::ssize(wanted), 0};
  for (std::size_t i = 0, j = 0; i < found.size() && j < wanted.size();) {
    const auto a = hypothesis.begin() + found[i], b = reference.begin() + wanted[j];
    const bool less = std::lexicographical_compare(a, a + n, b, b + n);
    const bool more = !less && std::lexicographical_compare(b, b + n, a, a + n);
    overlap.matched += !less && !more ? 1 : 0;
    i += more ? 0 : 1;
    j += less ? 0 : 1;
  }
  return overlap;
}

}  // namespace lockstep
