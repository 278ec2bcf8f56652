// Sections 7, 9 and 10: what to do, what to do next, what was learned.
#include <fmt/format.h>

#include <algorithm>

#include "report/compose_sections.h"

namespace qc {
namespace {

struct Group { Stance stance; std::string_view title, none; };
constexpr Group kGroups[] = {
    {Stance::recommend, "Recommended for", "Nothing: no candidate earned a clear recommendation in this study."},
    {Stance::take_care, "Use caution for", "Nothing in this study."},
    {Stance::avoid, "Avoid for", "Nothing in this study."},
    {Stance::undecided, "Not decided", ""},
};

List group_list(const Composer& c, const Group& group) {
  List list;
  for (const Recommendation& r : c.findings.recommendations)
    if (r.stance == group.stance) list.items.push_back(fmt::format("**{} with {}**: {}", r.workload, r.variant, sentence(one_line(r.because, 600))));
  return list;
}

std::string budget_words(const SettingRow& r) {
  if (!r.budget_ms) return "n/a: the study sets no budget";
  if (!r.met) return fmt::format("under {} ms: n/a, no p95 was measured", setting(*r.budget_ms));
  return fmt::format("under {} ms: {}", setting(*r.budget_ms), *r.met ? "met" : "**not met**");
}

void add_settings(Composer& c, std::vector<Block>& blocks) {
  if (c.findings.settings.empty()) {
    blocks.push_back(Paragraph{"Settings: n/a, because no operating point of any workload was measured."});
    return;
  }
  Notes notes;
  Table t = table("Settings to serve with", {"Workload", "Model", "#Concurrency", "#Expected throughput (tok/s)", "#p95 (ms)", "p95 budget", "Why"});
  for (const SettingRow& r : c.findings.settings) {
    const auto figure = [&](std::string_view column, Unit unit, const Measured& m) {
      return cell(c, notes, {"settings", r.workload, fmt::format("{}.{}", r.variant, column)}, unit, m);
    };
    if (r.variant.empty()) {
      const std::string na = notes.na(r.because);
      t.rows.push_back({r.workload, na, na, na, na, budget_words(r), one_line(r.because, 300)});
      continue;
    }
    t.rows.push_back({r.workload, r.variant, std::to_string(r.concurrency), figure("output_tok_s", Unit::tok_s, r.tok_s),
                      cell_with_interval(c, notes, {"settings", r.workload, r.variant + ".p95_ms"}, Unit::ms, r.p95_ms),
                      budget_words(r), one_line(r.because, 300)});
  }
  blocks.push_back(std::move(t));
  notes.foot(blocks);
  blocks.push_back(finding(settings_finding(c)));
}

}  // namespace

Section compose_recommendations(Composer& c) {
  Section section{"recommendations", "Recommendations", {}};
  auto& blocks = section.blocks;
  blocks.push_back(Paragraph{fmt::format("When to quantize on this hardware ({}):", c.machine())});
  for (const Group& group : kGroups) {
    List list = group_list(c, group);
    if (list.items.empty() && group.none.empty()) continue;
    blocks.push_back(Heading{std::string(group.title)});
    if (list.items.empty()) blocks.push_back(Paragraph{std::string(group.none)});
    else blocks.push_back(std::move(list));
  }
  add_settings(c, blocks);
  return section;
}

Section compose_next_steps(Composer& c) {
  Section section{"next-steps", "Next steps", {}};
  List list;
  list.ordered = true;
  for (const NextStep& step : c.findings.next_steps) list.items.push_back(fmt::format("**{}**: {}", one_line(step.title, 160), sentence(one_line(step.because, 400))));
  if (list.items.empty()) section.blocks.push_back(Paragraph{"The data ask for no further step."});
  else section.blocks.push_back(std::move(list));
  return section;
}

Section compose_closing(Composer& c) {
  constexpr std::int64_t kSmall = std::int64_t{48} << 30;   // the largest of the workstation's cards
  const bool large = c.data.run.gpu_memory_bytes.value_or(0) > kSmall;
  const std::string here = c.device == Device::cpu ? " (here: a CPU that shows the method)" : large ? fmt::format(" (here a large one: {})", c.machine()) : "";
  Section section{"closing", "What I learned about quantization vs BF16 on a small GPU" + here, {}};
  for (std::string& text : closing_paragraphs(c)) section.blocks.push_back(Paragraph{std::move(text)});
  return section;
}

}  // namespace qc
