#include <algorithm>
#include <cctype>
#include <charconv>

#include <fmt/format.h>

#include "core/text.h"
#include "measure/client/http.h"

namespace qc {
namespace {

Failed bad_url(const std::string& url, std::string_view found) {
  return fail(Fault::usage, fmt::format("\"{}\": {}; write http://HOST[:PORT][/PATH] or https://...", url, found));
}

/// Takes "host:port", "[v6]:port" apart. An empty port means: the scheme's.
bool split_authority(std::string_view text, Address& out) {
  std::size_t host_end = text.find(':');
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == text.npos) return false;
    out.host = text.substr(1, close - 1);
    host_end = close + 1;
    if (host_end < text.size() && text[host_end] != ':') return false;
  } else {
    out.host = text.substr(0, host_end);
  }
  out.port = host_end < text.size() ? text.substr(host_end + 1) : std::string_view();
  return !out.host.empty();
}

bool is_port(const std::string& text) {
  int number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  return ec == std::errc() && end == text.data() + text.size() && number > 0 && number < 65536;
}

std::string without_tail(std::string path) {
  while (path.ends_with('/')) path.pop_back();
  if (path.ends_with("/v1")) path.resize(path.size() - 3);
  while (path.ends_with('/')) path.pop_back();
  return path;
}

}  // namespace

std::string Address::text() const {
  const bool v6 = host.find(':') != host.npos;
  return fmt::format("{}://{}{}{}:{}{}", tls ? "https" : "http", v6 ? "[" : "", host, v6 ? "]" : "", port, base);
}

Result<Address> parse_url(const std::string& url) {
  const std::string text(trim(url));
  Address out;
  const std::size_t scheme_end = text.find("://");
  const std::string scheme = lower(text.substr(0, std::min(scheme_end, text.size())));
  if (scheme_end == text.npos || (scheme != "http" && scheme != "https")) return bad_url(url, "no http:// or https:// at its start");
  out.tls = scheme == "https";
  const std::string rest = text.substr(scheme_end + 3);
  if (std::ranges::any_of(rest, [](unsigned char c) { return c <= ' ' || c == 0x7f; })) return bad_url(url, "a space or control character in it");
  if (rest.find_first_of("?#") != rest.npos) return bad_url(url, "a query or fragment in it");
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  const std::string authority = rest.substr(0, slash);
  if (authority.find('@') != authority.npos) return bad_url(url, "a user name in it (a key goes into OPENAI_API_KEY)");
  if (!split_authority(authority, out)) return bad_url(url, "no host in it");
  if (out.port.empty()) out.port = out.tls ? "443" : "80";
  if (!is_port(out.port)) return bad_url(url, fmt::format("port \"{}\" is not a number from 1 to 65535", out.port));
  out.base = without_tail(rest.substr(slash));
  return out;
}

}  // namespace qc
