// What the shipped text must be: sizes, sources, licences, hashes. Words stand in for tokens here; the token counts are in
// data/prompts/README.md (SmolLM2's tokenizer gives 1.1 to 1.6 tokens a word on these texts).
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>
#include <sstream>

#include "core/files.h"
#include "core/text.h"
#include "measure/load/prompts.h"

namespace qc {
namespace {

const std::string kData = QC_SOURCE_DIR "/data/";
const std::string kInstruction = "Summarize the following text in three sentences.\n\n";

std::size_t word_count(const std::string& text) {
  std::istringstream words(text);
  std::size_t count = 0;
  for (std::string word; words >> word;) ++count;
  return count;
}

std::vector<Prompt> prompts_of(const std::string& name) { return load_prompts(name, 1)->prompts; }

/// "a=b c=d" as a map.
std::map<std::string, std::string> fields(const std::string& line) {
  std::map<std::string, std::string> all;
  for (const std::string& field : split(line, ' '))
    if (const std::size_t at = field.find('='); at != std::string::npos) all[field.substr(0, at)] = field.substr(at + 1);
  return all;
}

/// Checks every `file` and `from` line of a folder's SOURCE.txt; returns the files it names.
std::set<std::string> check_sources(const std::string& folder) {
  std::set<std::string> named;
  const auto text = read_file(kData + folder + "/SOURCE.txt");
  EXPECT_TRUE(text);
  for (const std::string& line : split(text ? *text : "", '\n')) {
    auto entry = fields(line);
    if (line.starts_with("file=")) {
      EXPECT_EQ(sha256_file(kData + folder + "/" + entry["file"]).value(), entry["sha256"]) << entry["file"];
      named.insert(entry["file"]);
    }
    if (line.starts_with("from=")) {
      EXPECT_EQ(entry["commit"].size(), 40u) << line;
      EXPECT_EQ(entry["sha256"].size(), 64u) << line;
      EXPECT_NE(entry["repo"].find('/'), std::string::npos) << line;
    }
    for (const std::string& licence : split(entry["licence"], ',')) {
      const bool is_file = licence.starts_with("LICENSE.");
      EXPECT_TRUE(!is_file || std::filesystem::exists(kData + folder + "/" + licence)) << line;
    }
  }
  return named;
}

void expect_all_named(const std::string& folder) {
  const auto named = check_sources(folder);
  for (const auto& entry : std::filesystem::directory_iterator(kData + folder)) {
    const std::string name = entry.path().filename();
    const bool about_the_others = name == "SOURCE.txt" || name == "README.md" || name.starts_with("LICENSE.");
    EXPECT_TRUE(about_the_others || named.contains(name)) << name << " has no line in SOURCE.txt";
  }
}

TEST(ShippedText, HasASourceALicenceAndTheHashThatSourceSays) {
  expect_all_named("prompts");
  expect_all_named("text");
}

TEST(ShippedText, LicencesAreTheOnesThatSourceNames) {
  EXPECT_NE(read_file(kData + "prompts/LICENSE.Apache-2.0")->find("Apache License"), std::string::npos);
  EXPECT_NE(read_file(kData + "prompts/LICENSE.MIT-QMSum")->find("MIT License"), std::string::npos);
}

TEST(ShippedPrompts, IdsAndTextsAreUnique) {
  for (const std::string& name : builtin_prompt_sets()) {
    std::set<std::string> ids, hashes;
    const auto prompts = prompts_of(name);
    for (const Prompt& prompt : prompts) {
      ids.insert(prompt.id);
      hashes.insert(prompt.sha256);
    }
    EXPECT_EQ(ids.size(), prompts.size()) << name;
    EXPECT_EQ(hashes.size(), prompts.size()) << name;
  }
}

TEST(ShippedPrompts, ChatHolds64To96QuestionsOfOrdinaryLength) {
  const auto prompts = prompts_of("chat");
  EXPECT_GE(prompts.size(), 64u);
  EXPECT_LE(prompts.size(), 96u);
  for (const Prompt& prompt : prompts) {
    EXPECT_GE(word_count(prompt.text), 7u) << prompt.id;
    EXPECT_LE(word_count(prompt.text), 72u) << prompt.id;
  }
}

void expect_documents(const std::string& name, std::size_t fewest_words, std::size_t most_words) {
  const auto prompts = prompts_of(name);
  EXPECT_GE(prompts.size(), 32u);
  for (const Prompt& prompt : prompts) {
    ASSERT_TRUE(prompt.text.starts_with(kInstruction)) << prompt.id;
    const std::string document = prompt.text.substr(kInstruction.size());
    EXPECT_GE(word_count(document), fewest_words) << prompt.id;
    EXPECT_LE(word_count(document), most_words) << prompt.id;
    EXPECT_EQ(document.find_first_of("{}[]"), std::string::npos) << prompt.id << ": a transcription mark";
    EXPECT_EQ(document.find(" ,"), std::string::npos) << prompt.id << ": spaced punctuation";
  }
}

TEST(ShippedPrompts, DocumentsHaveTheLengthsThatTheirSetsPromise) {
  expect_documents("summarize", 260, 760);
  expect_documents("summarize-short", 90, 165);
}

TEST(ShippedPrompts, HeldOutTextIsInNoPrompt) {
  const auto text = read_file(kData + "text/held-out.txt");
  ASSERT_TRUE(text);
  EXPECT_GE(text->size(), 20'000u);
  EXPECT_LE(text->size(), 40'000u);
  std::string everything;
  for (const std::string& name : builtin_prompt_sets())
    for (const Prompt& prompt : prompts_of(name)) everything += prompt.text;
  for (const std::string& paragraph : split(*text, '\n')) {
    if (paragraph.size() < 60) continue;
    EXPECT_EQ(everything.find(paragraph.substr(0, 60)), std::string::npos) << paragraph;
  }
}

TEST(ShippedWords, AreFiveHundredPlainWords) {
  const auto text = read_file(kData + "prompts/words.txt");
  ASSERT_TRUE(text);
  const auto words = split(trim(*text), '\n');
  EXPECT_EQ(std::set<std::string>(words.begin(), words.end()).size(), 500u);
  for (const std::string& word : words) EXPECT_EQ(word.find_first_not_of("abcdefghijklmnopqrstuvwxyz"), std::string::npos) << word;
}

}  // namespace
}  // namespace qc
