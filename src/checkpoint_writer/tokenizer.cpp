#include "checkpoint_writer/tokenizer.h"

#include <fmt/format.h>

#include <set>

#include "checkpoint_writer/json_text.h"
#include "gguf/arrays.h"

namespace qc {
namespace {

constexpr std::int64_t kControl = 3, kUserDefined = 4;

Status check_kind(const GgufHeader& header) {
  const std::string model = header.text("tokenizer.ggml.model").value_or("not told"), pieces = header.text("tokenizer.ggml.pre").value_or("not told");
  if (model != "gpt2" || pieces != "smollm")
    return fail(Fault::usage, fmt::format("its tokenizer is {} with pieces {}: only gpt2 with smollm is carried over", model, pieces));
  const auto bos = header.keys.find("tokenizer.ggml.add_bos_token");
  if (bos != header.keys.end() && bos->second == GgufValue(true)) return fail(Fault::usage, "its tokenizer puts a word before every text: that is not carried over");
  return ok();
}

Status check_words(const Vocabulary& v) {
  if (v.words.size() != v.kinds.size()) return fail(Fault::damaged, fmt::format("{} words with {} kinds", v.words.size(), v.kinds.size()));
  std::set<std::string_view> seen;
  for (const std::string& word : v.words)
    if (!seen.insert(word).second) return fail(Fault::damaged, fmt::format("the word {} stands there twice", word));
  for (const std::string& merge : v.merges)
    if (const auto space = merge.find(' '); space == std::string::npos || space == 0 || space + 1 == merge.size() || merge.find(' ', space + 1) != std::string::npos)
      return fail(Fault::damaged, fmt::format("the merge \"{}\" is no pair", merge));
  return ok();
}

Json added_words(const Vocabulary& v) {
  Json out = Json::array();
  for (std::size_t i = 0; i < v.words.size(); ++i) {
    if (v.kinds[i] != kControl && v.kinds[i] != kUserDefined) continue;
    out.push_back({{"id", i}, {"content", v.words[i]}, {"single_word", false}, {"lstrip", false}, {"rstrip", false}, {"normalized", false}, {"special", v.kinds[i] == kControl}});
  }
  return out;
}

Json model(const Vocabulary& v) {
  Json::object_t numbers;  // an ordered Json compares a new name with all before it
  for (std::size_t i = 0; i < v.words.size(); ++i) static_cast<Json::object_t::Container&>(numbers).emplace_back(v.words[i], i);
  Json merges = Json::array();
  for (const std::string& merge : v.merges) {
    const auto space = merge.find(' ');
    merges.push_back(Json::array({merge.substr(0, space), merge.substr(space + 1)}));
  }
  return {{"type", "BPE"}, {"dropout", nullptr}, {"unk_token", nullptr}, {"continuing_subword_prefix", nullptr}, {"end_of_word_suffix", nullptr},
          {"fuse_unk", false}, {"byte_fallback", false}, {"ignore_merges", false}, {"vocab", std::move(numbers)}, {"merges", std::move(merges)}};
}

}  // namespace

Result<Vocabulary> read_vocabulary(const std::filesystem::path& path, const GgufLayout& layout) {
  if (auto known = check_kind(layout.header); !known) return fail(known.error());
  auto words = read_texts(path, layout, "tokenizer.ggml.tokens");
  auto kinds = read_integers(path, layout, "tokenizer.ggml.token_type");
  auto merges = read_texts(path, layout, "tokenizer.ggml.merges");
  for (const Error* error : {words ? nullptr : &words.error(), kinds ? nullptr : &kinds.error(), merges ? nullptr : &merges.error()})
    if (error) return fail(*error);
  Vocabulary out{std::move(*words), std::move(*kinds), std::move(*merges)};
  if (auto good = check_words(out); !good) return fail(good.error());
  return out;
}

Result<std::string> tokenizer_json(const Vocabulary& vocabulary) {
  const Json pieces = {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", true}};
  const Json digits = {{"type", "Digits"}, {"individual_digits", true}};
  return json_text({{"version", "1.0"}, {"truncation", nullptr}, {"padding", nullptr}, {"added_tokens", added_words(vocabulary)}, {"normalizer", nullptr},
                    {"pre_tokenizer", {{"type", "Sequence"}, {"pretokenizers", Json::array({digits, pieces})}}}, {"post_processor", nullptr},
                    {"decoder", pieces}, {"model", model(vocabulary)}});
}

}  // namespace qc
