// What the server's memory is made of, as its log and the card have it, and what a larger KV cache makes room for.
#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "report/compose_sections.h"

namespace qc {
namespace {

struct Part { std::string_view head, column; Measured MemoryRow::*figure; };
constexpr Part kParts[] = {
    {"Weights", "weights_bytes", &MemoryRow::weights_bytes},   {"KV cache", "kv_bytes", &MemoryRow::kv_bytes},
    {"Activations", "activation_bytes", &MemoryRow::activation_bytes}, {"Graphs", "graph_bytes", &MemoryRow::graph_bytes},
    {"The rest", "rest_bytes", &MemoryRow::rest_bytes},        {"In use, idle", "idle_bytes", &MemoryRow::idle_bytes},
};

bool any_vllm(const Composer& c) {
  return std::ranges::any_of(c.data.variants, [](const VariantFacts& f) { return f.server == "vLLM"; });
}

std::string vllm_sentence(const Composer& c) {
  const auto& share = c.data.study.engine.gpu_memory_utilization;
  return fmt::format("vLLM fills its share of the card{} whatever the format, so memory in use says nothing about the saving: what a smaller model leaves free goes to the KV cache. Compare the weights and the room for requests instead.",
                     share ? fmt::format(" (gpu_memory_utilization {:g})", *share) : "");
}

/// Which of weights and KV cache takes more, model by model, and so what fewer bits can touch.
std::string parts_finding(const Composer& c) {
  std::vector<std::string> weights, cache;
  for (const MemoryRow& row : c.findings.memory) {
    if (!row.weights_bytes || !row.kv_bytes) continue;
    (*row.weights_bytes.value > *row.kv_bytes.value ? weights : cache).push_back(row.variant);
  }
  std::vector<std::string> parts;
  if (!weights.empty()) parts.push_back("the weights with " + join_and(weights));
  if (!cache.empty()) parts.push_back("the KV cache with " + join_and(cache));
  if (parts.empty()) return "Which part is the largest can't be told: the weights or the KV cache of every model are not known. What is known stands in the table.";
  const bool smaller = std::ranges::all_of(c.findings.memory, [](const MemoryRow& r) { return r.baseline || r.weights_saving.value.value_or(0) > 0; });
  return fmt::format("Of weights and KV cache the larger part is {}. {}", join_and(parts), smaller ? "Quantized weights make the first of them smaller, and leave the second as the configuration has it."
                                                                                                   : "The format of the weights changes the first of them alone; the second is as the configuration has it.");
}

/// "with q4, whose weights are the smallest, 12 more chat requests and 4 more batch requests fit at once"
std::string more_requests(Composer& c, const MemoryRow& row, bool alone) {
  std::vector<std::string> words;
  for (const auto& [workload, more] : row.more_requests)
    if (more && *more.value > 0) words.push_back(fmt::format("{} more {} requests", c.log.number({"vram", row.variant, "more_requests." + workload}, Unit::count, more), workload));
  return words.empty() ? "" : fmt::format("with {}{} {} fit at once", row.variant, alone ? "" : ", whose weights are the smallest,", join_and(words));
}

std::string context_words(Composer& c, const MemoryRow& row, const MemoryRow& base) {
  if (!row.context_at_load || !base.context_at_load || *row.context_at_load.value <= *base.context_at_load.value) return {};
  const auto tokens = [&](const MemoryRow& r) { return c.log.number({"vram", r.variant, "context_at_load"}, Unit::tokens, r.context_at_load); };
  return fmt::format(", or each request at the highest concurrency may be {} tokens long instead of {}", tokens(row), tokens(base));
}

}  // namespace

void add_memory_parts(Composer& c, std::vector<Block>& blocks) {
  const auto& rows = c.findings.memory;
  const bool parts = c.device == Device::gpu || std::ranges::any_of(rows, [](const MemoryRow& r) { return r.activation_bytes || r.graph_bytes; });
  if (!parts) return;
  Notes notes;
  Table t = table("What the memory is made of", {"Model"});
  for (const Part& part : kParts) add_head(t, fmt::format("#{} ({})", part.head, trim(rule_of(c.memory_unit).after)));
  for (const MemoryRow& row : rows) {
    std::vector<std::string> cells{row.variant};
    for (const Part& part : kParts) cells.push_back(cell(c, notes, {"vram", row.variant, std::string(part.column)}, c.memory_unit, row.*(part.figure)));
    t.rows.push_back(std::move(cells));
  }
  blocks.push_back(std::move(t));
  notes.foot(blocks);
  blocks.push_back(finding(any_vllm(c) ? vllm_sentence(c) : parts_finding(c)));
}

/// Of the candidate whose weights save most: a cache may have grown for other reasons too. The tables have the others.
std::string enables_sentence(Composer& c) {
  const auto room = [](const MemoryRow& row) { return row.baseline ? -1 : row.weights_saving.value.value_or(-1); };
  const auto most = std::ranges::max_element(c.findings.memory, {}, room);
  if (most == c.findings.memory.end() || most->baseline) return {};
  const std::string more = more_requests(c, *most, std::ranges::count(c.findings.memory, false, &MemoryRow::baseline) == 1);
  if (more.empty()) return {};
  return fmt::format("In this study's lengths, {}{}.", more, context_words(c, *most, c.findings.memory.front()));
}

}  // namespace qc
