#include "measure/telemetry/visible.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>

#include "core/text.h"

namespace qc {
namespace {

std::optional<unsigned> find_card(std::string_view name, const std::vector<std::string>& uuids) {
  unsigned index = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
  if (error == std::errc{} && end == name.data() + name.size()) return index < uuids.size() ? std::optional(index) : std::nullopt;
  const auto found = std::ranges::find_if(uuids, [&](const std::string& uuid) { return name.starts_with("GPU-") && uuid.starts_with(name); });
  return found == uuids.end() ? std::nullopt : std::optional(static_cast<unsigned>(found - uuids.begin()));
}

}  // namespace

std::vector<unsigned> visible_devices(std::string_view spec, const std::vector<std::string>& uuids) {
  std::vector<unsigned> all(uuids.size()), named;
  std::iota(all.begin(), all.end(), 0U);
  for (const std::string& part : split(spec, ',')) {
    const std::string_view name = trim(part);
    if (name.starts_with("MIG-")) return all;
    const auto card = find_card(name, uuids);
    if (!card || std::ranges::find(named, *card) != named.end()) break;
    named.push_back(*card);
  }
  return named;
}

}  // namespace qc
