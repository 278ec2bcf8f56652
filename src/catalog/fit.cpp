#include "catalog/fit.h"

#include <fmt/format.h>

#include <algorithm>

#include "catalog/cards.h"
#include "catalog/models.h"
#include "core/bytes.h"
#include "core/text.h"

namespace qc {
namespace {

constexpr double kDefaultShare = 0.9;

bool names_several_cards(const Study& study, const Variant& variant) {
  for (const auto* args : {&study.engine.args, &variant.args})
    for (const std::string& word : *args)
      if (word.starts_with("--tensor-parallel-size") || word.starts_with("-tp") || word.starts_with("--pipeline-parallel-size") || word.starts_with("--cpu-offload")) return true;
  return false;
}

std::optional<std::int64_t> need_of(const Study& study, const Variant& variant) {
  if (study.engine.kind != EngineKind::vllm || study.engine.url || variant.url || names_several_cards(study, variant)) return std::nullopt;
  const auto size = model_size(study, variant);
  if (!size) return std::nullopt;
  const std::int64_t context = size->kv_bytes_per_token && study.engine.max_model_len ? *size->kv_bytes_per_token * *study.engine.max_model_len : 0;
  return size->weights_bytes + context;
}

double gib(double bytes) { return bytes / kGiB; }

std::string room_words(const Fit& fit) {
  return fmt::format("{:.2f} of the {:.1f} GiB of {}", fit.share, gib(static_cast<double>(fit.card_bytes)), fit.card);
}

/// Smallest first: cards whose share holds the need with an eighth to spare for activations and a cache that is worth the name.
std::vector<std::string> cards_for(const Fit& fit, std::int64_t bytes) {
  std::vector<std::string> names;
  for (const KnownCard& card : known_cards())
    if (1.125 * static_cast<double>(bytes) <= fit.share * static_cast<double>(card.memory_bytes)) names.push_back(card.name);
  names.resize(std::min<std::size_t>(names.size(), 3));
  return names;
}

}  // namespace

Fit fit_of(const Study& study, const std::string& card, std::int64_t card_bytes) {
  Fit fit{card, card_bytes, study.engine.gpu_memory_utilization.value_or(kDefaultShare), {}};
  for (const Variant& v : study.variants) fit.needs.push_back({v.name, v.baseline, need_of(study, v)});
  return fit;
}

std::vector<std::string> misfits(const Fit& fit) {
  std::vector<std::string> out;
  for (const VariantNeed& need : fit.needs)
    if (!fit.fits(need))
      out.push_back(fmt::format("{} does not fit: it needs at least {:.1f} GiB (weights and one request's KV cache), more than {}", need.variant, gib(static_cast<double>(*need.bytes)), room_words(fit)));
  return out;
}

std::string infeasible_text(const Fit& fit) {
  const VariantNeed& base = fit.needs.front();
  std::vector<std::string> would;
  for (const VariantNeed& need : fit.needs)
    if (need.bytes && fit.fits(need)) would.push_back(fmt::format("{} ({:.1f} GiB)", need.variant, gib(static_cast<double>(*need.bytes))));
  std::string text = fmt::format("The baseline {} does not fit on {}: its weights and the KV cache of one request take at least {:.1f} GiB, and a server gets {} ({:.1f} GiB). Nothing was started.", base.variant, fit.card,
                                 gib(static_cast<double>(*base.bytes)), room_words(fit), fit.share * gib(static_cast<double>(fit.card_bytes)));
  text += would.empty() ? " None of the candidates is known to fit either." : fmt::format(" On this card only the quantized model is feasible: {} would fit.", join_and(would));
  const auto cards = cards_for(fit, *base.bytes);
  if (!cards.empty()) text += fmt::format(" To compare it with its baseline, rent a card with more memory: {} is the smallest known that holds the baseline{}.", cards.front(),
                                          cards.size() > 1 ? fmt::format(", next {}", fmt::join(cards.begin() + 1, cards.end(), " and ")) : "");
  return text;
}

}  // namespace qc
