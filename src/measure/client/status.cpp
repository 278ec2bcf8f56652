#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/json.h"
#include "core/text.h"
#include "measure/client/openai.h"

namespace qc {
namespace {

/// How servers name the context limit, in lower case: llama-server, OpenAI and vLLM, SGLang, TGI.
constexpr std::array<std::string_view, 10> kContextWords = {
    "exceed_context_size", "available context size", "context_length_exceeded", "context length", "context window",
    "context size has been exceeded", "max_model_len", "max_total_tokens", "maximum allowed length", "max_seq_len"};

const Json* member(const Json& object, const char* key) {
  const auto it = object.find(key);
  return it == object.end() ? nullptr : &*it;
}

/// Message, type and code of an OpenAI-like error body, without the request that some servers echo beside them.
std::string error_text(std::string_view body) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return std::string(body);
  const Json* inner = member(json, "error");
  if (inner && inner->is_string()) return inner->get<std::string>();
  const Json& error = inner && inner->is_object() ? *inner : json;
  std::string out;
  for (const char* key : {"message", "detail", "type", "code"}) {
    const Json* value = member(error, key);
    if (!value || value->is_null()) continue;
    if (!out.empty()) out += ", ";
    out += value->is_string() ? value->get<std::string>() : json_line(*value);
  }
  return out.empty() ? std::string(body) : out;
}

bool names_context_limit(std::string_view body) {
  const std::string text = lower(error_text(body));
  return std::ranges::any_of(kContextWords, [&](std::string_view w) { return text.find(w) != text.npos; });
}

}  // namespace

Failure classify_status(int status, std::string_view body) {
  if (status >= 400 && names_context_limit(body)) return Failure::too_long;
  if (status == 429 || status == 503) return Failure::refused_by_server;
  if (status >= 500) return Failure::http_5xx;
  return status >= 400 ? Failure::http_4xx : Failure::redirect;
}

std::string describe_status(int status, std::string_view body) {
  std::string text(trim(error_text(body)));
  std::ranges::replace_if(text, [](unsigned char c) { return c < ' '; }, ' ');
  if (text.size() > 300) text = text.substr(0, 300) + " ...";
  return text.empty() ? fmt::format("HTTP {}", status) : fmt::format("HTTP {}: {}", status, text);
}

}  // namespace qc
