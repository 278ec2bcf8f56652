#include <fmt/format.h>

#include "core/text.h"
#include "report/sentences.h"

namespace qc {
namespace {

const MemoryRow* row_of_variant(const Composer& c, const std::string& variant) {
  for (const MemoryRow& row : c.findings.memory)
    if (row.variant == variant) return &row;
  return nullptr;
}

// "q4_0's weights take 86.7 MiB, 66.2 % less than bf16's 256.6 MiB"
std::string weights_words(Composer& c, const MemoryRow& base, const MemoryRow& row) {
  const auto bytes = [&](const MemoryRow& r) { return c.log.text({"vram", r.variant, "weights_bytes"}, c.memory_unit, r.weights_bytes); };
  if (!row.weights_bytes) return fmt::format("the weights of {} are not known", row.variant);
  if (!row.weights_saving || !base.weights_bytes) return fmt::format("the weights of {} take {}", row.variant, bytes(row));
  const bool less = *row.weights_saving.value >= 0;
  return fmt::format("the weights of {} take {}, {} {} than the {} of {}", row.variant, bytes(row),
                     c.log.magnitude({"vram", row.variant, "weights_saving_pct"}, Unit::share_pct, row.weights_saving), less ? "less" : "more", bytes(base),
                     base.variant);
}

std::string peak_words(Composer& c, const MemoryRow& row) {
  return fmt::format("{} {}", row.variant, c.log.text({"vram", row.variant, "peak_bytes"}, c.memory_unit, row.peak_bytes));
}

}  // namespace

std::string models_finding(Composer& c) {
  const VariantFacts* base = c.facts(c.base());
  std::vector<std::string> words;
  for (const std::string& name : c.candidates()) {
    const VariantFacts* f = c.facts(name);
    if (!f || !f->file_bytes) continue;
    words.push_back(fmt::format("{} {}", name, c.log.text({"setup", name, "file_bytes"}, c.memory_unit, static_cast<double>(*f->file_bytes))));
  }
  if (words.empty() || !base || !base->file_bytes)
    return "The sizes of the weight files can't be compared: not all of them can be read from this machine. The notes say which.";
  const std::string size = c.log.text({"setup", base->variant, "file_bytes"}, c.memory_unit, static_cast<double>(*base->file_bytes));
  std::string text = fmt::format("The file of {} is {}; {}.", base->variant, size, join_and(words));
  std::vector<std::string> bits;
  for (const VariantFacts& f : c.data.variants)
    if (f.bits_per_weight) bits.push_back(fmt::format("{} for {}", c.log.text({"setup", f.variant, "bits_per_weight"}, Unit::bits, *f.bits_per_weight), f.variant));
  return text + (bits.empty() ? " The real bits a weight are not known here." : fmt::format(" Over all tensors that is {} bits a weight.", join_and(bits)));
}

std::string memory_finding(Composer& c) {
  const MemoryRow* base = row_of_variant(c, c.base());
  std::vector<std::string> words, peaks;
  for (const MemoryRow& row : c.findings.memory) {
    if (!row.baseline && base) words.push_back(weights_words(c, *base, row));
    if (row.peak_bytes) peaks.push_back(peak_words(c, row));
  }
  if (words.empty()) return "No memory figures of a candidate are stored, so nothing can be said about a saving. The notes say why.";
  std::string text = fmt::format("**{}**.", capitalized(join_and(words)));
  if (!peaks.empty())
    text += fmt::format(" At its peak under load a server held, as {}: {}.", c.device == Device::gpu ? "GPU memory" : "resident set", join_and(peaks));
  return text;
}

std::string room_finding(Composer& c) {
  std::vector<std::string> words;
  bool grew = false;
  const MemoryRow* base = row_of_variant(c, c.base());
  for (const MemoryRow& row : c.findings.memory) {
    if (row.baseline) continue;
    if (base && row.kv_tokens && base->kv_tokens) grew = grew || *row.kv_tokens.value > *base->kv_tokens.value;
    if (row.more_kv_tokens && *row.more_kv_tokens.value > 0)
      words.push_back(fmt::format("{} with {}", c.log.text({"vram", row.variant, "more_kv_tokens"}, Unit::tokens, row.more_kv_tokens), row.variant));
  }
  if (words.empty()) return "The bytes saved can't be put in tokens of KV cache from what is stored. The size of the cache itself is given above.";
  const std::string where = grew ? "Part of the saving is already in use: the server made its KV cache larger."
                                 : "The server kept its KV cache as large as before, so the saving is free memory until the configuration uses it.";
  return fmt::format("The saved bytes would hold {} more in the KV cache: longer contexts, more requests at once, or a smaller machine. {}", join_and(words), where);
}

}  // namespace qc
