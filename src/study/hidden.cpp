#include "study/hidden.h"

#include "core/secrets.h"

namespace qc {
namespace {

constexpr const char* kWordLists[] = {"args", "command", "stop"};

bool hide_in_list(toml::node* node) {
  toml::array* list = node ? node->as_array() : nullptr;
  if (!list) return false;
  std::vector<std::string> words;
  for (const toml::node& each : *list) words.push_back(each.is_string() ? each.as_string()->get() : "");
  const std::vector<std::string> shown = without_secrets(words);
  for (std::size_t i = 0; i < words.size(); ++i)
    if (shown[i] != words[i]) list->get(i)->as_string()->get() = shown[i];
  return shown != words;
}

bool hide_in_environment(toml::node* node) {
  toml::table* variables = node ? node->as_table() : nullptr;
  bool any = false;
  if (variables)
    for (auto&& [name, value] : *variables)
      if (value.is_string() && names_a_secret(std::string(name.str()))) value.as_string()->get() = kHidden, any = true;
  return any;
}

bool hide_in_table(toml::table& table) {
  bool any = hide_in_environment(table.get("env"));
  for (const char* name : kWordLists) any = hide_in_list(table.get(name)) || any;
  return any;
}

}  // namespace

bool hide_secrets(TomlDocument& document) {
  bool any = false;
  if (toml::table* engine = document.root["engine"].as_table()) any = hide_in_table(*engine);
  if (toml::array* variants = document.root["variant"].as_array())
    for (toml::node& each : *variants)
      if (toml::table* variant = each.as_table()) any = hide_in_table(*variant) || any;
  return any;
}

Study with_secrets_hidden(Study study) {
  for (auto* words : {&study.engine.args, &study.engine.command, &study.engine.stop}) *words = without_secrets(std::move(*words));
  for (Variant& each : study.variants) each.args = without_secrets(std::move(each.args));
  for (auto& [name, value] : study.engine.env)
    if (names_a_secret(name)) value = kHidden;
  return study;
}

}  // namespace qc
