#pragma once
// What a running server says of itself over HTTP. The parsers work on text; the calls around them are thin.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "measure/client/http.h"

namespace qc {

/// A server and the key it may want.
struct Endpoint { Address address; std::string api_key; };

/// One entry of /v1/models. llama-server's `meta` and vLLM's fields where there are such.
struct ServedModel {
  std::string id, root, owner;
  std::vector<std::string> aliases;
  std::optional<int> context;             ///< tokens a request may use
  std::optional<int> trained_context;
  std::optional<double> parameters;
  std::optional<std::int64_t> bytes;
  [[nodiscard]] bool goes_by(const std::string& name) const;
};

/// llama-server's /props.
struct LlamaProps {
  std::optional<int> slots, context;      ///< context: of one slot
  std::string build, chat_template, file_type;
  std::string sampling, speculative;      ///< what a request that leaves it open is sampled with; "none" without guessed tokens
};

/// What SGLang's /get_server_info holds of our interest.
struct SglangInfo {
  std::string version, quantization;
  std::optional<int> max_requests, context;
  std::optional<std::int64_t> kv_tokens;
};

/// Fail as engine when the text is not what the server should say.
Result<std::vector<ServedModel>> parse_models(std::string_view body);
std::optional<LlamaProps> parse_props(std::string_view body);
std::optional<SglangInfo> parse_sglang_info(std::string_view body);

/// GET /v1/models. Fails as engine: nothing listens, a key is wanted (names OPENAI_API_KEY), still loading, no OpenAI API there.
Result<std::vector<ServedModel>> ask_models(const Endpoint& server);
std::optional<LlamaProps> ask_props(const Endpoint& server);
std::optional<std::string> ask_vllm_version(const Endpoint& server);
std::optional<SglangInfo> ask_sglang_info(const Endpoint& server);
/// The text of vLLM's /server_info (with VLLM_SERVER_DEV_MODE=1 only); empty where there is none.
std::optional<std::string> ask_server_info(const Endpoint& server);
/// The text of /metrics; empty where there is none.
std::optional<std::string> ask_metrics(const Endpoint& server);
/// Tokens of `text` by POST /tokenize (llama-server, vLLM, SGLang), special ones not added; empty where there is no such call.
std::optional<int> ask_token_count(const Endpoint& server, const std::string& model, const std::string& text);
std::optional<int> parse_token_count(std::string_view body);
/// llama-server's and vLLM's /health: 200.
bool is_healthy(const Endpoint& server);
/// It answers /health with 503: not ready yet.
bool is_loading(const Endpoint& server);
/// Whether one token of chat is answered with 200; empty when no answer came in time. A server without a template answers 400.
std::optional<bool> answers_chat(const Endpoint& server, const std::string& model);

}  // namespace qc
