#include "measure/engines/server_info.h"

#include <iterator>

#include "core/json.h"

namespace qc {
namespace {

std::string json_value(const Json& value) {
  if (value.is_string()) return plain_value(value.get<std::string>());
  if (value.is_boolean()) return value.get<bool>() ? "on" : "off";
  if (value.is_null() || (value.is_object() && value.empty())) return "none";
  return json_line(value);
}

NamedTexts json_leaves(const Json& object, const std::string& prefix = "") {
  NamedTexts out;
  for (const auto& [name, value] : object.items()) {
    if (!value.is_object() || value.empty()) {
      out.emplace_back(prefix + name, json_value(value));
      continue;
    }
    auto more = json_leaves(value, prefix + name + ".");
    out.insert(out.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  return out;
}

NamedTexts leaves_under(const Json& object, const char* key) {
  return object.contains(key) && object[key].is_object() ? json_leaves(object[key]) : NamedTexts{};
}

}  // namespace

ServerInfo read_server_info(std::string_view text) {
  const auto json = parse_json(text, "/server_info");
  if (!json || !json->is_object() || !json->contains("vllm_config")) return {};
  const Json& config = (*json)["vllm_config"];
  ServerInfo info;
  info.environment = leaves_under(*json, "vllm_env"), info.system = leaves_under(*json, "system_env");
  if (config.is_object()) info.form = ConfigForm::json, info.config = json_leaves(config);
  else if (config.is_string()) info.config = python_leaves(config.get<std::string>(), '=');
  return info;
}

}  // namespace qc
