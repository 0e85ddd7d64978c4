#include "data/text/class_table.h"

#include <algorithm>

#include "base/characters.h"
#include "base/error.h"
#include "base/text.h"

namespace lockstep {
namespace {

void SortAsClasses(std::vector<std::string>* names) {
  std::sort(names->begin(), names->end());
  std::vector<std::pair<std::int64_t, std::string>> by_value;
  for (const std::string& name : *names) {
    std::int64_t value = 0;
    if (!ReadNumber(name, &value)) return;
    by_value.emplace_back(value, name);
  }
  std::sort(by_value.begin(), by_value.end());
  for (std::size_t i = 0; i < by_value.size(); ++i) (*names)[i] = by_value[i].second;
}

}  // namespace

ClassTable::ClassTable(const std::vector<std::string>& given, std::string origin)
    : given_(!given.empty()), origin_(std::move(origin)) {
  for (const std::string& name : given) {
    numbers_.emplace(name, static_cast<std::int32_t>(labels_.size()));
    labels_.push_back({.name = name, .first_source = {}});
  }
}

std::string ClassTable::Add(const LabelledText& row, bool training) {
  const auto [found, is_new] =
      numbers_.try_emplace(row.label, static_cast<std::int32_t>(labels_.size()));
  if (is_new && given_) {
    numbers_.erase(found);
    return fmt::format(
        "{}: the class {} is not among {}, which are {}; correct the row, or train with the class",
        row.source, Printable(row.label), origin_, ListedNames());
  }
  if (is_new) labels_.push_back({.name = row.label, .first_source = row.source});
  if (labels_.size() > kMostClasses) {
    throw BadData(
        "{}: with {} the labels have more than {} different values, which are hardly classes; name "
        "the columns with --text-column and --label-column",
        row.source, Printable(row.label), kMostClasses);
  }
  Label& label = labels_[static_cast<std::size_t>(found->second)];
  ++(training ? label.training : label.others);
  return {};
}

std::string ClassTable::ListedNames() const {
  constexpr std::size_t kListed = 20;
  std::string listed;
  for (std::size_t c = 0; c < std::min(labels_.size(), kListed); ++c)
    listed += (c > 0 ? ", " : "") + Printable(labels_[c].name);
  return labels_.size() <= kListed
             ? listed
             : fmt::format("{} and {} more", listed, labels_.size() - kListed);
}

void ClassTable::SuspectHeader(const LabelledText& row) {
  suspects_.emplace_back(row.label, row.source);
}

void ClassTable::Check() const {
  for (const auto& [name, source] : suspects_) {
    const auto number = numbers_.find(name);
    if (number == numbers_.end()) continue;  // the row was bad or was left out
    const Label& label = labels_[static_cast<std::size_t>(number->second)];
    if (given_ || label.training + label.others > 1) continue;
    throw BadData(
        "{}: the class {} has this sample alone, and it is the first row of the file: is it a "
        "header? Give --header yes if it is, --header no if it is a sample",
        source, Printable(name));
  }
  if (labels_.empty()) throw BadData("cannot import the texts: the files hold no sample");
  for (const Label& label : labels_) {
    if (label.training > 0 || given_) continue;
    throw BadData(
        "{}: the class {} is in no training file, so it cannot be learned; add training samples of "
        "it, or correct or remove its {} rows",
        label.first_source, Printable(label.name), label.others);
  }
  if (labels_.size() > 1) return;
  throw BadData(
      "{}: all training texts have the class {}, and a classifier needs two or more; add samples "
      "of other classes, or name the column of the label with --label-column",
      labels_[0].first_source, Printable(labels_[0].name));
}

std::vector<std::string> ClassTable::Names() const {
  std::vector<std::string> names;
  for (const Label& label : labels_) names.push_back(label.name);
  if (!given_) SortAsClasses(&names);
  return names;
}

std::vector<std::int32_t> ClassTable::Ids() const {
  std::vector<std::int32_t> ids(labels_.size());
  const std::vector<std::string> names = Names();
  for (std::size_t id = 0; id < names.size(); ++id) {
    ids[static_cast<std::size_t>(Number(names[id]))] = static_cast<std::int32_t>(id);
  }
  return ids;
}

}  // namespace lockstep
