#include "measure/engines/probe.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/json.h"
#include "core/text.h"

namespace qc {
namespace {

constexpr Seconds kQuick{5};
constexpr Seconds kFirstAnswer{60};  // a CPU server's first request may have to warm up

// Servers differ in what they leave out, send as null or as another type: each field is there as expected, or unknown.
template <class Number>
std::optional<Number> number(const Json& object, const char* key) {
  const auto at = object.is_object() ? object.find(key) : object.end();
  if (!object.is_object() || at == object.end() || !at->is_number()) return std::nullopt;
  return at->template get<Number>();
}

std::string text(const Json& object, const char* key) {
  const auto at = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

Json child(const Json& object, const char* key) {
  const auto at = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && at != object.end() ? *at : Json();
}

template <class Number>
std::optional<Number> first_of(std::optional<Number> a, std::optional<Number> b) { return a ? a : b; }

ServedModel served_model(const Json& entry) {
  const Json meta = child(entry, "meta");
  ServedModel model;
  model.id = text(entry, "id");
  model.root = text(entry, "root");
  model.owner = text(entry, "owned_by");
  for (const auto& alias : child(entry, "aliases"))
    if (alias.is_string()) model.aliases.push_back(alias.get<std::string>());
  model.context = first_of(number<int>(entry, "max_model_len"), number<int>(meta, "n_ctx"));
  model.trained_context = number<int>(meta, "n_ctx_train");
  model.parameters = number<double>(meta, "n_params");
  model.bytes = number<std::int64_t>(meta, "size");
  return model;
}

/// "temperature 0.8, top_k 40": of llama-server's own names.
std::string sampling_in(const Json& params) {
  std::string words;
  for (const char* name : {"temperature", "top_k", "top_p", "min_p", "typical_p", "repeat_penalty", "presence_penalty", "frequency_penalty"})
    if (const auto value = number<double>(params, name)) words += fmt::format("{}{} {:.4g}", words.empty() ? "" : ", ", name, *value);
  return words;
}

/// The body of a 200; empty for anything else.
std::optional<std::string> body_of(const Endpoint& server, const std::string& path) {
  auto reply = http_get(server.address, path, kQuick, server.api_key);
  if (!reply || reply->status != 200) return std::nullopt;
  return std::move(reply->body);
}

std::string start_of(const std::string& body) {
  const auto line = trim(body);
  return std::string(line.substr(0, std::min<std::size_t>(line.size(), 200)));
}

Failed refused_models(const Endpoint& server, const HttpReply& reply) {
  const auto url = server.address.text();
  if (reply.status == 401 || reply.status == 403)
    return fail(Fault::engine, fmt::format("{} asks for a key (HTTP {}): put {} into the environment variable OPENAI_API_KEY", url, reply.status,
                                           server.api_key.empty() ? "it" : "one that it accepts"));
  if (reply.status == 503) return fail(Fault::engine, fmt::format("{} is still loading its model (HTTP 503): wait until it answers, then run again", url));
  return fail(Fault::engine, fmt::format("{}/v1/models answered HTTP {} ({}): `url` must be the root of a server that speaks the OpenAI API", url, reply.status,
                                         start_of(reply.body)));
}

}  // namespace

bool ServedModel::goes_by(const std::string& name) const {
  return name == id || (!root.empty() && name == root) || std::find(aliases.begin(), aliases.end(), name) != aliases.end();
}

Result<std::vector<ServedModel>> parse_models(std::string_view body) {
  const auto json = parse_json(body, "the answer of /v1/models");
  if (!json) return fail(Fault::engine, json.error().message);
  std::vector<ServedModel> models;
  for (const auto& entry : child(*json, "data"))
    if (auto model = served_model(entry); !model.id.empty()) models.push_back(std::move(model));
  if (models.empty()) return fail(Fault::engine, "the answer of /v1/models lists no model: " + start_of(std::string(body)));
  return models;
}

std::optional<LlamaProps> parse_props(std::string_view body) {
  const auto json = parse_json(body, "/props");
  if (!json || (child(*json, "total_slots").is_null() && child(*json, "build_info").is_null())) return std::nullopt;
  LlamaProps props;
  props.slots = number<int>(*json, "total_slots");
  props.context = number<int>(child(*json, "default_generation_settings"), "n_ctx");
  props.build = text(*json, "build_info");
  props.chat_template = text(*json, "chat_template");
  props.file_type = text(*json, "model_ftype");
  const Json params = child(child(*json, "default_generation_settings"), "params");
  props.sampling = sampling_in(params);
  props.speculative = text(params, "speculative.types");
  return props;
}

std::optional<SglangInfo> parse_sglang_info(std::string_view body) {
  const auto json = parse_json(body, "/get_server_info");
  if (!json || !json->is_object() || !json->contains("model_path")) return std::nullopt;
  SglangInfo info;
  info.version = text(*json, "version");
  info.quantization = text(*json, "quantization");
  info.max_requests = number<int>(*json, "max_running_requests");
  info.context = number<int>(*json, "context_length");
  info.kv_tokens = number<std::int64_t>(*json, "max_total_num_tokens");
  return info;
}

Result<std::vector<ServedModel>> ask_models(const Endpoint& server) {
  const auto reply = http_get(server.address, "/v1/models", kQuick, server.api_key);
  if (!reply)
    return fail(Fault::engine, fmt::format("no server answers at {}: {}; start it first, or correct its `url`", server.address.text(), reply.error().message));
  if (reply->status != 200) return refused_models(server, *reply);
  auto models = parse_models(reply->body);
  if (!models) return fail(Fault::engine, server.address.text() + ": " + models.error().message);
  return models;
}

std::optional<LlamaProps> ask_props(const Endpoint& server) {
  const auto body = body_of(server, "/props");
  return body ? parse_props(*body) : std::nullopt;
}

std::optional<std::string> ask_vllm_version(const Endpoint& server) {
  const auto body = body_of(server, "/version");
  const auto json = body ? parse_json(*body, "/version") : Result<Json>(Json());
  const auto version = json ? text(*json, "version") : std::string();
  return version.empty() ? std::nullopt : std::optional(version);
}

std::optional<SglangInfo> ask_sglang_info(const Endpoint& server) {
  const auto body = body_of(server, "/get_server_info");
  return body ? parse_sglang_info(*body) : std::nullopt;
}

std::optional<std::string> ask_server_info(const Endpoint& server) { return body_of(server, "/server_info?config_format=json"); }
std::optional<std::string> ask_metrics(const Endpoint& server) { return body_of(server, "/metrics"); }

std::optional<int> parse_token_count(std::string_view body) {
  const auto json = parse_json(body, "/tokenize");
  if (!json || !json->is_object()) return std::nullopt;
  if (const auto& tokens = child(*json, "tokens"); tokens.is_array()) return static_cast<int>(tokens.size());
  return number<int>(*json, "count");
}

std::optional<int> ask_token_count(const Endpoint& server, const std::string& model, const std::string& text) {
  const Json body = {{"model", model}, {"content", text}, {"prompt", text}, {"add_special", false}, {"add_special_tokens", false}, {"parse_special", false}};
  const auto reply = http_post(server.address, "/tokenize", json_line(body), kQuick, server.api_key);
  return reply && reply->status == 200 ? parse_token_count(reply->body) : std::nullopt;
}

bool is_healthy(const Endpoint& server) { return body_of(server, "/health").has_value(); }

bool is_loading(const Endpoint& server) {
  const auto reply = http_get(server.address, "/health", kQuick, server.api_key);
  return reply && reply->status == 503;
}

std::optional<bool> answers_chat(const Endpoint& server, const std::string& model) {
  const Json body = {{"model", model}, {"messages", {{{"role", "user"}, {"content", "Hi"}}}}, {"max_tokens", 1}, {"temperature", 0}};
  const auto reply = http_post(server.address, "/v1/chat/completions", body.dump(), kFirstAnswer, server.api_key);
  if (!reply || reply->status >= 500 || reply->status == 429) return std::nullopt;
  return reply->status == 200;
}

}  // namespace qc
