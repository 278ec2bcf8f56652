#pragma once
// The OpenAI streaming protocol, without sockets: request bodies out, stream events in, one request's outcome at the end.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/record.h"

namespace qc {

enum class EndpointKind { chat, completions };

/// What to ask for. One value makes the same bytes for every variant except `model`.
struct Ask {
  EndpointKind endpoint = EndpointKind::chat;
  std::string model;                      ///< empty: no "model" is sent
  std::string prompt;                     ///< chat: the user message; completions: the text
  std::string messages;                   ///< chat: the whole list as JSON instead; empty: one user message
  int max_tokens = 128;
  bool ignore_eos = true;                 ///< fixed output length
  bool cache_prompt_off = true;           ///< sends llama-server's cache_prompt:false
  bool continuous_usage = false;          ///< sends stream_options.continuous_usage_stats (vLLM)
  int seed = 0;                           ///< greedy all the same: temperature 0 is sent
};

/// The JSON body: stream true, include_usage, temperature 0, seed. Only fields that the flags above ask for.
std::string request_body(const Ask& ask);
/// "/v1/chat/completions" or "/v1/completions".
std::string_view request_path(EndpointKind endpoint);

/// Turns a stream's events into a RequestRecord's facts, one event at a time. Knows every shape that METRICS.md names.
class StreamReader {
 public:
  StreamReader(int max_tokens, bool ignore_eos, bool keep_text);
  /// One SSE data payload and the instant of the bytes that completed it. Returns false once the rest of the stream should
  /// not be waited for ([DONE], an error event, a runaway).
  bool on_event(std::string_view data, Instant at, Stamp stamp);
  /// The body ended (cleanly or not). Fills failure, usage, tokens of events, finish_reason of `record`. A failure that the
  /// record has already stays where it stands before the stream's own in METRICS.md's list.
  void finish(RequestRecord& record, bool clean_end) const;
  /// What was odd but is no failure; complete after the last event. One entry a kind.
  [[nodiscard]] std::vector<std::string> warnings() const;

 private:
  struct Seen { Instant at; Stamp stamp; std::optional<int> usage, ids; };   ///< a text-carrying event, counts as the server gave them
  struct Doubt { Failure kind; std::string detail; };
  bool give_up(Failure kind, std::string detail);
  bool over_length();
  void note_unknown(std::string_view key);
  [[nodiscard]] std::vector<Event> events() const;
  [[nodiscard]] std::optional<Doubt> verdict(bool clean_end) const;
  [[nodiscard]] std::optional<int> server_count() const;     ///< usage, else the length of all token_ids, else llama-server's timings
  [[nodiscard]] std::optional<int> output_tokens() const;    ///< that, else the number of text events

  int max_tokens_;
  bool ignore_eos_, keep_text_;
  std::vector<Seen> seen_;
  std::string text_, finish_reason_;
  std::optional<Doubt> failure_;
  std::optional<int> prompt_tokens_, completion_tokens_, cached_tokens_, timed_tokens_;
  int ids_ = 0, dones_ = 0, characters_ = 0;
  std::vector<std::string> unknown_;      ///< names of fields we do not know, each once
};

/// The kind of a non-200 answer: too_long where its error names the context limit (llama-server, vLLM, SGLang, OpenAI wordings),
/// refused_by_server for 429 and 503, redirect, http_4xx, http_5xx.
Failure classify_status(int status, std::string_view body);
/// "HTTP 400: request (6031 tokens) exceeds ...": the error's message where the body has one, else its beginning.
std::string describe_status(int status, std::string_view body);

}  // namespace qc
