#pragma once
// Plain HTTP/1.1 calls that are answered whole: /health, /props, /metrics, /tokenize ... (http and https).
#include <optional>
#include <string>

#include "core/result.h"
#include "core/time.h"

namespace qc {

/// Where a server is. `base` has no trailing slash; a trailing /v1 of the user's URL is taken off.
struct Address {
  bool tls = false;
  std::string host;
  std::string port;                       ///< number as text
  std::string base;                       ///< path prefix, "" or "/x"
  [[nodiscard]] std::string text() const;               ///< "http://127.0.0.1:8080"
};

/// Fails as usage on anything but http:// or https:// with a host.
Result<Address> parse_url(const std::string& url);

/// Waits until something takes connections there. Fails as engine when nothing does within `limit`, with the last reason.
Status wait_for_listener(const Address& address, Seconds limit);

struct HttpReply {
  int status = 0;
  std::string body;
};

/// One request on a connection of its own. `api_key` (may be empty) goes into "Authorization: Bearer". Fails as engine:
/// refused, reset, no answer within `limit`. A status that is not 200 is a reply, no failure.
Result<HttpReply> http_get(const Address& address, const std::string& path, Seconds limit, const std::string& api_key = {});
Result<HttpReply> http_post(const Address& address, const std::string& path, const std::string& json_body, Seconds limit,
                            const std::string& api_key = {});

}  // namespace qc
