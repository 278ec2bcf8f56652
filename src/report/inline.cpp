#include "report/inline.h"

#include <algorithm>

namespace qc {
namespace {

void append(std::vector<Run>& runs, std::string_view text, bool strong, bool code) {
  if (text.empty()) return;
  if (!runs.empty() && runs.back().strong == strong && !runs.back().code && !code) runs.back().text += text;
  else runs.push_back({std::string(text), strong, code});
}

/// Where the mark at the front of `text` is closed; npos without a partner. Code binds tighter than strong.
std::size_t closing(std::string_view text, std::string_view mark) {
  if (mark == "`") return text.find('`', 1);
  for (std::size_t at = mark.size(); at < text.size(); ++at) {
    if (text.substr(at).starts_with(mark)) return at;
    if (text[at] == '`') at = std::min(text.find('`', at + 1), text.size());
  }
  return text.npos;
}

void read(std::vector<Run>& runs, std::string_view text, bool strong) {
  while (!text.empty()) {
    const auto at = text.find_first_of("`*");
    append(runs, text.substr(0, at), strong, false);
    if (at == text.npos) return;
    text.remove_prefix(at);
    const std::string_view mark = text.front() == '`' ? "`" : "**";
    const auto close = text.starts_with(mark) ? closing(text, mark) : text.npos;
    if (close == text.npos || close == mark.size()) {        // no partner, or nothing between
      append(runs, text.substr(0, 1), strong, false);
      text.remove_prefix(1);
      continue;
    }
    const auto inside = text.substr(mark.size(), close - mark.size());
    if (mark == "`") append(runs, inside, strong, true);
    else read(runs, inside, true);
    text.remove_prefix(close + mark.size());
  }
}

/// Bytes of the UTF-8 character at the front; 0 where there is none (RFC 3629: no overlong forms, no surrogates).
std::size_t character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto between = [](unsigned value, unsigned lo, unsigned hi) { return value >= lo && value <= hi; };
  const auto tail = [&](std::size_t i) { return between(byte(i), 0x80, 0xBF); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (between(first, 0xC2, 0xDF)) return tail(1) ? 2 : 0;
  if (between(first, 0xE0, 0xEF))
    return between(byte(1), first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF) && tail(2) ? 3 : 0;
  if (between(first, 0xF0, 0xF4))
    return between(byte(1), first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF) && tail(2) && tail(3) ? 4 : 0;
  return 0;
}

bool is_control(std::string_view c) {
  const auto first = static_cast<unsigned char>(c[0]);
  if (c.size() == 1) return (first < 0x20 && first != '\t' && first != '\n') || first == 0x7F;
  return c.size() == 2 && first == 0xC2 && static_cast<unsigned char>(c[1]) < 0xA0;
}

}  // namespace

std::vector<Run> runs_of(std::string_view text) {
  std::vector<Run> runs;
  read(runs, text, false);
  return runs;
}

std::string plain(std::string_view text) {
  std::string all;
  for (const Run& run : runs_of(text)) all += run.text;
  return all;
}

std::string printable(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const std::size_t size = character(text);
    const auto c = text.substr(0, std::max<std::size_t>(size, 1));
    if (c == "\r" && text.substr(1).starts_with('\n')) clean += "";
    else if (size == 0 || is_control(c)) clean += "\xEF\xBF\xBD";
    else clean += c;
    text.remove_prefix(c.size());
  }
  return clean;
}

}  // namespace qc
