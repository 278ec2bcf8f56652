#include "judge/compare/other_counts.h"

#include <algorithm>

#include "stats/stats.h"

namespace qc {
namespace {

Measured measured_or(std::optional<double> value, const char* na) {
  Measured m;
  m.value = value;
  if (!value) m.na = na;
  return m;
}

std::optional<double> ratio(std::int64_t of, std::int64_t to) {
  return to > 0 ? std::optional(static_cast<double>(of) / static_cast<double>(to)) : std::nullopt;
}

}  // namespace

std::optional<double> OtherCounter::add(const std::vector<const RequestRecord*>& visit) {
  std::optional<Instant> begin, end;
  std::int64_t tokens = 0, characters = 0;
  bool all_have_characters = true;
  for (const RequestRecord* r : visit) {
    if (r->warmup || !r->ok() || !r->last || !r->output_tokens) continue;
    begin = begin ? std::min(*begin, r->sent) : r->sent;
    end = end ? std::max(*end, *r->last) : *r->last;
    tokens += *r->output_tokens;
    characters += r->characters.value_or(0);
    all_have_characters &= r->characters.has_value();
    if (r->characters) characters_ += *r->characters, tokens_of_characters_ += *r->output_tokens;
    if (r->second_count) second_ += *r->second_count, tokens_of_second_ += *r->output_tokens;
  }
  if (!begin || *end <= *begin) return std::nullopt;
  const double length = seconds(*end - *begin);
  tok_s_.push_back(static_cast<double>(tokens) / length);
  if (!all_have_characters) return std::nullopt;
  characters_s_.push_back(static_cast<double>(characters) / length);
  return characters_s_.back();
}

OtherCounts OtherCounter::result() const {
  constexpr const char* kNoAnswer = "no request was answered";
  constexpr const char* kNoText = "the answers' lengths in characters are not stored";
  return {measured_or(mean(tok_s_), kNoAnswer), measured_or(characters_s_.size() == tok_s_.size() ? mean(characters_s_) : std::nullopt, kNoText),
          measured_or(ratio(characters_, tokens_of_characters_), kNoText), measured_or(ratio(second_, tokens_of_second_), "no text of an answer was counted again: the server has no /tokenize, or the run ended before")};
}

}  // namespace qc
