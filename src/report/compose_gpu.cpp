// Power, clocks, heat and energy of the GPU beside each load. On a machine without a GPU one sentence of the memory section says so.
#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "report/compose_sections.h"

namespace qc {
namespace {

struct GpuFigure { std::string_view head, column; Unit unit; Measured GpuRow::*figure; };
constexpr GpuFigure kFigures[] = {
    {"Power (W)", "gpu_power_w", Unit::watts, &GpuRow::power_w},
    {"At the power cap", "gpu_power_capped_pct", Unit::share_pct, &GpuRow::power_capped},
    {"SM clock (MHz)", "gpu_sm_mhz", Unit::mhz, &GpuRow::sm_mhz},
    {"Hottest (C)", "gpu_temp_max_c", Unit::celsius, &GpuRow::temp_max_c},
    {"Slowed by heat or hardware", "gpu_slowed_pct", Unit::share_pct, &GpuRow::slowed},
    {"J/token", "gpu_joule_per_token", Unit::joules, &GpuRow::joule_per_token},
};
constexpr const GpuFigure& kEnergy = kFigures[5];
constexpr const GpuFigure& kCapped = kFigures[1];

FigureName name_of_gpu(const GpuRow& row, const GpuFigure& figure) { return {row.workload, row_of(row.concurrency), row.variant + "." + std::string(figure.column)}; }

std::vector<std::string> listed(Composer& c, const std::vector<const GpuRow*>& rows, const GpuFigure& figure) {
  std::vector<std::string> words;
  for (const GpuRow* row : rows)
    if (const Measured& value = row->*(figure.figure)) words.push_back(fmt::format("{} with {}", c.log.text(name_of_gpu(*row, figure), figure.unit, value), row->variant));
  return words;
}

std::string gpu_finding(Composer& c, const std::vector<const GpuRow*>& rows) {
  const int highest = (*std::ranges::max_element(rows, {}, &GpuRow::concurrency))->concurrency;
  std::vector<const GpuRow*> top;
  std::ranges::copy_if(rows, std::back_inserter(top), [&](const GpuRow* row) { return row->concurrency == highest; });
  const auto energy = listed(c, top, kEnergy), capped = listed(c, top, kCapped);
  std::string text = energy.empty() ? "What a token costs in energy is not known; the notes say why." : fmt::format("At concurrency {} an output token takes {}.", highest, join_and(energy));
  if (!capped.empty()) text += fmt::format(" By its own word the card was at its power limit in {} of the readings there; that is how a card works at its limit, and a part of the why where it is often.", join_and(capped));
  const bool slowed = std::ranges::any_of(rows, [](const GpuRow* row) { return row->slowed.value.value_or(0) > 0; });
  if (dummy_weights(c.data)) text += " The weights are a dummy loader's, so power, clock and energy are not a real checkpoint's.";
  return text + (slowed ? " **Heat or hardware slowed it down in some visits, which do not count.**" : " No reading shows it slowed down by heat or hardware.");
}

}  // namespace

void add_gpu(Composer& c, const WorkloadComparison& w, std::vector<Block>& blocks) {
  std::vector<const GpuRow*> rows;
  for (const GpuRow& row : c.findings.gpu)
    if (row.workload == w.workload.name) rows.push_back(&row);
  if (rows.empty()) return;
  Notes notes;
  Table t = table("The first GPU under this load", {"Config", "Model"});
  for (const GpuFigure& figure : kFigures) add_head(t, "#" + std::string(figure.head));
  for (const GpuRow* row : rows) {
    std::vector<std::string> cells{row_of(row->concurrency), row->variant};
    for (const GpuFigure& figure : kFigures) cells.push_back(cell(c, notes, name_of_gpu(*row, figure), figure.unit, row->*(figure.figure)));
    t.rows.push_back(std::move(cells));
  }
  blocks.push_back(std::move(t));
  notes.foot(blocks);
  blocks.push_back(finding(gpu_finding(c, rows)));
  const std::string fewest = c.log.number({w.workload.name, "all", "gpu_readings_fewest"}, Unit::count, std::ranges::min(rows, {}, &GpuRow::readings)->readings);
  blocks.push_back(Paragraph{fmt::format("Power is the card's energy counter from the first to the last reading of each visit, a little before its requests and after them, and J/token is that energy over all their tokens: so power over tok/s comes to a little less. "
                                         "Clock and share at the power cap are of {} or more readings a cell, those between a visit's first request and its last answer.", fewest)});
}

std::string no_gpu_sentence(const Composer& c) {
  if (!c.findings.gpu.empty()) return {};
  const std::string why = c.device == Device::cpu ? "no GPU" : c.device == Device::remote ? "the server's GPU is not on this machine" : "no reading of the GPU is stored";
  return fmt::format("Power, clocks and energy per token: n/a, {}.", why);
}

}  // namespace qc
