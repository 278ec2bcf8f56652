#pragma once
// The bytes of an HTTP/1.1 request.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "measure/client/http.h"

namespace qc {

struct RequestText {
  std::string_view method = "GET";
  std::string_view path;                  ///< after the address's base
  std::string_view api_key;               ///< empty: no Authorization
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  std::string_view json_body;             ///< of a POST
};
std::string to_bytes(const RequestText& request, const Address& address);

}  // namespace qc
