#include "cli/one_endpoint.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "core/json.h"
#include "measure/client/stream_limit.h"
#include "measure/engines/probe.h"
#include "measure/load/random_prompts.h"

namespace qc {
namespace {

constexpr Seconds kListenerWait{5};

Status check_numbers(const EndpointFlags& f) {
  if (!(f.timeout_s > 0 && f.timeout_s <= 86400)) return wrong_flag("--timeout", fmt::format("{}", f.timeout_s), "seconds, above 0 and at most 86400");
  if (f.max_tokens < 1 || f.max_tokens > 1'000'000) return wrong_flag("--max-tokens", fmt::format("{}", f.max_tokens), "a whole number from 1 to 1000000");
  if (f.warmup < 0 || f.warmup > 1'000'000) return wrong_flag("--warmup", fmt::format("{}", f.warmup), "a whole number, 0 or more");
  if (f.shared_prefix < 0 || f.shared_prefix > 1'000'000) return wrong_flag("--shared-prefix", fmt::format("{}", f.shared_prefix), "a whole number of tokens, 0 or more");
  if (f.threads < 1 || f.threads > 256) return wrong_flag("--threads", fmt::format("{}", f.threads), "a whole number from 1 to 256");
  if (f.receive != "auto" && f.receive != "epoll") return wrong_flag("--receive", f.receive, "auto or epoll");
  if (f.endpoint != "chat" && f.endpoint != "completions") return wrong_flag("--endpoint", f.endpoint, "chat or completions");
  return ok();
}

/// The first model that the server lists; empty where it lists none.
std::string served_model(const ClientOptions& client) {
  const auto reply = http_get(client.address, "/v1/models", Seconds(1), client.api_key);
  if (!reply || reply->status != 200) return {};
  const auto json = parse_json(reply->body, "/v1/models");
  if (!json || !json->is_object() || !json->contains("data") || !(*json)["data"].is_array() || (*json)["data"].empty()) return {};
  const Json& first = (*json)["data"].front();
  return first.is_object() && first.contains("id") && first["id"].is_string() ? first["id"].get<std::string>() : "";
}

/// What a trace's requests are.
std::string trace_words(const std::vector<TraceEntry>& trace, const std::optional<double>& words_per_token) {
  const auto [shortest, longest] = std::ranges::minmax(trace, {}, &TraceEntry::input_tokens);
  const auto [least, most] = std::ranges::minmax(trace, {}, &TraceEntry::output_tokens);
  return fmt::format("{} texts of common English words with the trace's input lengths, {} to {} tokens, {}; answers of its output lengths, {} to {} tokens", trace.size(), shortest.input_tokens, longest.input_tokens,
                     words_per_token ? fmt::format("at {:.3f} words a token, the mean of these words by the server's tokenizer", *words_per_token) : "a word for each", least.output_tokens, most.output_tokens);
}

}  // namespace

Failed wrong_flag(std::string_view flag, std::string_view found, std::string_view accepted) { return fail(Fault::usage, fmt::format("{} {}: accepted: {}", flag, found, accepted)); }

Result<LoadSpec> load_spec_of(const EndpointFlags& f) {
  if (auto good = check_numbers(f); !good) return fail(good.error());
  LoadSpec spec;
  const auto address = parse_url(f.url);
  if (!address) return fail(Fault::usage, "--url " + address.error().message);
  const char* key = std::getenv("OPENAI_API_KEY");
  spec.client = {.address = *address, .api_key = key ? key : "", .byte_timeout = Seconds(f.timeout_s), .threads = f.threads, .reading = f.receive == "epoll" ? Reading::epoll : Reading::automatic};
  spec.endpoint = f.endpoint == "chat" ? EndpointKind::chat : EndpointKind::completions;
  spec.model = f.model;
  spec.warmup = f.warmup, spec.max_tokens = f.max_tokens, spec.seed = f.seed;
  return spec;
}

Result<PromptSet> make_ready(const EndpointFlags& flags, LoadSpec& spec) {
  // Once without the server, since what is wrong with the flags needs none.
  auto unsized = load_prompts(flags.prompts, flags.seed, {flags.shared_prefix, {}});
  if (!unsized) return fail(Fault::usage, "--prompts " + unsized.error().message);
  if (auto there = wait_for_listener(spec.client.address, kListenerWait); !there) return fail(there.error());
  if (spec.model.empty()) spec.model = served_model(spec.client);
  const Endpoint server{spec.client.address, spec.client.api_key};
  const CountTokens count = [&](const std::string& text) { return ask_token_count(server, spec.model, text); };
  if (!spec.trace.empty()) {
    const auto ratio = words_per_token(count);
    unsized->source = trace_words(spec.trace, ratio);
    spec.words_per_token = ratio.value_or(1);
    return unsized;
  }
  return unsized->random && count("one") ? load_prompts(flags.prompts, flags.seed, {flags.shared_prefix, count}) : std::move(unsized);
}

Status allow_connections(std::optional<int> concurrency) {
  if (!concurrency) return ok();
  const auto allowed = allow_streams(static_cast<std::uint64_t>(*concurrency));
  return allowed ? ok() : fail(Fault::usage, fmt::format("--concurrency {}: {}", *concurrency, allowed.error().message));
}

}  // namespace qc
