#include "study/values.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/text.h"
#include "study/problems.h"

namespace qc {
namespace {

constexpr std::size_t kMostItemsShown = 12;

std::string describe_list(const toml::array& list) {
  if (list.empty()) return "an empty list";
  if (list.size() > kMostItemsShown) return fmt::format("a list of {} values", list.size());
  std::string out;
  for (const toml::node& item : list) {
    const bool nested = item.is_array() || item.is_table();
    out += (out.empty() ? "[" : ", ") + (item.is_string() ? in_quotes(item.as_string()->get()) : nested ? "..." : describe(item));
  }
  return out + "]";
}

/// A codec for one kind of TOML value that a test narrows further.
template <class T, class Node>
Codec<T> narrowed(std::string accepted, std::function<Taken<T>(const Node&)> read) {
  return {std::move(accepted), [read](const toml::node& node) {
            const auto* value = node.as<Node>();
            return value ? read(value->get()) : Taken<T>{};
          }};
}

template <class T>
std::optional<T> first_repeated(const std::vector<T>& values) {
  std::set<T> seen;
  for (const T& value : values)
    if (!seen.insert(value).second) return value;
  return std::nullopt;
}

/// Reads every item; what the first bad one said is what the list says.
template <class T>
Taken<std::vector<T>> read_items(const toml::node& node, const Codec<T>& item) {
  const toml::array* list = node.as_array();
  if (!list) return {};
  std::vector<T> values;
  for (const toml::node& each : *list) {
    const Taken<T> taken = item.read(each);
    if (!taken.value) return {{}, taken.found.value_or(fmt::format("{} in the list", describe(each))), taken.nearest};
    values.push_back(*taken.value);
  }
  return {values, {}, {}};
}

template <class T>
Taken<std::vector<T>> without_repeats(Taken<std::vector<T>> taken) {
  if (!taken.value) return taken;
  if (const auto twice = first_repeated(*taken.value)) return {{}, fmt::format("{} twice in the list", *twice), {}};
  return taken;
}

bool variable_name(std::string_view name) {
  const auto plain = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  return !name.empty() && !std::isdigit(static_cast<unsigned char>(name[0])) && std::ranges::all_of(name, plain);
}

/// 2 as "2.0", so that it is seen to be no whole number; 1e308 as itself.
std::string as_typed(double number) {
  std::string text = fmt::format("{}", number);
  return text.find_first_not_of("-0123456789") == text.npos ? text + ".0" : text;
}

}  // namespace

std::string describe(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::string: return "the string " + in_quotes(node.as_string()->get());
    case toml::node_type::integer: return fmt::format("{}", node.as_integer()->get());
    case toml::node_type::floating_point: return as_typed(node.as_floating_point()->get());
    case toml::node_type::boolean: return node.as_boolean()->get() ? "true" : "false";
    case toml::node_type::array: return describe_list(*node.as_array());
    case toml::node_type::table: return "a table";
    default: return "a date or time";
  }
}

Codec<int> whole_number(int least, int most) {
  return narrowed<int, std::int64_t>(fmt::format("a whole number from {} to {}", least, most), [=](const std::int64_t& n) {
    return n < least || n > most ? Taken<int>{} : Taken<int>{static_cast<int>(n), {}, {}};
  });
}

Codec<std::uint64_t> seed_number() {
  return narrowed<std::uint64_t, std::int64_t>("a whole number, 0 or more", [](const std::int64_t& n) {
    return n < 0 ? Taken<std::uint64_t>{} : Taken<std::uint64_t>{static_cast<std::uint64_t>(n), {}, {}};
  });
}

Codec<double> number(std::string accepted, std::function<bool(double)> fits) {
  return {std::move(accepted), [fits = std::move(fits)](const toml::node& node) {
            const std::optional<double> n = node.is_number() ? node.value<double>() : std::nullopt;
            return n && std::isfinite(*n) && fits(*n) ? Taken<double>{*n, {}, {}} : Taken<double>{};
          }};
}

Codec<bool> yes_or_no() {
  return narrowed<bool, bool>("true or false", [](const bool& b) { return Taken<bool>{b, {}, {}}; });
}

Codec<std::string> text_with(std::string accepted, std::function<Taken<std::string>(const std::string&)> read) {
  return narrowed<std::string, std::string>(std::move(accepted), std::move(read));
}

Codec<std::string> any_text() {
  return text_with("a string", [](const std::string& s) { return Taken<std::string>{s, {}, {}}; });
}

Codec<std::string> text_that(std::string accepted, std::function<bool(const std::string&)> fits) {
  return text_with(std::move(accepted), [fits = std::move(fits)](const std::string& s) { return fits(s) ? Taken<std::string>{s, {}, {}} : Taken<std::string>{}; });
}

Codec<std::string> file_safe_name() {
  constexpr std::size_t kLongest = 64;
  const std::string accepted = "a name of letters, digits, '.', '_' and '-' that begins with a letter or digit (at most 64: it becomes part of file names)";
  return text_with(accepted, [](const std::string& s) {
    const auto safe = [](const std::string& name) {
      return !name.empty() && name.size() <= kLongest && slug(name) == name && std::isalnum(static_cast<unsigned char>(name[0]));
    };
    if (safe(s)) return Taken<std::string>{s, {}, {}};
    std::string better = slug(trim(s)).substr(0, kLongest);
    better.erase(0, std::min(better.find_first_not_of("-._"), better.size()));
    better.erase(better.find_last_not_of('-') + 1);
    return Taken<std::string>{{}, {}, safe(better) ? std::optional(in_quotes(better)) : std::nullopt};
  });
}

Codec<std::string> one_of_words(std::vector<std::string> words) {
  return text_with(fmt::format("{}", fmt::join(words, ", ")), [words](const std::string& s) {
    if (std::ranges::find(words, s) != words.end()) return Taken<std::string>{s, {}, {}};
    return Taken<std::string>{{}, {}, nearest(lower(s), words)};
  });
}

Codec<std::vector<std::string>> list_of(Codec<std::string> item, std::size_t least) {
  const std::string size = least ? fmt::format(", at least {}", least) : "";
  return {fmt::format("a list of strings{}, each {}", size, item.accepted), [item, least](const toml::node& node) {
            Taken<std::vector<std::string>> taken = read_items(node, item);
            if (taken.value && taken.value->size() < least) taken.value.reset();
            return taken;
          }};
}

Codec<std::vector<std::string>> set_of(Codec<std::string> item) {
  return {fmt::format("a list, each once, of {}", item.accepted), [item](const toml::node& node) { return without_repeats(read_items(node, item)); }};
}

Codec<std::vector<int>> different_whole_numbers(int least, int most) {
  constexpr std::size_t kLongest = 64;
  const Codec<int> item = whole_number(least, most);
  const std::string accepted = fmt::format("a list of 1 to {} different whole numbers from {} to {}, such as [1, 8, 16]", kLongest, least, most);
  return {accepted, [item](const toml::node& node) {
            Taken<std::vector<int>> taken = without_repeats(read_items(node, item));
            if (taken.value && (taken.value->empty() || taken.value->size() > kLongest)) taken.value.reset();
            return taken;
          }};
}

Codec<std::map<std::string, std::string>> environment() {
  using Map = std::map<std::string, std::string>;
  return {"a table of strings such as { OMP_NUM_THREADS = \"2\" }", [](const toml::node& node) -> Taken<Map> {
            const toml::table* table = node.as_table();
            if (!table) return {};
            Map variables;
            for (const auto& [name, value] : *table) {
              const auto* text = value.as_string();
              if (!variable_name(name.str())) return {{}, fmt::format("the variable name {}", in_quotes(name.str())), {}};
              if (!text) return {{}, fmt::format("{} = {}", name.str(), describe(value)), {}};
              variables.emplace(name.str(), text->get());
            }
            return {variables, {}, {}};
          }};
}

std::string shown(const std::vector<std::string>& v) {
  std::string out;
  for (const std::string& each : v) out += (out.empty() ? "\"" : ", \"") + each + "\"";
  return "[" + out + "]";
}

std::string shown(const std::vector<int>& v) { return fmt::format("[{}]", fmt::join(v, ", ")); }

std::string shown(const std::map<std::string, std::string>& v) {
  std::string out;
  for (const auto& [name, value] : v) out += fmt::format("{}{} = \"{}\"", out.empty() ? "" : ", ", name, value);
  return "{" + out + "}";
}

}  // namespace qc
