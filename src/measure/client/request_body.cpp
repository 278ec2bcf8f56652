#include "core/json.h"
#include "measure/client/openai.h"

namespace qc {

std::string request_body(const Ask& ask) {
  Json body;
  if (!ask.model.empty()) body["model"] = ask.model;
  if (ask.endpoint == EndpointKind::chat) {
    body["messages"] = ask.messages.empty() ? Json::array({Json{{"role", "user"}, {"content", ask.prompt}}}) : Json::parse(ask.messages, nullptr, false);
  } else {
    body["prompt"] = ask.prompt;
  }
  body["max_tokens"] = ask.max_tokens;
  body["temperature"] = 0;
  body["seed"] = ask.seed;
  body["stream"] = true;
  body["stream_options"] = Json{{"include_usage", true}};
  if (ask.continuous_usage) body["stream_options"]["continuous_usage_stats"] = true;
  if (ask.ignore_eos) body["ignore_eos"] = true;
  if (ask.cache_prompt_off) body["cache_prompt"] = false;
  return json_line(body);
}

std::string_view request_path(EndpointKind endpoint) {
  return endpoint == EndpointKind::chat ? "/v1/chat/completions" : "/v1/completions";
}

}  // namespace qc
