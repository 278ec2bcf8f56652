#include "measure/engines/python_text.h"

#include <algorithm>

#include "core/text.h"

namespace qc {
namespace {

using View = std::string_view;
constexpr int kDeepest = 8;

/// Position of the first `wanted` outside of brackets and quotes, from `at` on; npos without.
std::size_t find_outside(View text, char wanted, std::size_t at) {
  int depth = 0;
  char quote = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quote != 0) {
      if (c == '\\') ++at;
      else if (c == quote) quote = 0;
    } else if (c == wanted && depth == 0) {
      return at;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '(' || c == '[' || c == '{' || c == '<') {
      ++depth;
    } else if (c == ')' || c == ']' || c == '}' || c == '>') {
      depth = std::max(0, depth - 1);
    }
  }
  return View::npos;
}

View unquoted(View text) {
  const bool quoted = text.size() >= 2 && (text.front() == '\'' || text.front() == '"') && text.back() == text.front();
  return quoted ? text.substr(1, text.size() - 2) : text;
}

bool is_name(View text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '.' || c == '-'; });
}

/// "{...}" -> its inside, pairs by ':'; "Name(...)" -> its inside, pairs by '='; else nothing.
std::pair<View, char> inside(View value) {
  if (value.size() >= 2 && value.front() == '{' && value.back() == '}') return {value.substr(1, value.size() - 2), ':'};
  const auto open = value.find('(');
  if (open != View::npos && value.back() == ')' && is_name(value.substr(0, open))) return {value.substr(open + 1, value.size() - open - 2), '='};
  return {{}, 0};
}

void collect(View text, char separator, const std::string& prefix, int depth, NamedTexts& out) {
  for (const auto& [name, value] : python_pairs(text, separator)) {
    const auto [more, by] = inside(value);
    const std::size_t before = out.size();
    if (by != 0 && depth < kDeepest) collect(more, by, prefix + name + ".", depth + 1, out);
    if (out.size() == before) out.emplace_back(prefix + name, value);
  }
}

}  // namespace

NamedTexts python_pairs(View text, char separator) {
  NamedTexts pairs;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(find_outside(text, ',', at), text.size());
    const View part = trim(text.substr(at, end - at));
    const auto middle = find_outside(part, separator, 0);
    if (middle != View::npos && is_name(unquoted(trim(part.substr(0, middle)))))
      pairs.emplace_back(unquoted(trim(part.substr(0, middle))), trim(part.substr(middle + 1)));
    at = end + 1;
  }
  return pairs;
}

NamedTexts python_leaves(View text, char separator) {
  NamedTexts leaves;
  collect(text, separator, "", 0, leaves);
  return leaves;
}

std::string plain_value(View python) {
  View value = unquoted(trim(python));
  if (value == "True") return "on";
  if (value == "False") return "off";
  if (value == "None") return "none";
  if (value.starts_with("torch.")) value.remove_prefix(6);
  if (constexpr View kLoadFormat = "LoadFormat."; value.starts_with(kLoadFormat)) return lower(value.substr(kLoadFormat.size()));   // up to 0.10: LoadFormat.DUMMY
  return std::string(value);
}

}  // namespace qc
