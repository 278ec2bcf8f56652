#pragma once
// The bytes of a metronome's requests and answers, without sockets. Internal to measure/metronome.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace qc {

/// What a client asks for.
struct TokenRequest {
  std::string id;                         ///< X-Request-Id; empty: it sent none
  bool post = false;                      ///< anything else is not found
  int tokens = 16;                        ///< the body's max_tokens, at least 1
  std::size_t bytes = 0;                  ///< head and body
};
/// The request at the beginning of `bytes`; empty: it is not whole yet.
std::optional<TokenRequest> first_request(std::string_view bytes);

/// The head of an answer that streams (HTTP chunks of server-sent events).
std::string_view stream_head();
/// One text event as one chunk.
std::string_view token_chunk();
/// The last text event, usage, [DONE] and the end of the body.
std::string last_chunks(int tokens);
/// An answer without a body, such as "404 Not Found".
std::string empty_answer(std::string_view status);

}  // namespace qc
