#include <fmt/format.h>

#include "cli/exit_code.h"
#include "cli/verbs.h"
#include "core/json.h"
#include "measure/engines/engine.h"
#include "measure/quality/quality.h"

namespace qc {

int verb_engines(const CommonFlags& common) {
  const auto llama = llama_server_command(EngineSpec{});
  const auto vllm = vllm_command(EngineSpec{});
  const auto program = [](const auto& words) { return words ? Json(words->front()) : Json(nullptr); };
  if (common.json) return print_json(Json{{"llama", program(llama)}, {"vllm", program(vllm)}, {"openai", "any url"}}.dump(1), common);
  fmt::print("llama   started by quantcase: {}\n", llama ? llama->front() : "not found: " + llama.error().message);
  fmt::print("vllm    started by quantcase: {}\n", vllm ? vllm->front() + " in PATH, or engine.command" : "not found: " + vllm.error().message);
  fmt::print("openai  attached to by url: any server that speaks the OpenAI API (vLLM, SGLang, llama-server ...)\n");
  return kDone;
}

int verb_suites(const CommonFlags& common) {
  if (common.json) return print_json(Json(builtin_spot_suites()).dump(1), common);
  for (const auto& suite : builtin_spot_suites()) {
    const auto items = load_spot({suite});
    fmt::print("{:<14} {} prompts, graded by content\n", suite, items ? items->size() : 0);
  }
  return kDone;
}

int verb_welcome(const std::string& program) {
  const std::pair<std::string, std::string_view> lines[] = {
      {"plan studies/demo.toml", "what a study would run, and how long it takes"},
      {"check studies/demo.toml", "what each server really runs, and whether all else is equal"},
      {"run studies/demo.toml", "measure, judge and write the report (out/demo/report.html)"},
      {"report out/demo", "write the report again from the stored study"},
      {"bench --url http://127.0.0.1:8000 --concurrency 8 --requests 64", "one server under one load"},
      {"doctor", "this machine, and our own measurement error on it"}};
  constexpr std::size_t kColumn = 24;
  fmt::print("quantcase answers, with evidence: should we serve the quantized model instead of BF16?\n\n");
  for (const auto& [words, what] : lines) fmt::print("  {} {:<{}}  {}\n", program, words, kColumn, what);
  fmt::print("\nFor your own model, copy studies/my-model.toml; for servers that run already, studies/attach-two-servers.toml.\n"
             "Nothing built yet? `make demo` does everything. All verbs: {} --help\n", program);
  return kDone;
}

}  // namespace qc
