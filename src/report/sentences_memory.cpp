#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "report/sentences.h"

namespace qc {
namespace {

const MemoryRow* row_of_variant(const Composer& c, const std::string& variant) {
  for (const MemoryRow& row : c.findings.memory)
    if (row.variant == variant) return &row;
  return nullptr;
}

std::string weights(Composer& c, const MemoryRow& r) { return c.log.text({"vram", r.variant, "weights_bytes"}, c.memory_unit, r.weights_bytes); }

// "85.5 MiB with q4_0 (66.6 % less)"
std::string smaller(Composer& c, const MemoryRow& row) {
  if (*row.weights_saving.value == 0) return fmt::format("as much with {}", row.variant);
  const std::string change = c.log.magnitude({"vram", row.variant, "weights_saving_pct"}, Unit::share_pct, row.weights_saving);
  return fmt::format("{} with {} ({} {})", weights(c, row), row.variant, change, *row.weights_saving.value >= 0 ? "less" : "more");
}

// "q8_0 764.8 MiB (13.7 % less)"
std::string peak_words(Composer& c, const MemoryRow& row) {
  std::string peak = fmt::format("{} {}", row.variant, c.log.text({"vram", row.variant, "peak_bytes"}, c.memory_unit, row.peak_bytes));
  if (!row.peak_saving || *row.peak_saving.value == 0) return peak;
  const std::string change = c.log.magnitude({"vram", row.variant, "peak_saving_pct"}, Unit::share_pct, row.peak_saving);
  return fmt::format("{} ({} {})", peak, change, *row.peak_saving.value > 0 ? "less" : "more");
}

std::string second_copy_words(Composer& c) {
  std::vector<std::string> words;
  for (const MemoryRow& row : c.findings.memory)
    if (const VariantFacts* f = c.facts(row.variant); f && f->keeps_second_copy() && row.weights_bytes && row.file_bytes && *row.weights_bytes.value > *row.file_bytes.value)
      words.push_back(fmt::format("{} (its file: {})", row.variant, c.log.text({"vram", row.variant, "file_bytes"}, c.memory_unit, row.file_bytes)));
  if (words.empty()) return {};
  const bool saves = std::ranges::any_of(c.findings.memory, [](const MemoryRow& r) { return r.weights_saving.value.value_or(0) > 0; });
  return fmt::format(" The server keeps a second copy of some weights of {}, in a layout that its kernels read faster{}.", join_and(words), saves ? "; without it the saving would be larger" : "");
}

}  // namespace

std::string models_finding(Composer& c) {
  std::vector<std::string> sizes, bits;
  for (const Variant& v : c.data.study.variants) {
    const VariantFacts* f = c.facts(v.name);
    if (f && f->file_bytes)
      sizes.push_back(fmt::format("{} with {}", c.log.text({"setup", v.name, "file_bytes"}, c.memory_unit, static_cast<double>(*f->file_bytes)), v.name));
    if (f && f->bits_per_weight) {
      const std::string number = c.log.number({"setup", v.name, "bits_per_weight"}, Unit::bits, *f->bits_per_weight);
      bits.push_back(fmt::format("{}{} for {}", number, bits.empty() ? " bits a weight" : "", v.name));
    }
  }
  const std::string of_size = sizes.size() < 2 && !c.silent().empty() ? fmt::format("The sizes of the weight files can't be compared: the server of {} never answered, so no size was read there.", join_and(c.silent()))
                              : sizes.size() < 2 ? std::string(random_weights(c.data) ? "There are no weight files: each server made up its own weights." : "The sizes of the weight files can't be compared: they are not on this machine.") : fmt::format("The weights file takes {}.", join_and(sizes));
  return of_size + (bits.empty() ? " The real bits a weight are not known here." : fmt::format(" {} that is {}.", sizes.size() < 2 ? "By what was loaded, over the parameters of the configuration," : "Counted over all tensors", join_and(bits)));
}

std::string memory_finding(Composer& c) {
  const MemoryRow* base = row_of_variant(c, c.base());
  std::vector<std::string> known, unknown, peaks;
  for (const MemoryRow& row : c.findings.memory) {
    if (row.peak_bytes) peaks.push_back(peak_words(c, row));
    if (row.baseline) continue;
    if (base && base->weights_bytes && row.weights_bytes && row.weights_saving) known.push_back(smaller(c, row));
    else unknown.push_back(row.variant);
  }
  std::string text;
  if (!known.empty()) text = fmt::format("**The weights go from {} to {}{}.**", weights(c, *base), join_and(known), base->weights_of_files ? ", by the size of their files" : "");
  if (!unknown.empty()) text += fmt::format("{}The saving in weights with {} can't be given; the notes say why.", text.empty() ? "" : " ", join_and(unknown));
  text += second_copy_words(c);
  if (peaks.empty()) return text + " No sample was taken under load, so the peak is not known.";
  return text + fmt::format(" At its peak under load a server held, as {}: {}.", c.device == Device::gpu ? "GPU memory" : "resident set", join_and(peaks));
}

/// "**More than the share of the card was taken with awq (71.55 GiB)**: ..."; empty where each keeps to its share.
std::string beyond_share(Composer& c) {
  std::vector<std::string> who;
  for (const MemoryRow& row : c.findings.memory)
    if (row.beyond_share) who.push_back(fmt::format("{} ({})", row.variant, c.log.text({"vram", row.variant, "idle_bytes"}, c.memory_unit, row.idle_bytes)));
  return who.empty() ? "" : fmt::format(" **More than {} share of the card was taken with {}**: vLLM counts what another process gives back while it measures as its own room, so the KV cache there is larger than the format alone makes it.",
                                        who.size() == 1 ? "the" : "their", join_and(who));
}

/// Every candidate that saves has a cache that grew by nine tenths or more of what its saving holds.
bool most_in_use(const Composer& c) {
  const MemoryRow* base = row_of_variant(c, c.base());
  return base && base->kv_tokens && std::ranges::all_of(c.findings.memory, [&](const MemoryRow& row) {
    if (row.baseline || row.more_kv_tokens.value.value_or(0) <= 0) return true;
    return row.kv_tokens && *row.kv_tokens.value - *base->kv_tokens.value >= 0.9 * *row.more_kv_tokens.value;
  });
}

std::string room_finding(Composer& c, const std::string& enables) {
  std::vector<std::string> words, heavier;
  bool grew = false;
  const MemoryRow* base = row_of_variant(c, c.base());
  for (const MemoryRow& row : c.findings.memory) {
    if (row.baseline) continue;
    if (base && row.kv_tokens && base->kv_tokens) grew = grew || *row.kv_tokens.value > *base->kv_tokens.value;
    if (row.more_kv_tokens && *row.more_kv_tokens.value <= 0) heavier.push_back(row.variant);
    if (row.more_kv_tokens && *row.more_kv_tokens.value > 0)
      words.push_back(fmt::format("{} with {}", c.log.number({"vram", row.variant, "more_kv_tokens"}, Unit::tokens, row.more_kv_tokens), row.variant));
  }
  if (words.empty() && !heavier.empty()) return fmt::format("The weights of {} take no less memory than {}'s, so nothing is saved that a KV cache could use. The size of the cache itself is given above.", join_and(heavier), c.base());
  if (words.empty()) return std::string("The bytes saved can't be put in tokens of KV cache from what is stored. ") + (base && base->kv_tokens ? "The size of the cache itself is given above." : "Nor is the size of the cache known here.");
  const std::string where = grew ? fmt::format("{} of the saving is already in use, since the server made its KV cache larger", most_in_use(c) ? "all or nearly all" : "part")
                                 : "the server kept its KV cache as large as before, so the saving is free memory until the configuration uses it";
  return fmt::format("The saved bytes would hold so many more tokens of KV cache: {}; {}. {}{}", join_and(words), where,
                     enables.empty() ? "That is room for longer contexts or more requests at once, or a smaller machine." : enables, beyond_share(c));
}

}  // namespace qc
