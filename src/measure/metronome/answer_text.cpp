#include "measure/metronome/answer_text.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "core/text.h"

namespace qc {
namespace {

constexpr int kPromptTokens = 64, kMostTokens = 1'000'000;

std::string chunk(std::string_view body) { return fmt::format("{:x}\r\n{}\r\n", body.size(), body); }

std::string text_event(std::string_view text, std::string_view reason) {
  return chunk(fmt::format("data: {{\"id\":\"cmpl-0123456789abcdef\",\"object\":\"text_completion\",\"created\":1764000000,\"model\":\"metronome\",\"choices\":[{{\"index\":0,\"text\":\"{}\","
                           "\"logprobs\":null,\"finish_reason\":{},\"stop_reason\":null}}],\"usage\":null}}\n\n", text, reason));
}

/// The number after `key`; empty: there is none.
std::optional<std::size_t> number_after(std::string_view text, std::string_view key) {
  const auto at = text.find(key);
  if (at == text.npos) return std::nullopt;
  const std::string_view rest = trim(text.substr(at + key.size(), 24));
  std::size_t value = 0;
  return std::from_chars(rest.data(), rest.data() + rest.size(), value).ec == std::errc() ? std::optional(value) : std::nullopt;
}

}  // namespace

std::optional<TokenRequest> first_request(std::string_view bytes) {
  const auto end = bytes.find("\r\n\r\n");
  if (end == bytes.npos) return std::nullopt;
  const std::string_view head = bytes.substr(0, end + 2);
  const std::string names = lower(head);   // of header fields; their values keep their case in `head`
  TokenRequest out;
  out.post = head.starts_with("POST ") && !head.starts_with("POST /tokenize ");   // a client that asks how long its prompts are shall not wait for a stream
  out.bytes = end + 4 + number_after(names, "\r\ncontent-length:").value_or(0);
  if (bytes.size() < out.bytes) return std::nullopt;
  constexpr std::string_view kId = "\r\nx-request-id:";
  if (const auto at = names.find(kId); at != names.npos) out.id = trim(head.substr(at + kId.size(), head.find('\r', at + kId.size()) - at - kId.size()));
  if (const auto tokens = number_after(bytes.substr(end + 4, out.bytes - end - 4), "\"max_tokens\":")) out.tokens = static_cast<int>(std::clamp<std::size_t>(*tokens, 1, kMostTokens));
  return out;
}

std::string_view stream_head() { return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"; }

std::string_view token_chunk() {
  static const std::string text = text_event(" tick", "null");
  return text;
}

std::string last_chunks(int tokens) {
  const std::string usage = fmt::format("data: {{\"id\":\"cmpl-0123456789abcdef\",\"object\":\"text_completion\",\"created\":1764000000,\"model\":\"metronome\",\"choices\":[],"
                                        "\"usage\":{{\"prompt_tokens\":{},\"total_tokens\":{},\"completion_tokens\":{}}}}}\n\n", kPromptTokens, kPromptTokens + tokens, tokens);
  return text_event(" end", "\"length\"") + chunk(usage) + chunk("data: [DONE]\n\n") + "0\r\n\r\n";
}

std::string empty_answer(std::string_view status) { return fmt::format("HTTP/1.1 {}\r\nContent-Length: 0\r\n\r\n", status); }

}  // namespace qc
