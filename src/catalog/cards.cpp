#include "catalog/cards.h"

#include <algorithm>
#include <cctype>

#include "catalog/embedded.h"
#include "core/json.h"

namespace qc {
namespace {

/// Letters and digits alone, in lower case.
std::string plain(const std::string& name) {
  std::string out;
  for (const char c : name)
    if (std::isalnum(static_cast<unsigned char>(c))) out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::vector<KnownCard> read_cards() {
  std::vector<KnownCard> cards;
  const Json table = Json::parse(*find_embedded(qc_embedded_qc_catalog, "gpus.json"));
  for (const Json& g : table.at("gpus"))
    cards.push_back({g.at("name").get<std::string>(), g.at("aliases").get<std::vector<std::string>>(), g.at("memory_mib").get<std::int64_t>() << 20, g.at("bandwidth_gb_s").get<double>()});
  // By whole GiB: cards of one size stay in the table's order, plain ones first.
  std::ranges::stable_sort(cards, {}, [](const KnownCard& c) { return (c.memory_bytes + (1LL << 29)) >> 30; });
  return cards;
}

}  // namespace

const std::vector<KnownCard>& known_cards() {
  static const std::vector<KnownCard> cards = read_cards();
  return cards;
}

std::optional<KnownCard> find_card(const std::string& name) {
  std::string wanted = plain(name);
  for (const std::string_view maker : {"nvidia", "geforce"})   // as NVML has it
    if (wanted.starts_with(maker)) wanted.erase(0, maker.size());
  const auto goes_by = [&](const KnownCard& card) {
    return plain(card.name) == wanted || std::ranges::any_of(card.aliases, [&](const std::string& alias) { return plain(alias) == wanted; });
  };
  const auto at = std::ranges::find_if(known_cards(), goes_by);
  return at == known_cards().end() ? std::nullopt : std::optional(*at);
}

}  // namespace qc
