#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/text.h"
#include "report/server_figures.h"

namespace qc {
namespace {

/// The rows of the highest load: what is true there is what a sentence is about.
std::vector<const ServerRow*> highest_load(const std::vector<const ServerRow*>& rows) {
  int highest = 0;
  std::vector<const ServerRow*> out;
  for (const ServerRow* row : rows)
    if (!row->cause.empty()) highest = std::max(highest, row->concurrency);
  std::ranges::copy_if(rows, std::back_inserter(out), [&](const ServerRow* row) { return row->concurrency == highest && !row->cause.empty(); });
  return out;
}

/// "At concurrency 16 the p95 of bf16 (8311 ms) comes from decode: ...; so does that of q4_0 (7810 ms); that of q8_0 (9000 ms) comes from the queue: ...."
std::string cause_sentences(Composer& c, const std::vector<const ServerRow*>& rows) {
  std::string text;
  std::set<std::string> told;
  for (const ServerRow* row : rows) {
    if (!told.insert(row->cause).second) continue;
    text += text.empty() ? fmt::format("At concurrency {} the p95", row->concurrency) : "; that";
    text += fmt::format(" of {} ({}) comes from {}", row->variant,
                        fill_figures(c, *row, "{p95_all_ms}"), fill_figures(c, *row, row->because));
    std::vector<std::string> alike;
    for (const ServerRow* other : rows)
      if (other != row && other->cause == row->cause) alike.push_back(fmt::format("{} ({})", other->variant, fill_figures(c, *other, "{p95_all_ms}")));
    if (!alike.empty()) text += fmt::format("; so does that of {}", join_and(alike));
  }
  return text.empty() ? text : text + ".";
}

std::string agreement_sentence(Composer& c, const std::vector<const ServerRow*>& rows) {
  std::vector<std::string> disagree;
  bool times = false, tokens = false;
  for (const ServerRow* row : rows) {
    times = times || (row->ttft_ms && row->our_ttft_ms), tokens = tokens || (row->tokens && row->our_tokens);
    for (const std::string& warning : row->warnings)
      disagree.push_back(fmt::format("with {} at concurrency {} {}", row->variant, row->concurrency, fill_figures(c, *row, warning)));
  }
  if (!disagree.empty()) return fmt::format("**Server and client disagree**: {}.", fmt::join(disagree, "; "));
  if (times && tokens) return "Server and client agree: no count of output tokens differs by more than 1 %, and no first token is earlier here than there.";
  if (tokens) return "Server and client agree: no count of output tokens differs by more than 1 %.";
  return "The counts of the two can't be held against each other; the notes say why.";
}

}  // namespace

std::string server_finding(Composer& c, const std::vector<const ServerRow*>& rows) {
  const std::string causes = cause_sentences(c, highest_load(rows));
  return agreement_sentence(c, rows) + (causes.empty() ? "" : " " + causes);
}

}  // namespace qc
