#include "study/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "core/text.h"

namespace qc {
namespace {

constexpr std::size_t kMostBytes = std::size_t{256} << 10;
// Every level of nesting takes one of these, and the parser's destructors recurse: a bound on their number bounds the stack.
constexpr std::string_view kNesting = ".[{";
constexpr std::ptrdiff_t kMostNesting = 10'000;

constexpr std::string_view kToml = "TOML, such as [study], [[variant]] above each variant, key = \"text\", key = 1.5, key = [1, 8], key = true";

Failed too_large(const std::string& name, const std::string& found, const std::string& most) {
  return fail(Fault::usage, fmt::format("{}:1: parse error: found {}; a study file has at most {}", name, found, most));
}

/// "seed: " where the line of a parse error sets a key; of the line itself nothing is shown, since it may hold a secret.
std::string key_set_in(std::string_view text, std::size_t line) {
  for (; line > 1; --line) text.remove_prefix(std::min(text.size(), text.find('\n') + 1));
  text = text.substr(0, text.find('\n'));
  const auto equals = text.find('=');
  const std::string_view key = equals == std::string_view::npos ? std::string_view() : trim(text.substr(0, equals));
  return !key.empty() && key.size() <= 64 && slug(key) == key ? std::string(key) + ": " : "";
}

/// The table whose name begins `rest`, followed by a dot; the longest name wins, since names may hold dots themselves.
toml::table* entry_named(toml::array& list, std::string_view rest, std::string& name) {
  toml::table* best = nullptr;
  for (toml::node& node : list) {
    toml::table* table = node.as_table();
    const std::string candidate = table ? text_at(*table, "name") : "";
    if (candidate.empty() || !rest.starts_with(candidate + ".") || (best && candidate.size() <= name.size())) continue;
    best = table;
    name = candidate;
  }
  return best;
}

std::vector<std::string> names_in(const toml::array& list) {
  std::vector<std::string> names;
  for (const toml::node& node : list)
    if (const toml::table* table = node.as_table(); table && !text_at(*table, "name").empty()) names.push_back(text_at(*table, "name"));
  return names;
}

/// The value's TOML, or the words as typed: an unquoted word, and a date (no key takes one, but a price note may be one).
toml::table value_as_table(std::string_view text) {
  toml::parse_result parsed = toml::parse("v = " + std::string(text));
  if (parsed && parsed.table().size() == 1) {
    const toml::node* value = parsed.table().get("v");
    if (value && !value->is_date() && !value->is_time() && !value->is_date_time()) return std::move(parsed).table();
  }
  toml::table bare;
  bare.insert("v", std::string(text));
  return bare;
}

/// Works one --set into the document.
class Override {
 public:
  Override(TomlDocument& document, Problems& problems, const std::string& set) : document_(document), problems_(problems), set_(set) {}

  void apply() {
    const auto equals = set_.find('=');
    if (equals == std::string::npos) return refuse(in_quotes(set_), "key=value such as study.blocks=2", {});
    const std::string path(trim(std::string_view(set_).substr(0, equals)));
    const auto dot = path.find('.');
    const std::string table = path.substr(0, dot);
    if (dot == std::string::npos || dot + 1 == path.size() || std::ranges::find(table_names(), table) == table_names().end())
      return refuse("the key " + in_quotes(path), fmt::format("a key of one of these tables: {}", fmt::join(table_names(), ", ")), nearest(table, table_names()));
    put(table, path.substr(dot + 1), value_as_table(trim(std::string_view(set_).substr(equals + 1))));
  }

 private:
  void refuse(std::string found, std::string accepted, std::optional<std::string> meant) {
    problems_.add({{1, set_}, "--set", std::move(found), std::move(accepted), std::move(meant)});
  }

  void put(const std::string& name, const std::string& rest, toml::table value) {
    if (is_list_table(name)) return put_in_entry(name, rest, std::move(value));
    if (!document_.root.contains(name)) document_.root.insert(name, toml::table{});
    toml::table* table = document_.root[name].as_table();
    if (!table) return;  // the reader says so
    constexpr std::string_view kEnv = "env.";
    if (name == "engine" && rest.starts_with(kEnv)) return put_in_env(*table, rest.substr(kEnv.size()), std::move(value));
    assign(*table, rest, std::move(value));
  }

  void put_in_entry(const std::string& name, const std::string& rest, toml::table value) {
    toml::array* list = document_.root[name].as_array();
    std::string entry;
    toml::table* table = list ? entry_named(*list, rest, entry) : nullptr;
    if (table) return assign(*table, rest.substr(entry.size() + 1), std::move(value));
    const std::vector<std::string> names = list ? names_in(*list) : std::vector<std::string>{};
    refuse(fmt::format("no {} of the name in {}", name, in_quotes(rest)),
           fmt::format("{}.NAME.KEY, NAME one of: {}", name, fmt::join(names, ", ")), nearest(split(rest, '.')[0], names));
  }

  void put_in_env(toml::table& engine, const std::string& variable, toml::table value) {
    if (!engine.contains("env")) engine.insert("env", toml::table{});
    toml::table* env = engine["env"].as_table();
    if (!env) return;
    assign(*env, variable, std::move(value));
    document_.set_by[env] = set_;
  }

  void assign(toml::table& table, const std::string& key, toml::table value) {
    if (const toml::node* old = table.get(key)) document_.set_by.erase(old);
    value.get("v")->visit([&](auto& node) { table.insert_or_assign(key, std::move(node)); });
    document_.set_by[table.get(key)] = set_;
  }

  TomlDocument& document_;
  Problems& problems_;
  const std::string& set_;
};

}  // namespace

KeyPlace TomlDocument::place_of(const toml::node& node) const {
  const auto set = set_by.find(&node);
  return {std::max(1, static_cast<int>(node.source().begin.line)), set == set_by.end() ? "" : set->second};
}

Result<TomlDocument> parse_document(std::string_view text, const std::string& name) {
  if (text.size() > kMostBytes) return too_large(name, fmt::format("{} bytes", text.size()), fmt::format("{}", kMostBytes));
  const auto nesting = std::ranges::count_if(text, [](char c) { return kNesting.find(c) != std::string_view::npos; });
  if (nesting > kMostNesting) return too_large(name, fmt::format("{} dots and opening brackets", nesting), fmt::format("{}", kMostNesting));
  toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    const auto& error = parsed.error();
    const auto line = std::max(1u, error.source().begin.line);
    return fail(Fault::usage, fmt::format("{}:{}: {}parse error: {}; accepted: {}", name, line, key_set_in(text, line), error.description(), kToml));
  }
  return TomlDocument{std::move(parsed).table(), {}};
}

void apply_sets(TomlDocument& document, const std::vector<std::string>& sets, Problems& problems) {
  for (const std::string& set : sets) Override(document, problems, set).apply();
}

void keep_variants(TomlDocument& document, const std::vector<std::string>& names) {
  toml::array* list = document.root["variant"].as_array();
  if (!list) return;
  for (std::size_t i = list->size(); i-- > 0;) {
    const toml::table* table = list->get(i)->as_table();
    if (table && std::ranges::find(names, text_at(*table, "name")) == names.end()) list->erase(list->cbegin() + static_cast<std::ptrdiff_t>(i));
  }
}

std::string to_text(const TomlDocument& document) {
  std::ostringstream out;
  out << toml::toml_formatter(document.root) << '\n';
  return out.str();
}

std::string text_at(const toml::table& table, std::string_view key) {
  const toml::node* node = table.get(key);
  return node && node->is_string() ? node->as_string()->get() : "";
}

const std::vector<std::string>& table_names() {
  static const std::vector<std::string> names = {"study", "hardware", "engine", "variant", "workload", "quality", "estimate"};
  return names;
}

bool is_list_table(std::string_view name) { return name == "variant" || name == "workload"; }

}  // namespace qc
