// Servers that run already: which they are, under what name they serve the variant, and what they can be asked.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/stop.h"
#include "core/text.h"
#include "measure/engines/gguf_facts.h"
#include "measure/engines/llama_facts.h"
#include "measure/engines/metrics.h"
#include "measure/engines/variant_proof.h"
#include "measure/engines/vllm_facts.h"

namespace qc {
namespace {

std::string listed(const std::vector<ServedModel>& models) {
  std::vector<std::string> names;
  names.reserve(models.size());
  for (const auto& model : models) names.push_back("\"" + model.id + "\"");
  return join_and(names);
}

/// The served model that stands for a variant: the one it names, else the only one there is.
const ServedModel* find_model(const std::vector<ServedModel>& models, const std::string& wanted) {
  const auto named = std::find_if(models.begin(), models.end(), [&](const auto& m) { return m.goes_by(wanted); });
  if (named != models.end()) return &*named;
  return models.size() == 1 ? &models.front() : nullptr;
}

/// Two variants at one address must be two models, or the study would compare a server with itself.
Status check_unlike_others(const Variant& variant, const Address& address, const ServedModel& mine, const std::vector<ServedModel>& models,
                           const Study& study) {
  for (const auto& other : study.variants) {
    const auto url = url_of(other, study.engine);
    const auto theirs = other.name == variant.name || !url ? Result<Address>(fail(Fault::usage, "")) : parse_url(*url);
    if (!theirs || theirs->text() != address.text()) continue;
    const auto* model = find_model(models, other.model);
    if (model != nullptr && model->id == mine.id)
      return fail(Fault::refused, fmt::format("{} and {} are both served by {} as \"{}\": that would compare a model with itself. Give each variant its own `url`, or its own "
                                              "`model` of what the server lists ({})", variant.name, other.name, address.text(), mine.id, listed(models)));
  }
  return ok();
}

void add_model(const ServedModel& model, const Variant& variant, VariantFacts& facts) {
  facts.model = variant.model.empty() ? model.id : variant.model;
  facts.context_per_request = model.context;
  facts.model_context = model.trained_context;
  facts.parameters = model.parameters;
  facts.file_bytes = model.bytes;   // its tensors': what an engine makes of them in memory it does not tell
  facts.settings.emplace_back("served as", model.id);
  if (!model.root.empty() && model.root != model.id) facts.settings.emplace_back("loaded from", model.root);
}

/// Each in turn; a server that answers none of them is measured all the same.
void identify(EngineParts& parts) {
  auto& facts = parts.facts;
  facts.server = "OpenAI-compatible";
  if (const auto props = ask_props(parts.endpoint)) {
    const auto context = facts.context_per_request;
    add_props(*props, parts);
    if (!facts.context_per_request) facts.context_per_request = context;
    if (!props->file_type.empty()) facts.method = method_name(props->file_type);
  } else if (const auto sglang = ask_sglang_info(parts.endpoint)) {
    facts.server = "SGLang";
    facts.server_version = sglang->version;
    facts.slots = sglang->max_requests;
    facts.kv_tokens = sglang->kv_tokens;
    if (!facts.context_per_request) facts.context_per_request = sglang->context;
    if (!sglang->quantization.empty()) facts.method = sglang->quantization;
  } else if (const auto version = ask_vllm_version(parts.endpoint)) {
    facts.server = "vLLM";
    facts.server_version = *version;
  }
}

void prove(EngineParts& parts, const Variant& variant) {
  if (parts.facts.server == "llama-server") prove_llama(parts.facts, variant, parts.endpoint);
  else if (parts.facts.server == "vLLM") prove_vllm(parts.facts, variant, parts.endpoint, VllmTexts{});
  else prove_other(parts.facts, variant);
}

void name_unknowns(VariantFacts& facts, bool has_counters) {
  const auto unknown = [&](bool known, const char* what) {
    if (!known) facts.unknown.push_back(fmt::format("{}: {} does not tell it to clients", what, facts.server));
  };
  unknown(!facts.server_version.empty(), "version");
  unknown(facts.weights_bytes.has_value(), "size of the weights in memory");
  unknown(facts.kv_tokens.has_value(), "capacity of the KV cache");
  unknown(facts.slots.has_value(), "requests at once");
  unknown(facts.context_per_request.has_value(), "tokens a request may use");
  unknown(has_counters, "prompt-cache counters (/metrics)");
  unknown(facts.method != "unknown", "quantization method");
}

}  // namespace

/// A server that is still loading answers 503: it is waited for as long as one of ours would be.
Result<std::vector<ServedModel>> models_when_loaded(const Endpoint& server, const LaunchContext& context) {
  constexpr Nanos kPause{500'000'000};
  const Instant end = monotonic_clock().now() + std::chrono::duration_cast<Nanos>(Seconds(context.study->engine.start_timeout_s));
  bool told = false;
  while (is_loading(server) && monotonic_clock().now() < end && !(context.stop && context.stop->finish_in_hand())) {
    if (!std::exchange(told, true) && context.say) context.say(fmt::format("{} is still loading: waiting for it", server.address.text()));
    monotonic_clock().sleep_until(monotonic_clock().now() + kPause);
  }
  return ask_models(server);
}

Result<std::unique_ptr<Engine>> attach(const Variant& variant, const std::string& url, const LaunchContext& context) {
  const auto address = parse_url(url);
  if (!address) return fail(Fault::usage, fmt::format("{}: url = \"{}\": {}", variant.name, url, address.error().message));
  EngineParts parts;
  parts.endpoint = {*address, key_from_environment()};
  const auto models = models_when_loaded(parts.endpoint, context);
  if (!models) return fail(models.error().fault, fmt::format("{}: {}", variant.name, models.error().message));
  const auto* model = find_model(*models, variant.model);
  if (model == nullptr)
    return fail(Fault::refused, fmt::format("{}: {} {} {}: set the variant's `model` (of `quantcase compare`: --model) to one of these", variant.name, address->text(),
                                            variant.model.empty() ? "serves several models," : fmt::format("does not serve \"{}\"; it serves", variant.model), listed(*models)));
  if (const auto unlike = check_unlike_others(variant, *address, *model, *models, *context.study); !unlike) return fail(unlike.error());
  parts.model = model->id;
  parts.facts.variant = variant.name;
  parts.facts.url = address->text();
  parts.facts.method = "unknown";
  add_model(*model, variant, parts.facts);
  identify(parts);
  if (parts.facts.server != "llama-server") choose_endpoint(parts);   // llama-server's template is known
  const auto metrics = ask_metrics(parts.endpoint);
  if (metrics && parts.facts.server == "vLLM") add_vllm_cache(*metrics, parts.facts);
  name_unknowns(parts.facts, metrics && prompt_counters(*metrics));
  prove(parts, variant);
  return make_engine(std::move(parts));
}

}  // namespace qc
