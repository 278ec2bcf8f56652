#include "measure/load/prompts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

#include "core/embedded.h"
#include "core/files.h"
#include "core/random.h"
#include "core/text.h"
#include "measure/load/random_prompts.h"

extern "C" const qc::EmbeddedFile qc_embedded_qc_load[];

namespace qc {
namespace {

struct Builtin { const char *name, *file, *source; };
constexpr Builtin kBuiltins[] = {
    {"chat", "prompts/chat.jsonl",
     "96 questions from MT-bench, Vicuna, Koala and Self-Instruct (Apache-2.0); data/prompts/SOURCE.txt"},
    {"summarize", "prompts/summarize.jsonl",
     "128 documents of 300 to 1,000 tokens: US State of the Union addresses (public domain) and QMSum committee "
     "meetings (MIT); data/prompts/SOURCE.txt"},
    {"summarize-short", "prompts/summarize-short.jsonl",
     "128 documents of 100 to 200 tokens: US State of the Union addresses (public domain) and QMSum committee "
     "meetings (MIT); data/prompts/SOURCE.txt"},
};

std::string_view embedded(const char* file) {
  const auto bytes = find_embedded(qc_embedded_qc_load, file);
  assert(bytes && "named in this unit's qc_embed");
  return *bytes;
}

Result<PromptSet> builtin_set(const Builtin& set) {
  auto prompts = read_prompt_lines(embedded(set.file), set.file);
  if (!prompts) return fail(prompts.error());
  return PromptSet{set.name, set.source, std::move(*prompts)};
}

Result<PromptSet> file_set(const std::string& spec) {
  const std::string path = expand_path(spec);
  auto text = read_file(path);
  if (!text)
    return fail(Fault::usage, fmt::format("{}; prompts are a built-in set ({}), a JSONL file or random:N", text.error().message,
                                          join_and(builtin_prompt_sets())));
  auto prompts = read_prompt_lines(*text, path);
  if (!prompts) return fail(prompts.error());
  return PromptSet{spec, fmt::format("the user's file {} (sha256 {})", spec, sha256(*text)), std::move(*prompts)};
}

}  // namespace

const std::vector<std::string>& builtin_prompt_sets() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Builtin& set : kBuiltins) all.emplace_back(set.name);
    return all;
  }();
  return names;
}

Result<PromptSet> load_prompts(const std::string& spec, std::uint64_t seed, const PromptSizing& sizing) {
  constexpr std::string_view random = "random:";
  if (spec.starts_with(random)) return random_prompt_set(spec, std::string_view(spec).substr(random.size()), seed, sizing);
  if (sizing.shared_prefix > 0) return fail(Fault::usage, fmt::format("{}: a shared prefix is made for random prompts only; accepted: random:N", spec));
  for (const Builtin& set : kBuiltins)
    if (spec == set.name) return builtin_set(set);
  return file_set(spec);
}

std::vector<std::size_t> pick_prompts(const PromptSet& set, std::uint64_t seed, const std::string& workload, int block, int count) {
  assert(!set.prompts.empty() && block >= 0 && count >= 0);
  const std::size_t size = set.prompts.size();
  std::vector<std::size_t> order(size);
  std::iota(order.begin(), order.end(), std::size_t{0});
  Random random(derive_seed(seed, "prompts of " + workload));
  for (std::size_t i = size - 1; i > 0; --i) std::swap(order[i], order[random.below(i + 1)]);
  std::vector<std::size_t> picked(static_cast<std::size_t>(count));
  const std::size_t start = static_cast<std::size_t>(block) * picked.size();
  for (std::size_t i = 0; i < picked.size(); ++i) picked[i] = order[(start + i) % size];
  return picked;
}

}  // namespace qc
