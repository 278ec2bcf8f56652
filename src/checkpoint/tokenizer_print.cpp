#include "checkpoint/tokenizer_print.h"

#include "checkpoint/fields.h"
#include "core/files.h"

namespace qc {
namespace {

/// Newer releases write a merge as ["a", "b"], older ones as "a b".
SortedJson one_way(const SortedJson& merges) {
  SortedJson out = SortedJson::array();
  for (const SortedJson& merge : merges) {
    const bool pair = merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string();
    if (pair) out.push_back(merge[0].get<std::string>() + " " + merge[1].get<std::string>());
    else out.push_back(merge);
  }
  return out;
}

SortedJson added_tokens(const SortedJson& tokenizer) {
  SortedJson out = SortedJson::array();
  const SortedJson* added = member(tokenizer, "added_tokens");
  if (added && added->is_array())
    for (const SortedJson& token : *added) {
      const std::string* content = text_at(token, "content");
      out.push_back({whole_at(token, "id").value_or(-1), content ? *content : ""});
    }
  return out;
}

}  // namespace

std::optional<std::string> tokenizer_print(std::string_view text) {
  const auto json = parse_sorted_json(text, "tokenizer.json");
  const SortedJson* model = json ? member(*json, "model") : nullptr;
  if (!model || !model->is_object()) return std::nullopt;
  SortedJson print = SortedJson::array({added_tokens(*json)});
  for (const char* part : {"type", "vocab"})
    if (const SortedJson* value = member(*model, part)) print.push_back(*value);
  if (const SortedJson* merges = member(*model, "merges"); merges && merges->is_array()) print.push_back(one_way(*merges));
  for (const char* step : {"normalizer", "pre_tokenizer", "post_processor"})
    if (const SortedJson* value = member(*json, step)) print.push_back({step, *value});
  return sha256(print.dump(-1, ' ', false, SortedJson::error_handler_t::replace));
}

}  // namespace qc
