// Section 2: what each model holds in memory, and what the saving makes room for.
#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "report/compose_imported.h"
#include "report/compose_sections.h"

namespace qc {
namespace {

std::string unit_head(const Composer& c, std::string_view what) { return fmt::format("#{} ({})", what, trim(rule_of(c.memory_unit).after)); }

std::vector<std::string> use_row(Composer& c, Notes& notes, const MemoryRow& r) {
  const auto figure = [&](std::string_view column, Unit unit, const Measured& m) {
    return cell(c, notes, {"vram", r.variant, std::string(column)}, unit, m);
  };
  const std::string weights = figure("weights_bytes", c.memory_unit, r.weights_bytes) +
                              (r.weights_of_files ? " " + notes.mark("the size of the weight files: a server here does not tell how much it loaded") : "");
  return {r.variant, figure("idle_bytes", c.memory_unit, r.idle_bytes), figure("idle_pct", Unit::share_pct, r.idle_pct),
          figure("peak_bytes", c.memory_unit, r.peak_bytes), figure("peak_pct", Unit::share_pct, r.peak_pct),
          weights, r.baseline ? "the reference" : figure("weights_saving_pct", Unit::share_pct, r.weights_saving), figure("file_bytes", c.memory_unit, r.file_bytes)};
}

/// A note's mark where the starts of one model differ, empty where they are alike: the table has the latest's.
std::string differing_starts(Composer& c, Notes& notes, const MemoryRow& r) {
  std::vector<std::int64_t> tokens;
  for (const MemorySample& s : c.data.memory)
    if (s.variant == r.variant && s.source == "log" && s.kv_tokens) tokens.push_back(*s.kv_tokens);
  if (tokens.empty()) return {};
  const auto [least, most] = std::ranges::minmax(tokens);
  if (least == most) return {};
  const auto words = [&](const char* column, std::int64_t n) { return c.log.number({"vram", r.variant, column}, Unit::tokens, static_cast<double>(n)); };
  return " " + notes.mark(fmt::format("from {} to {} tokens by its {} starts: this is the latest's", words("kv_tokens_least", least), words("kv_tokens_most", most), tokens.size()));
}

std::vector<std::string> room_row(Composer& c, Notes& notes, const MemoryRow& r) {
  const auto figure = [&](const std::string& column, Unit unit, const Measured& m) { return cell(c, notes, {"vram", r.variant, column}, unit, m); };
  std::vector<std::string> row{r.variant, figure("kv_bytes", c.memory_unit, r.kv_bytes), figure("kv_tokens", Unit::tokens, r.kv_tokens) + differing_starts(c, notes, r)};
  for (const auto& [workload, fit] : r.requests_that_fit) row.push_back(figure("requests_that_fit." + workload, Unit::count, fit));
  const VariantFacts* f = c.facts(r.variant);
  row.push_back(f && f->slots ? std::to_string(*f->slots) : c.data.study.engine.max_num_seqs ? std::to_string(*c.data.study.engine.max_num_seqs)
                                                                                           : notes.na("not set, and the server does not tell it"));
  const std::string more = r.baseline ? "the reference" : figure("more_kv_tokens", Unit::tokens, r.more_kv_tokens);
  row.push_back(r.more_kv_tokens.value.value_or(1) < 0 ? "none: it weighs more" : more);
  return row;
}

/// More requests fit into a model's KV cache than its server admits.
bool fits_beyond_slots(const Composer& c) {
  return std::ranges::any_of(c.findings.memory, [&](const MemoryRow& row) {
    const VariantFacts* facts = c.facts(row.variant);
    return facts && facts->slots && std::ranges::any_of(row.requests_that_fit, [&](const auto& fit) { return fit.second && *fit.second.value > *facts->slots; });
  });
}

}  // namespace

Section compose_memory(Composer& c) {
  const bool gpu = c.device == Device::gpu;
  Section section{"vram", c.device == Device::cpu ? "VRAM comparison (on this CPU: resident memory)" : "VRAM comparison", {}};
  auto& blocks = section.blocks;
  if (c.findings.memory.empty()) {
    blocks.push_back(Paragraph{"n/a: no memory sample is stored for any server of this study."});
    return section;
  }
  if (is_imported(c) && std::ranges::none_of(c.findings.memory, [](const MemoryRow& r) { return bool(r.file_bytes); })) {
    blocks.push_back(Paragraph{"n/a: the imported files tell no memory, neither of the weights nor of the KV cache. It is what quantizing is surest to change: read it in the servers' own logs."});
    return section;
  }
  const std::string what = gpu ? "VRAM" : "memory (resident set)";
  Notes use_notes;
  Table use = table(gpu ? "VRAM in use" : "Memory in use: resident set of each server", {"Model", unit_head(c, "Idle " + what), "#% of total", unit_head(c, "Peak " + what), "#% of total",
                                                          unit_head(c, "Weights"), "#Weights saved", unit_head(c, "File")});
  for (const MemoryRow& r : c.findings.memory) use.rows.push_back(use_row(c, use_notes, r));
  blocks.push_back(std::move(use));
  use_notes.foot(blocks);
  blocks.push_back(finding(memory_finding(c)));
  if (Picture picture = memory_picture(c); !picture.id.empty()) blocks.push_back(std::move(picture));
  add_memory_parts(c, blocks);

  Notes room_notes;
  Table room = table("Room for requests", {"Model", unit_head(c, "KV cache"), "#KV tokens"});
  for (const auto& [workload, fit] : c.findings.memory.front().requests_that_fit) add_head(room, fmt::format("#{} requests that fit", capitalized(workload)));
  add_head(room, "#max_num_seqs");
  add_head(room, "#Tokens the saving would hold");
  for (const MemoryRow& r : c.findings.memory) room.rows.push_back(room_row(c, room_notes, r));
  blocks.push_back(std::move(room));
  room_notes.foot(blocks);
  blocks.push_back(finding(room_finding(c, enables_sentence(c))));
  if (fits_beyond_slots(c)) blocks.push_back(Paragraph{"Requests that fit are what the KV cache would hold. The server admits max_num_seqs at once, and the others wait until that is raised."});
  if (std::string text = no_gpu_sentence(c); !text.empty()) blocks.push_back(Paragraph{std::move(text)});
  return section;
}

}  // namespace qc
