#include "study/words.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "core/text.h"

namespace qc {
namespace {

constexpr int kMostItems = 1'000'000;
constexpr int kMostRandomTokens = 32768;   // as measure/load/prompts has it: 128 texts of this length are 25 MB

/// The whole of `text` as a number from 1 to `most`, without sign or blanks.
std::optional<int> count_in(std::string_view text, int most) {
  int n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && n >= 1 && n <= most ? std::optional(n) : std::nullopt;
}

bool port_number(std::string_view text) { return count_in(text, 65535).has_value(); }

bool known(const std::vector<std::string>& words, std::string_view word) { return std::ranges::find(words, word) != words.end(); }

std::vector<std::string> with_gguf_types(std::vector<std::string> words) {
  for (const char* type : {"F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q2_K_S", "Q3_K", "Q3_K_S", "Q3_K_M", "Q3_K_L",
                           "Q4_K", "Q4_K_S", "Q4_K_M", "Q5_K", "Q5_K_S", "Q5_K_M", "Q6_K", "IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S",
                           "IQ2_M", "IQ3_XXS", "IQ3_XS", "IQ3_S", "IQ3_M", "IQ4_NL", "IQ4_XS", "TQ1_0", "TQ2_0", "MXFP4"})
    words.push_back(std::string("gguf:") + type);
  return words;
}

}  // namespace

const std::vector<std::string>& format_words() {
  static const std::vector<std::string> words =
      with_gguf_types({"bf16", "fp16", "fp32", "awq", "gptq", "w4a16", "w8a16", "w8a8_int8", "fp8", "nvfp4", "mxfp4"});
  return words;
}

const std::vector<std::string>& suite_words() {
  static const std::vector<std::string> words = {"mmlu", "arc_easy", "arc_challenge", "gsm8k", "humaneval", "hellaswag", "ifeval"};
  return words;
}

const std::vector<std::string>& spot_words() {
  static const std::vector<std::string> words = {"factual", "reasoning", "code", "summarization"};
  return words;
}

const std::vector<std::string>& prompt_set_words() {
  static const std::vector<std::string> words = {"chat", "summarize", "summarize-short"};
  return words;
}

Codec<std::string> weight_format() {
  return text_with("bf16, fp16, fp32, awq, gptq, w4a16, w8a16, w8a8_int8, fp8, nvfp4, mxfp4, or gguf: and a type of GGUF such as gguf:Q4_0",
                   [](const std::string& s) {
                     if (known(format_words(), s)) return Taken<std::string>{s, {}, {}};
                     return Taken<std::string>{{}, {}, nearest(s, format_words())};
                   });
}

Codec<std::string> suite_and_count() {
  return text_with(fmt::format("{}, each as it is or with a number of items such as mmlu:100", fmt::join(suite_words(), ", ")), [](const std::string& s) {
    const auto colon = s.find(':');
    const std::string name = s.substr(0, colon);
    if (!known(suite_words(), name)) return Taken<std::string>{{}, {}, nearest(lower(name), suite_words())};
    const bool counted = colon == std::string::npos || count_in(std::string_view(s).substr(colon + 1), kMostItems);
    return counted ? Taken<std::string>{s, {}, {}} : Taken<std::string>{};
  });
}

Codec<std::string> http_url() {
  return text_that("a server's root such as http://127.0.0.1:8000", [](const std::string& s) {
    const std::size_t scheme = s.starts_with("http://") ? 7 : s.starts_with("https://") ? 8 : s.size();
    const std::string_view rest = std::string_view(s).substr(scheme);
    const std::string_view authority = rest.substr(0, rest.find('/'));
    const auto plain = [](char c) { return c > 0x20 && c < 0x7F && std::string_view("?#@\"<>\\").find(c) == std::string_view::npos; };
    if (authority.empty() || !std::ranges::all_of(rest, plain)) return false;
    const auto colon = authority.ends_with(']') ? std::string_view::npos : authority.rfind(':');
    return colon == std::string_view::npos || (colon > 0 && port_number(authority.substr(colon + 1)));
  });
}

Codec<std::string> host_and_port() {
  return text_that("host:port such as 10.0.0.5:8000", [](const std::string& s) {
    const auto colon = s.rfind(':');
    const auto plain = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || std::string_view("-._:[]").find(c) != std::string_view::npos; };
    return colon != std::string::npos && colon > 0 && std::ranges::all_of(s, plain) && port_number(std::string_view(s).substr(colon + 1));
  });
}

PromptTokens builtin_prompt_tokens(const std::string& prompts) {
  if (prompts == "summarize") return {250, 1200};
  if (prompts == "summarize-short") return {90, 210};
  return {};
}

std::optional<int> random_prompt_tokens(const std::string& prompts) {
  constexpr std::string_view kPrefix = "random:";
  return prompts.starts_with(kPrefix) ? count_in(std::string_view(prompts).substr(kPrefix.size()), kMostRandomTokens) : std::nullopt;
}

int usual_prompt_tokens(const std::string& prompts) {
  constexpr int kOfChat = 60;
  if (const auto random = random_prompt_tokens(prompts)) return *random;
  if (prompts == "chat") return kOfChat;
  const PromptTokens bounds = builtin_prompt_tokens(prompts);
  return bounds.longest > 0 ? (bounds.shortest + bounds.longest) / 2 : 0;
}

}  // namespace qc
