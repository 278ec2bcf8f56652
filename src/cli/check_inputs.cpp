#include "cli/check_inputs.h"

#include <fmt/format.h>

#include <algorithm>

#include "catalog/cards.h"
#include "checkpoint/shards.h"
#include "core/files.h"
#include "core/text.h"
#include "judge/fairness/rules.h"
#include "measure/client/stream_limit.h"
#include "measure/engines/engine.h"
#include "measure/engines/gguf_facts.h"
#include "measure/load/prompts.h"
#include "study/model_path.h"
#include "study/problems.h"

namespace qc {
namespace {

/// "Q4_K_M" names a mix; the file's dominant type is "Q4_K".
std::string without_mix(const std::string& type) {
  for (const std::string_view mix : {"_S", "_M", "_L", "_XL"})
    if (type.size() > mix.size() + 3 && type.ends_with(mix)) return type.substr(0, type.size() - mix.size());
  return type;
}

std::string gguf_type_of(const std::string& expect) {
  if (expect == "bf16") return "BF16";
  if (expect == "fp16") return "F16";
  return expect.starts_with("gguf:") ? without_mix(expect.substr(5)) : "";
}

std::size_t count_words(std::string_view text) {
  std::size_t words = 0;
  bool in_word = false;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    words += !space && !in_word;
    in_word = !space;
  }
  return words;
}

/// engine.command's program where it is not on this machine: `"vllm", which is no program in PATH`. Empty: it is here, or none is named.
std::string absent_program(const Study& study) {
  const auto& words = study.engine.command;
  if (words.empty() || find_program(words.front())) return {};
  return in_quotes(words.front()) + (is_local_path(words.front()) ? ", where no program is" : ", which is no program in PATH");
}

class InputCheck {
 public:
  explicit InputCheck(const Study& study) : study_(study), problems_(study.file) {}

  Status all(Programs programs) {
    for (const Workload& each : study_.workloads) prompts(each);
    if (programs == Programs::must_be_here) program(), streams();
    for (const Variant& each : study_.variants) server(each);
    for (const std::string& each : study_.estimate_gpus) card(each);
    for (const std::string& each : study_.allow) allowed(each);
    if (problems_.empty()) return ok();
    return fail(only_refused_ ? Fault::refused : Fault::usage, problems_.text());
  }

 private:
  void add(const std::string& key, std::string found, std::string accepted, std::optional<std::string> meant = {}) {
    only_refused_ = false;
    problems_.add({study_.place(key), key, std::move(found), std::move(accepted), std::move(meant)});
  }

  void prompts(const Workload& workload) {
    const auto set = load_prompts(workload.prompts, study_.seed);
    const std::string key = "workload." + workload.name + ".prompts";
    if (!set) return add(key, in_quotes(workload.prompts) + ", which can't be used: " + set.error().message, "a JSONL file with a prompt a line");
    const auto most = study_.engine.max_model_len;
    if (!most || !is_prompt_file(workload.prompts) || set->prompts.empty()) return;
    // A word is a token at least: what is refused here fits no tokenizer. What may not fit is a note of the plan.
    const auto words = [](const Prompt& each) { return count_words(each.text); };
    const std::size_t fewest = words(*std::ranges::min_element(set->prompts, {}, words));
    if (fewest + static_cast<std::size_t>(workload.max_tokens) > static_cast<std::size_t>(*most))
      add(key, fmt::format("{}, whose shortest prompt has {} words: with max_tokens = {} none fits into engine.max_model_len = {}", in_quotes(workload.prompts), fewest, workload.max_tokens, *most),
          "prompts that leave room for the answer, or a larger engine.max_model_len");
  }

  void program() {
    if (const std::string found = absent_program(study_); !found.empty()) add("engine.command", found, "a program that is there; the first word starts the server");
  }

  void streams() {
    const OpenFileLimit limit = open_file_limit();
    for (const Workload& each : study_.workloads) {
      const auto most = static_cast<std::uint64_t>(*std::ranges::max_element(each.concurrency));
      if (soft_limit_for(limit, files_for_streams(most))) continue;
      add("workload." + each.name + ".concurrency", fmt::format("{}, which needs {} open files where the hard limit is {}: {}", most, files_for_streams(most), limit.hard, more_files_remedy(limit, most)),
          fmt::format("at most {}", streams_allowed(limit)));
    }
  }

  void server(const Variant& variant) {
    const bool starts = !variant.url && !study_.engine.url;
    if (study_.engine.kind == EngineKind::sglang && starts)
      add("variant." + variant.name + ".url", "nothing", "the url of an SGLang server that runs already: this version starts none of kind sglang");
    if (!variant.local || !runs_here(study_.engine, variant)) return;
    if (study_.engine.kind == EngineKind::llama) gguf(variant);
    if (study_.engine.kind == EngineKind::vllm) weights(variant);
  }

  /// A vLLM finds a file that is cut short after a minute of importing and setting up.
  void weights(const Variant& variant) {
    const auto whole = whole_weights(variant.model);
    if (!whole) add("variant." + variant.name + ".model", in_quotes(variant.model) + ", which can't be used: " + whole.error().message, "a folder whose weight files are whole");
  }

  void gguf(const Variant& variant) {
    const auto model = read_gguf_model(variant.model);
    if (!model) return add("variant." + variant.name + ".model", in_quotes(variant.model) + ", which can't be used: " + model.error().message, "a GGUF file that is whole");
    const std::string wanted = variant.expect ? gguf_type_of(*variant.expect) : "", found = model->header.dominant();
    if (wanted.empty() || lower(wanted) == lower(found)) return;
    const std::string key = "variant." + variant.name + ".expect";
    problems_.add({study_.place(key), key, fmt::format("{}, but most weights of {} are {}", in_quotes(*variant.expect), variant.model, found),
                   "the format that the file has: correct `expect` or `model`", {}});
  }

  void card(const std::string& name) {
    if (find_card(name)) return;
    std::vector<std::string> names, aliases;
    for (const KnownCard& each : known_cards()) names.push_back(each.name), std::ranges::copy(each.aliases, std::back_inserter(aliases));
    auto meant = nearest(name, names);
    if (const auto alias = nearest(lower(name), aliases); !meant && alias) meant = find_card(*alias)->name;
    add("estimate.gpus", in_quotes(name), join_and(names), meant);
  }

  void allowed(const std::string& setting) {
    const auto names = allowable_settings();
    if (!may_be_allowed(setting)) add("study.allow", in_quotes(setting) + ", which is no unfair setting's name", fmt::format("{}", fmt::join(names, ", ")), nearest(setting, names));
  }

  const Study& study_;
  Problems problems_;
  bool only_refused_ = true;
};

}  // namespace

std::string absent_server(const Study& study) {
  const bool attached = study.engine.url || std::ranges::all_of(study.variants, [](const Variant& each) { return each.url.has_value(); });
  if (attached || study.engine.connect) return {};
  if (const std::string found = absent_program(study); !found.empty()) return fmt::format("engine.command names {}", found);
  const auto words = study.engine.kind == EngineKind::vllm ? vllm_command(study.engine) : study.engine.kind == EngineKind::llama ? llama_server_command(study.engine) : std::vector<std::string>{};
  return words ? "" : words.error().message;
}

Status check_inputs(const Study& study, Programs programs) { return InputCheck(study).all(programs); }

}  // namespace qc
