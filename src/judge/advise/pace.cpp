#include "judge/advise/pace.h"

#include <algorithm>

#include "catalog/cards.h"
#include "judge/advise/parts.h"

namespace qc {
namespace {

Measured none(std::string why) {
  Measured m;
  m.na = std::move(why);
  return m;
}

Measured known(double value) {
  Measured m;
  m.value = value;
  return m;
}

/// Several tokens a step, or none: then a gap between tokens is no step.
bool one_token_a_step(const VariantFacts& facts) {
  const std::string speculative = value_of(facts.proof, "speculative");
  return speculative.empty() || speculative == "none" || speculative == "off";
}

Measured step_of(const VariantFacts& facts, const CellFigures& cell) {
  if (!one_token_a_step(facts)) return none("with speculative decoding a step gives several tokens");
  return cell.tpot_p50_ms;
}

/// What a step reads of the weights. An engine that repacks some keeps both copies and reads one of them, which is as large as the file's.
double weights_read(const VariantFacts& facts) {
  const std::int64_t in_memory = *facts.weights_bytes;
  return static_cast<double>(facts.file_bytes ? std::min(in_memory, *facts.file_bytes) : in_memory);
}

Measured bytes_of(const VariantFacts& facts, const CellFigures& cell, int concurrency) {
  if (!facts.weights_bytes) return none("the server does not tell how much its weights take");
  if (!facts.kv_bytes || !facts.kv_tokens || *facts.kv_tokens <= 0) return none("the server does not tell the size of its KV cache");
  if (!cell.mean_prompt || !cell.mean_output) return none("the length of its prompts is not known");
  const double at_once = facts.slots ? std::min(concurrency, *facts.slots) : concurrency;
  const double length = *cell.mean_prompt + *cell.mean_output / 2;
  return known(weights_read(facts) + at_once * length * static_cast<double>(*facts.kv_bytes) / static_cast<double>(*facts.kv_tokens));
}

Measured ratio(const Measured& over, const Measured& under, double scale) {
  if (!over) return none(over.na);
  if (!under || *under.value <= 0) return none(under ? "it took no time" : under.na);
  return known(scale * *over.value / *under.value);
}

Measured of_card(const Measured& traffic, const std::optional<double>& most, const StudyData& data) {
  if (!most) return none(data.run.gpus.empty() ? "the memory bandwidth of this machine is not known" : "the memory bandwidth of this card is not known");
  return traffic ? known(*traffic.value / *most) : none(traffic.na);
}

}  // namespace

std::optional<double> card_bandwidth(const StudyData& data) {
  if (data.run.gpus.empty() || served_elsewhere(data)) return std::nullopt;
  const auto card = find_card(data.run.gpus.front().substr(0, data.run.gpus.front().find(',')));
  return card ? std::optional(card->bandwidth_gb_s * 1e9) : std::nullopt;
}

std::vector<PaceRow> pace_rows(const StudyData& data, const std::vector<WorkloadComparison>& workloads) {
  std::vector<PaceRow> rows;
  const auto most = card_bandwidth(data);
  for (const auto& workload : workloads)
    for (const auto& point : workload.points) {
      const auto add = [&](const CellFigures& cell) {
        const VariantFacts* facts = facts_of(data, cell.variant);
        if (facts == nullptr || cell.blocks == 0) return;
        PaceRow row;
        row.workload = workload.workload.name, row.variant = cell.variant, row.concurrency = point.concurrency;
        row.kernel = value_of(facts->proof, "quantized_kernel");
        if (row.kernel == "none") row.kernel.clear();
        row.step_ms = step_of(*facts, cell), row.step_bytes = bytes_of(*facts, cell, point.concurrency);
        row.traffic = ratio(row.step_bytes, row.step_ms, 1000), row.of_card = of_card(row.traffic, most, data);
        row.first_token_share = ratio(cell.ttft_p50_ms, cell.p50_ms, 1);
        rows.push_back(std::move(row));
      };
      add(point.baseline);
      for (const auto& candidate : point.candidates) add(candidate.cell);
    }
  return rows;
}

}  // namespace qc
