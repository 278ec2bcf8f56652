#include "record/proof.h"

#include <algorithm>

namespace qc {

bool SettingList::has(std::string_view name) const {
  return std::ranges::any_of(all_, [&](const ProvenSetting& s) { return s.name == name; });
}

void SettingList::add(const std::string& name, const std::string& value, const std::string& source) {
  if (value.empty()) return;
  const auto found = std::ranges::find(all_, name, &ProvenSetting::name);
  if (found == all_.end()) all_.push_back({name, value, source});
  else if (found->value.empty()) *found = {name, value, source};
}

void SettingList::add_unknown(const std::string& name, const std::string& why) {
  if (!has(name)) all_.push_back({name, "", why});
}

std::string value_of(const std::vector<ProvenSetting>& settings, std::string_view name) {
  const auto found = std::ranges::find(settings, name, &ProvenSetting::name);
  return found == settings.end() ? std::string() : found->value;
}

}  // namespace qc
