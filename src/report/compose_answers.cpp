// Outputs side by side: which are shown first, and in what order.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "report/compose_sections.h"

namespace qc {
namespace {

/// One prompt with everybody's answer.
struct Item {
  std::string suite, prompt;
  std::vector<const Answer*> answers;      ///< the baseline's first, its repeat, then the candidates in the study's order
  double likeness = 100;                   ///< the least similar candidate's chrF
  double lost = 0, gained = 0;             ///< the largest drop and rise of a candidate's score
};

std::vector<Item> items_of(const Composer& c) {
  std::map<std::pair<std::string, std::string>, std::size_t> place;
  std::vector<Item> items;
  for (const Answer& a : c.data.answers) {
    const auto [found, is_new] = place.emplace(std::pair(a.suite, a.item), items.size());
    if (is_new) items.push_back({a.suite, a.prompt, {}, 100, 0, 0});
    items[found->second].answers.push_back(&a);
  }
  return items;
}

std::size_t rank_of(const Composer& c, const Answer& a) {
  const auto& variants = c.data.study.variants;
  const auto found = std::ranges::find(variants, a.variant, &Variant::name);
  return static_cast<std::size_t>(found - variants.begin()) * 2 + static_cast<std::size_t>(a.run);
}

void weigh(const Composer& c, Item& item) {
  std::ranges::sort(item.answers, {}, [&](const Answer* a) { return rank_of(c, *a); });
  const Answer& first = *item.answers.front();
  for (const Answer* a : item.answers) {
    if (a->variant == c.base()) continue;
    if (a->similarity) item.likeness = std::min(item.likeness, *a->similarity);
    if (a->score && first.score) item.lost = std::max(item.lost, *first.score - *a->score), item.gained = std::max(item.gained, *a->score - *first.score);
  }
}

std::string graded(const Answer& a) {
  if (!a.score) return "not graded";
  return *a.score >= 1 ? "right" : *a.score > 0 ? "partly right" : "wrong";
}

SideBySide side_by_side(const Item& item) {
  SideBySide block{fmt::format("{}: {}", capitalized(item.suite), one_line(item.prompt, 240)), {}};
  for (const Answer* a : item.answers) {
    // A repeat that says the same adds nothing to read.
    if (a->run > 0 && a->exact.value_or(false)) continue;
    const std::string who = a->run > 0 ? a->variant + " again (A/A)" : a->variant;
    const bool failed = !a->failure.empty();
    block.panes.emplace_back(fmt::format("{}{}", who, failed ? "" : fmt::format(" ({})", graded(*a))), failed ? "n/a: " + a->failure : a->output);
  }
  return block;
}

}  // namespace

Examples examples(const Composer& c, std::size_t shown) {
  std::vector<Item> items = items_of(c);
  for (Item& item : items) weigh(c, item);
  // What changed the grade comes first, and all of it; then what reads least alike.
  std::ranges::stable_sort(items, [](const Item& a, const Item& b) { return std::tuple(-a.lost, -a.gained, a.likeness) < std::tuple(-b.lost, -b.gained, b.likeness); });
  Examples result;
  for (const Item& item : items) (result.shown.size() < shown || item.lost > 0 || item.gained > 0 ? result.shown : result.rest).push_back(side_by_side(item));
  return result;
}

}  // namespace qc
