#include "study/problems.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "core/text.h"

namespace qc {
namespace {

constexpr std::size_t kMostShown = 50;
constexpr std::size_t kMostBytes = 60;

}  // namespace

std::string in_quotes(std::string_view text) {
  const std::string_view shown = whole_characters(text, kMostBytes);
  std::string out = "\"";
  for (const char c : shown) {
    if (c == '"' || c == '\\') out += '\\';
    const auto byte = static_cast<unsigned char>(c);
    byte < 0x20 || byte == 0x7F ? out += fmt::format("\\x{:02x}", byte) : out += c;
  }
  return out + (shown.size() < text.size() ? "...\"" : "\"");
}

KeyPlace place_in(const std::map<std::string, KeyPlace>& places, const std::string& key) {
  if (const auto at = places.find(key); at != places.end()) return at->second;
  const auto table = places.find(key.substr(0, key.rfind('.')));
  return table == places.end() ? KeyPlace{} : table->second;
}

std::string Problems::line_of(const Problem& p) const {
  const std::string where = p.place.set.empty() ? (p.key.starts_with("--") ? file_ : fmt::format("{}:{}", file_, p.place.line)) : fmt::format("--set {}", p.place.set);
  const std::string meant = p.nearest ? fmt::format("; did you mean {}?", *p.nearest) : "";
  return fmt::format("{}: {}: found {}; accepted: {}{}", where, p.key, p.found, p.accepted, meant);
}

std::string Problems::text() const {
  std::vector<const Problem*> ordered;
  for (const Problem& problem : found_) ordered.push_back(&problem);
  const auto place = [](const Problem* p) { return std::tuple(!p->place.set.empty(), p->place.line); };
  std::ranges::stable_sort(ordered, [&](auto* a, auto* b) { return place(a) < place(b); });
  std::string out;
  for (std::size_t i = 0; i < std::min(ordered.size(), kMostShown); ++i) out += (i ? "\n" : "") + line_of(*ordered[i]);
  if (ordered.size() > kMostShown) out += fmt::format("\n{}: and {} more problems", file_, ordered.size() - kMostShown);
  return out;
}

}  // namespace qc
