// chrF as sacrebleu computes it: clipped n-gram matches for n 1..6 over the code points without white space, precision and recall
// averaged over the n that both sides have, then one F score.
#include <algorithm>
#include <cstdint>
#include <map>
#include <string>

#include "core/text.h"
#include "measure/quality/quality.h"

namespace qc {
namespace {

constexpr std::size_t kLongest = 6;
constexpr double kBeta2 = 4;  // beta 2: recall weighs twice as much as precision

/// Bytes that a UTF-8 sequence with this first byte has; 1 for a byte that starts none.
std::size_t sequence_length(unsigned char first) {
  if (first >= 0xF0 && first < 0xF8) return 4;
  if (first >= 0xE0) return first < 0xF0 ? 3 : 1;
  return first >= 0xC0 ? 2 : 1;
}

/// The code point at the front, taken off the text. A byte that is no UTF-8 stands for itself, above all code points.
char32_t take_code_point(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = sequence_length(first);
  const auto rest = text.substr(1, length - 1);
  const bool whole = rest.size() == length - 1 && std::ranges::all_of(rest, continues_character);
  if (first < 0x80 || length == 1 || !whole) {
    text.remove_prefix(1);
    return first < 0x80 ? first : 0x110000u + first;
  }
  char32_t point = first & (0x7Fu >> length);
  for (const char c : rest) point = (point << 6) | (static_cast<unsigned char>(c) & 0x3Fu);
  text.remove_prefix(length);
  return point;
}

/// What Python's str.split() splits at, since sacrebleu removes white space with it.
bool is_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
         c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

std::u32string visible_code_points(std::string_view text) {
  std::u32string points;
  while (!text.empty())
    if (const char32_t point = take_code_point(text); !is_space(point)) points += point;
  return points;
}

using Counts = std::map<std::u32string_view, std::int64_t>;

Counts count_ngrams(std::u32string_view text, std::size_t n) {
  Counts counts;
  for (std::size_t i = 0; i + n <= text.size(); ++i) ++counts[text.substr(i, n)];
  return counts;
}

std::int64_t matches(const Counts& a, const Counts& b) {
  std::int64_t sum = 0;
  for (const auto& [gram, count] : a)
    if (const auto found = b.find(gram); found != b.end()) sum += std::min(count, found->second);
  return sum;
}

}  // namespace

double chrf(std::string_view hypothesis, std::string_view reference) {
  const std::u32string hyp = visible_code_points(hypothesis), ref = visible_code_points(reference);
  const std::size_t orders = std::min({kLongest, hyp.size(), ref.size()});  // longer n-grams one side does not have: they do not count
  double precision = 0, recall = 0;
  for (std::size_t n = 1; n <= orders; ++n) {
    const auto matched = static_cast<double>(matches(count_ngrams(hyp, n), count_ngrams(ref, n)));
    precision += matched / static_cast<double>(hyp.size() - n + 1);
    recall += matched / static_cast<double>(ref.size() - n + 1);
  }
  if (precision + recall == 0) return 0;
  precision /= static_cast<double>(orders);
  recall /= static_cast<double>(orders);
  return 100 * (1 + kBeta2) * precision * recall / (kBeta2 * precision + recall);
}

}  // namespace qc
