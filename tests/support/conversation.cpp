#include "support/conversation.h"

#include <fmt/format.h>

#include "core/json.h"

namespace qc::test {
namespace {

constexpr std::string_view kHead =
    "HTTP/1.1 200 OK\r\nServer: scripted\r\nContent-Type: text/event-stream\r\nKeep-Alive: timeout=5, max=100\r\n";

/// Words of unlike lengths, one of them with characters of two, three and four bytes.
std::string word(int n) {
  constexpr std::string_view words[] = {" the", " of", "ing", " caf\u00e9", " \u20ac", " \U0001F600", " quantization", "."};
  return std::string(words[static_cast<std::size_t>(n) % std::size(words)]);
}

}  // namespace

Conversation::Conversation(ByteStream& peer, SeenRequest& request, const Script& script, int earlier_on_connection, std::function<bool(Nanos)> pause,
                           std::mutex& mutex)
    : peer_(peer), request_(request), mutex_(mutex), script_(script), earlier_(earlier_on_connection),
      chat_(request.path.ends_with("/chat/completions")), pause_(std::move(pause)) {
  const Json body = Json::parse(request.body, nullptr, false);
  if (body.is_object() && body.contains("max_tokens") && body["max_tokens"].is_number_integer()) tokens_ = body["max_tokens"].get<int>();
  if (script.tokens > 0) tokens_ = script.tokens;
}

bool Conversation::asked_continuous_usage() const { return request_.body.find("\"continuous_usage_stats\":true") != std::string::npos; }

void Conversation::wire(std::string_view bytes) {
  if (open_ && !peer_.write(bytes)) open_ = false;
}

void Conversation::raw(std::string_view bytes) {
  if (chunked_) return wire(fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes));
  wire(bytes);
}

void Conversation::answer(std::string_view status, std::string_view type, std::string_view body, std::string_view more_headers) {
  wire(fmt::format("HTTP/1.1 {}\r\nServer: scripted\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}\r\n{}", status, type, body.size(), more_headers, body));
}

void Conversation::begin_stream() {
  wire(fmt::format("{}Transfer-Encoding: chunked\r\n\r\n", kHead));
  if (chat_) event(R"({"choices":[{"finish_reason":null,"index":0,"delta":{"role":"assistant","content":null}}],"object":"chat.completion.chunk"})");
}

void Conversation::begin_unchunked(std::string_view length_header) {
  chunked_ = false;
  wire(fmt::format("{}{}\r\n", kHead, length_header));
}

void Conversation::event(std::string_view json) { raw(fmt::format("data: {}\n\n", json)); }

void Conversation::token(std::string_view extra) {
  wait(sent_ == 0 ? script_.first : script_.gap);
  const std::string text = word(sent_++);
  const std::string choice = chat_ ? fmt::format(R"("delta":{{"content":"{}"}})", text) : fmt::format(R"("text":"{}")", text);
  const std::string line = fmt::format(R"({{"choices":[{{"finish_reason":null,"index":0,{}}}],"object":"{}"{}}})", choice,
                                       chat_ ? "chat.completion.chunk" : "text_completion", extra);
  {
    const std::lock_guard lock(mutex_);
    request_.tokens_sent.push_back(monotonic_clock().now());
  }
  event(line);
}

void Conversation::tokens(int n) {
  for (int i = 0; i < n && open_; ++i) token();
}

void Conversation::finish(std::string_view reason) {
  event(fmt::format(R"({{"choices":[{{"finish_reason":"{}","index":0,{}}}]}})", reason, chat_ ? R"("delta":{})" : R"("text":"")"));
}

void Conversation::usage(int completion_tokens, int cached) {
  event(fmt::format(R"({{"choices":[],"usage":{{"completion_tokens":{0},"prompt_tokens":32,"total_tokens":{1},"prompt_tokens_details":{{"cached_tokens":{2}}}}},"timings":{{"cache_n":{2},"prompt_n":{3},"predicted_n":{0}}}}})",
                    completion_tokens, 32 + completion_tokens, cached, 32 - cached));
}

void Conversation::end() {
  if (chunked_) wire("0\r\n\r\n");
}

void Conversation::reset() {
  peer_.reset();
  open_ = false;
}

bool Conversation::wait(Nanos time) {
  if (time > Nanos(0) && !pause_(time)) open_ = false;
  return open_;
}

void Conversation::wait_for_client_to_leave() {
  while (wait(std::chrono::milliseconds(10)) && !peer_.peer_left()) {}
  open_ = false;
}

}  // namespace qc::test
