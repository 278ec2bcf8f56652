#include "exchange/read/json_values.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/text.h"

namespace qc {
namespace {

/// The length of a word that Python's json writes and JSON has not; 0: there is none here.
std::size_t python_word(std::string_view text) {
  for (const std::string_view word : {"NaN", "Infinity", "-Infinity"})
    if (text.starts_with(word)) return word.size();
  return 0;
}

/// Outside of strings, the words that JSON has not as null.
std::string without_python_words(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\' && i + 1 < text.size()) {
      out.append(text.substr(i++, 2));
      continue;
    }
    if (c == '"') quoted = !quoted;
    if (const std::size_t word = quoted ? 0 : python_word(text.substr(i)); word > 0) {
      out += "null";
      i += word - 1;
      continue;
    }
    out += c;
  }
  return out;
}

std::optional<double> number_of(std::string_view text) {
  double value = 0;
  text = trim(text);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

struct Sign { std::string_view words; Failure kind; };
constexpr Sign kSigns[] = {
    {"timeout", Failure::timeout},           {"timed out", Failure::timeout},       {"connection refused", Failure::connect}, {"cannot connect", Failure::connect},
    {"connect call failed", Failure::connect}, {"certificate", Failure::tls},       {"too many requests", Failure::refused_by_server}, {"service unavailable", Failure::refused_by_server},
    {"internal server error", Failure::http_5xx}, {"bad gateway", Failure::http_5xx}, {"gateway", Failure::http_5xx},         {"bad request", Failure::http_4xx},
    {"not found", Failure::http_4xx},        {"unauthorized", Failure::http_4xx},   {"context length", Failure::too_long},    {"cancel", Failure::cancelled},
    {"payload", Failure::reset},             {"disconnected", Failure::reset},      {"peer closed", Failure::reset},          {"connection reset", Failure::reset},
    {"stream read failed", Failure::reset},  {"incomplete", Failure::reset}};

}  // namespace

Result<std::vector<Json>> foreign_json(std::string_view text) {
  const std::string clean = without_python_words(text);
  if (auto whole = parse_json(clean, "it")) {
    if (whole->is_array()) return std::vector<Json>(whole->begin(), whole->end());
    return std::vector<Json>{std::move(*whole)};
  }
  std::vector<Json> all;
  std::size_t number = 0;
  for (const std::string& line : split(clean, '\n')) {
    ++number;
    if (trim(line).empty()) continue;
    auto json = parse_json(line, "line " + std::to_string(number));
    if (!json) return fail(Fault::usage, "neither one JSON document nor one a line: " + json.error().message);
    all.push_back(std::move(*json));
  }
  return all;
}

std::optional<double> number_at(const Json& object, const char* key) {
  const auto at = object.is_object() ? object.find(key) : object.end();
  if (at == object.end()) return std::nullopt;
  if (at->is_string()) return number_of(at->get<std::string>());
  if (at->is_boolean()) return at->get<bool>() ? 1 : 0;
  return at->is_number() ? std::optional(at->get<double>()) : std::nullopt;
}

std::optional<int> whole_at(const Json& object, const char* key) {
  const auto number = number_at(object, key);
  return number && *number == std::floor(*number) && std::abs(*number) < 2e9 ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

std::string text_at(const Json& object, const char* key) {
  const auto at = object.is_object() ? object.find(key) : object.end();
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

std::vector<double> numbers_at(const Json& object, const char* key) {
  std::vector<double> all;
  const auto at = object.is_object() ? object.find(key) : object.end();
  if (at == object.end() || !at->is_array()) return all;
  for (const Json& each : *at) all.push_back(each.is_number() ? each.get<double>() : 0);
  return all;
}

Instant instant_of(double seconds) { return {std::llround(seconds * 1e9)}; }

Failure failure_of(const std::string& error_text) {
  const std::string text = lower(error_text);
  const auto sign = std::ranges::find_if(kSigns, [&](const Sign& s) { return text.find(s.words) != std::string::npos; });
  return sign == std::end(kSigns) ? Failure::bad_stream : sign->kind;
}

}  // namespace qc
