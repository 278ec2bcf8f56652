#include "exchange/write/write.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"
#include "exchange/write/formats.h"

namespace qc {
namespace {

struct Format {
  std::string_view name;
  void (*write)(const StudyData&, const std::vector<TrialData>&, Details, Export&);
};
constexpr Format kFormats[] = {{"vllm", write_vllm}, {"guidellm", write_guidellm}, {"aiperf", write_aiperf}, {"sglang", write_sglang}, {"csv", write_csv}, {"jsonl", write_jsonl}};

void note_left_out(const StudyData& data, std::size_t exported, Export& out) {
  const auto invalid = std::ranges::count(data.trials, false, &TrialRecord::valid);
  const auto bare = static_cast<std::ptrdiff_t>(data.trials.size()) - invalid - static_cast<std::ptrdiff_t>(exported);
  if (invalid > 0) out.notes.push_back(fmt::format("{} trial{} left out: not valid (the report says why)", invalid, invalid == 1 ? "" : "s"));
  if (bare > 0) out.notes.push_back(fmt::format("{} trial{} left out: imported figures without requests", bare, bare == 1 ? "" : "s"));
}

}  // namespace

std::vector<std::string> export_formats() {
  std::vector<std::string> names;
  for (const Format& f : kFormats) names.emplace_back(f.name);
  return names;
}

Result<Export> export_study(const std::string& format, const StudyData& data, Details details) {
  const auto f = std::ranges::find(kFormats, format, &Format::name);
  if (f == std::end(kFormats)) return fail(Fault::usage, fmt::format("--as {}: accepted are {}", format, join_and(export_formats())));
  const auto trials = trials_to_export(data);
  if (trials.empty() && format != "csv")
    return fail(Fault::usage, fmt::format("no trial of this study is valid and has requests, and {} files are made of requests; --as csv writes its figures", format));
  Export out;
  f->write(data, trials, details, out);
  if (format != "csv") note_left_out(data, trials.size(), out);
  return out;
}

}  // namespace qc
