#include "worker/comm/host_routes.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "worker/comm/messages.h"

namespace lockstep {
namespace {

bool AnyTwoEqual(std::vector<int> numbers) {
  std::sort(numbers.begin(), numbers.end());
  return std::adjacent_find(numbers.begin(), numbers.end()) != numbers.end();
}

bool AllEqual(const std::vector<int>& numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [&](int n) { return n == numbers[0]; });
}

}  // namespace

HostRoutes::HostRoutes(int rank, const std::vector<int>& host_of) : rank_(rank) {
  std::map<int, int> seen;  // number of a host in host_of -> its index in ranks_of_hosts_
  for (int r = 0; r < static_cast<int>(host_of.size()); ++r) {
    const int number = host_of[static_cast<std::size_t>(r)];
    const int host = seen.emplace(number, static_cast<int>(seen.size())).first->second;
    ranks_of_hosts_.resize(seen.size());
    std::vector<int>& ranks = ranks_of_hosts_[static_cast<std::size_t>(host)];
    place_of_.push_back({host, static_cast<int>(ranks.size())});
    ranks.push_back(r);
  }
  held_ = HeldBy(rank);
  place_in_held_.resize(host_of.size());
  for (std::size_t i = 0; i < held_.size(); ++i) {
    place_in_held_[static_cast<std::size_t>(held_[i])] = i;
  }
  RouteInside();
  RouteBetween();
}

HostRoutes HostRoutes::OneLevel(int rank, int ranks) {
  std::vector<int> host_of(static_cast<std::size_t>(ranks));
  std::iota(host_of.begin(), host_of.end(), 0);
  return HostRoutes(rank, host_of);
}

HostRoutes HostRoutes::For(int rank, const std::vector<int>& host_of) {
  if (AllEqual(host_of) || !AnyTwoEqual(host_of)) {
    return OneLevel(rank, static_cast<int>(host_of.size()));
  }
  return HostRoutes(rank, host_of);
}

// The ranks of a host take turns as deputies of the owners on another host, so that each has about
// the same number of owners.
int HostRoutes::Deputy(int owner, int host) const {
  const Place& place = place_of_[static_cast<std::size_t>(owner)];
  if (place.host == host) return owner;
  const std::vector<int>& ranks = RanksOf(host);
  return ranks[static_cast<std::size_t>(place.index) % ranks.size()];
}

std::vector<int> HostRoutes::HeldFrom(int host, int rank) const {
  const Place& place = place_of_[static_cast<std::size_t>(rank)];
  std::vector<int> owners;
  for (std::size_t i = static_cast<std::size_t>(place.index); i < RanksOf(host).size();
       i += RanksOf(place.host).size()) {
    owners.push_back(RanksOf(host)[i]);
  }
  return owners;
}

std::vector<int> HostRoutes::HeldBy(int rank) const {
  std::vector<int> owners;
  for (int host = 0; host < static_cast<int>(ranks_of_hosts_.size()); ++host) {
    for (int owner : HeldFrom(host, rank)) owners.push_back(owner);
  }
  return owners;
}

void HostRoutes::RouteInside() {
  const std::vector<int>& ranks = RanksOf(host());
  const int index = place_of_[static_cast<std::size_t>(rank_)].index;
  const int count = static_cast<int>(ranks.size());
  for (int d = 1; d < count; ++d) {
    const int to = ranks[static_cast<std::size_t>(PartnerToSendTo(index, count, d))];
    const int from = ranks[static_cast<std::size_t>(PartnerToReceiveFrom(index, count, d))];
    for (int owner : HeldBy(to)) sums_inside_.sends.push_back({to, owner});
    for (int owner : held_) sums_inside_.receives.push_back({from, owner});
    for (int owner : held_) copies_inside_.sends.push_back({to, owner});
    for (int owner : HeldBy(from)) copies_inside_.receives.push_back({from, owner});
  }
}

void HostRoutes::RouteBetween() {
  const int hosts = static_cast<int>(ranks_of_hosts_.size());
  for (int d = 1; d < hosts; ++d) {
    const int to = PartnerToSendTo(host(), hosts, d);
    const int from = PartnerToReceiveFrom(host(), hosts, d);
    for (int owner : HeldFrom(to, rank_)) sums_between_.sends.push_back({owner, owner});
    sums_between_.receives.push_back({Deputy(rank_, from), rank_});
    copies_between_.sends.push_back({Deputy(rank_, to), rank_});
    for (int owner : HeldFrom(from, rank_)) copies_between_.receives.push_back({owner, owner});
  }
}

}  // namespace lockstep
