#include "exchange/read/names.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "core/text.h"

namespace qc {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDefaultNames[] = {"profile_export", "profile_export_aiperf", "benchmarks", "benchmark", "results", "result", "output", "out"};
constexpr std::string_view kWorkloads[] = {"chat", "batch", "summarize", "summarization", "rag", "code", "coding", "agent", "translation"};
constexpr std::string_view kLoadWords[] = {"c", "conc", "concurrency", "users", "clients", "streams", "run", "rep", "repeat", "block", "trial"};
constexpr std::string_view kFillers[] = {"capacity", "bench", "benchmark", "results", "result", "serving", "infqps"};

/// A word of a name, with the mark that stood in front of it.
struct Word { std::string text; char mark; };
using Words = std::vector<Word>;

bool all_digits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c); }); }

bool is_among(std::string_view text, const auto& names) { return std::ranges::find(names, text) != std::end(names); }

Words words_of(const std::string& file) {
  const fs::path path(file);
  std::string stem = path.stem().string();
  if (is_among(stem, kDefaultNames) && path.has_parent_path()) stem = path.parent_path().filename().string();
  Words words{{"", '\0'}};
  for (const char c : stem) {
    if (c == '_' || c == '-' || c == ' ') words.push_back({"", c});
    else words.back().text += c;
  }
  std::erase_if(words, [](const Word& w) { return w.text.empty(); });
  return words;
}

/// "conc8", "conc" before "8", "20261123".
void drop_load_words(Words& words) {
  for (std::size_t i = 0; i < words.size();) {
    const std::string word = lower(words[i].text);
    const std::size_t letters = std::min(word.find_first_of("0123456789"), word.size());
    const bool has_number = letters < word.size() && all_digits(std::string_view(word).substr(letters));
    const bool counts = is_among(word.substr(0, letters), kLoadWords) && has_number;
    const bool number_next = letters > 1 && letters == word.size() && is_among(word, kLoadWords) && i + 1 < words.size() && all_digits(words[i + 1].text);
    const bool date = all_digits(word) && (word.size() == 8 || word.size() == 6);
    if (counts || number_next || date || is_among(word, kFillers)) words.erase(words.begin() + static_cast<std::ptrdiff_t>(i), words.begin() + static_cast<std::ptrdiff_t>(i + (number_next ? 2 : 1)));
    else ++i;
  }
}

std::string take_workload(Words& words) {
  const auto at = std::ranges::find_if(words, [](const Word& w) { return is_among(lower(w.text), kWorkloads); });
  if (at == words.end()) return {};
  std::string workload = lower(at->text);
  words.erase(at);
  return workload;
}

/// Words that stand in every name; nothing is taken where a name would be left with none.
void drop_shared(std::vector<Words>& all) {
  if (all.size() < 2) return;
  const auto in_all = [&](const std::string& text) {
    return std::ranges::all_of(all, [&](const Words& words) { return std::ranges::find(words, text, &Word::text) != words.end(); });
  };
  std::vector<std::string> shared;
  for (const Word& w : all.front())
    if (in_all(w.text)) shared.push_back(w.text);
  const bool some_left = std::ranges::all_of(all, [&](const Words& words) { return std::ranges::any_of(words, [&](const Word& w) { return !is_among(w.text, shared); }); });
  if (!some_left) return;
  for (Words& words : all) std::erase_if(words, [&](const Word& w) { return is_among(w.text, shared); });
}

std::string joined(const Words& words) {
  std::string text;
  for (const Word& w : words) text += (text.empty() ? "" : std::string(1, w.mark)) + w.text;
  return text;
}

}  // namespace

std::vector<NamedFile> names_of_files(const std::vector<std::string>& files) {
  std::vector<Words> all;
  std::vector<NamedFile> names;
  for (const std::string& file : files) {
    all.push_back(words_of(file));
    drop_load_words(all.back());
    names.push_back({"", take_workload(all.back())});
  }
  drop_shared(all);
  for (std::size_t i = 0; i < files.size(); ++i) names[i].variant = study_name(joined(all[i]));
  return names;
}

std::string study_name(const std::string& text) {
  const auto slash = text.find_last_of('/');
  std::string name = slug(trim(slash == std::string::npos ? text : text.substr(slash + 1)));
  for (const std::string_view end : {".gguf", ".GGUF"})
    if (name.ends_with(end)) name.resize(name.size() - end.size());
  constexpr std::size_t kLongest = 64;   // of a study's names
  if (!name.empty() && !std::isalnum(static_cast<unsigned char>(name[0]))) name = "v" + name;
  return name.substr(0, kLongest);
}

}  // namespace qc
