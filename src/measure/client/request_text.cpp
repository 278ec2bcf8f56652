#include "measure/client/request_text.h"

#include <fmt/format.h>

namespace qc {
namespace {

/// The Host field leaves the scheme's own port out.
std::string host_field(const Address& a) {
  const std::string host = a.host.find(':') == a.host.npos ? a.host : "[" + a.host + "]";
  return a.port == (a.tls ? "443" : "80") ? host : host + ":" + a.port;
}

}  // namespace

std::string to_bytes(const RequestText& request, const Address& address) {
  std::string out = fmt::format("{} {}{} HTTP/1.1\r\nHost: {}\r\nUser-Agent: quantcase\r\nAccept-Encoding: identity\r\n", request.method, address.base, request.path, host_field(address));
  for (const auto& [name, value] : request.headers) out += fmt::format("{}: {}\r\n", name, value);
  if (!request.api_key.empty()) out += fmt::format("Authorization: Bearer {}\r\n", request.api_key);
  if (request.method == "POST") out += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", request.json_body.size());
  out += "\r\n";
  out += request.json_body;
  return out;
}

}  // namespace qc
