// The two tables of ARCHITECTURE.md, held against every #include of src/.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace {

namespace fs = std::filesystem;
using Table = std::map<std::string, std::set<std::string>>;

const fs::path kRoot = QC_SOURCE_DIR;

std::string read(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The fenced table after a heading: "name: word word".
Table table_after(const std::string& text, const std::string& heading) {
  Table table;
  const auto at = text.find(heading);
  const auto begin = text.find("```\n", at) + 4;
  std::istringstream lines(text.substr(begin, text.find("```", begin) - begin));
  for (std::string line; std::getline(lines, line);) {
    const auto colon = line.find(':');
    std::istringstream words(line.substr(colon + 1));
    auto& row = table[line.substr(0, colon)];
    for (std::string word; words >> word;) row.insert(word);
  }
  return table;
}

std::string unit_of(const std::string& path, const Table& units) {
  std::string best;
  for (const auto& [unit, allowed] : units)
    if (path.starts_with(unit + "/") && unit.size() > best.size()) best = unit;
  return best;
}

struct Include { std::string target; bool angled; };

std::vector<Include> includes_of(const std::string& text) {
  static const std::regex pattern(R"re(#include\s*(["<])([^">]+)[">])re");
  std::vector<Include> found;
  for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it) found.push_back({(*it)[2], (*it)[1] == "<"});
  return found;
}

std::vector<std::string> breaches(const std::string& file, const std::string& text, const Table& units, const Table& third_party) {
  std::vector<std::string> out;
  const std::string own = unit_of(file, units);
  if (own.empty()) out.push_back(file + " belongs to no unit of ARCHITECTURE.md");
  for (const auto& include : includes_of(text)) {
    for (const auto& [header, homes] : third_party)
      if (include.target.starts_with(header) && !homes.contains(own)) out.push_back(file + " includes " + include.target);
    const std::string theirs = unit_of(include.target, units);
    if (include.angled || theirs.empty() || theirs == own) continue;
    if (!units.at(own).contains(theirs)) out.push_back(file + " includes " + include.target);
  }
  return out;
}

struct Architecture : testing::Test {
  const std::string text = read(kRoot / "ARCHITECTURE.md");
  const Table units = table_after(text, "## Who may include whom");
  const Table third_party = table_after(text, "## Third-party headers stop at one unit");
};

TEST_F(Architecture, EveryIncludeOfTheTreeIsAllowed) {
  ASSERT_GE(units.size(), 18u);
  int files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / "src")) {
    if (entry.path().extension() != ".h" && entry.path().extension() != ".cpp") continue;
    ++files;
    for (const auto& breach : breaches(fs::relative(entry.path(), kRoot / "src").string(), read(entry.path()), units, third_party)) ADD_FAILURE() << breach;
  }
  EXPECT_GT(files, 60);
}

TEST_F(Architecture, AForbiddenIncludeIsNamed) {
  EXPECT_EQ(breaches("judge/cost/x.cpp", "#include \"store/store.h\"\n", units, third_party), (std::vector<std::string>{"judge/cost/x.cpp includes store/store.h"}));
  EXPECT_EQ(breaches("run/x.cpp", "#include <sqlite3.h>\n", units, third_party), (std::vector<std::string>{"run/x.cpp includes sqlite3.h"}));
  EXPECT_TRUE(breaches("run/x.cpp", "#include \"store/store.h\"\n", units, third_party).empty());
}

TEST_F(Architecture, NoUnitReachesUpThroughAnother) {
  for (const auto& [unit, allowed] : units)
    for (const auto& below : allowed) EXPECT_FALSE(units.at(below).contains(unit)) << unit << " and " << below << " include each other";
}

// Two types of one name in namespace qc are one to the linker, and whichever comes first serves both.
TEST(Names, NoTwoHeadersDefineOneType) {
  static const std::regex pattern(R"re((?:^|\n)(?:struct|class|enum class) (\w+)(?: final)?(?: : [^;{\n]*)? ?\{)re");
  std::map<std::string, std::string> home;
  int types = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / "src")) {
    if (entry.path().extension() != ".h") continue;
    const std::string text = read(entry.path());
    for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it, ++types) {
      const auto [at, is_new] = home.emplace((*it)[1], entry.path().string());
      EXPECT_TRUE(is_new) << (*it)[1] << " is defined in " << at->second << " and in " << entry.path();
    }
  }
  EXPECT_GT(types, 100);
}

}  // namespace
