#pragma once
// The whole program on a study of one test: started, waited for, asked through its store.
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "core/files.h"
#include "core/text.h"

namespace qc::test {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// Two folders of the test's own: `dir` with the study and what the program printed (`log`), `out` with what it made.
struct ProgramRun : testing::Test {
  fs::path dir = fs::temp_directory_path() / ("qc_run_" + std::to_string(getpid()) + testing::UnitTest::GetInstance()->current_test_info()->name());
  fs::path out = dir / "out";

  /// Each "@MARK@" in the text becomes `dir`: put it into the servers' environment as QC_TEST_RUN, and servers() knows them.
  std::string put_study(std::string text) const {
    fs::create_directories(dir);
    std::ofstream(dir / "study.toml") << replaced(std::move(text), "@MARK@", dir.string());
    return dir / "study.toml";
  }
  void TearDown() override { fs::remove_all(dir); }

  pid_t start(std::vector<std::string> words) const {
    words.insert(words.begin(), QC_BINARY_DIR "/quantcase");
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const pid_t pid = fork();
    if (pid == 0) {
      if (!std::freopen((dir / "log").c_str(), "a", stdout) || !std::freopen((dir / "log").c_str(), "a", stderr)) _exit(98);
      execv(argv[0], argv.data());
      _exit(99);
    }
    return pid;
  }
  static int wait_for(pid_t pid) {
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  int run(const std::vector<std::string>& words) const { return wait_for(start(words)); }
  std::vector<std::vector<std::string>> ask(const std::string& sql) const {
    sqlite3* db = nullptr;
    sqlite3_open_v2((out / "study.sqlite").c_str(), &db, SQLITE_OPEN_READWRITE, nullptr);
    sqlite3_busy_timeout(db, 5000);
    sqlite3_stmt* s = nullptr;
    std::vector<std::vector<std::string>> rows;
    if (sqlite3_prepare_v2(db, sql.c_str(), -1, &s, nullptr) == SQLITE_OK)
      while (sqlite3_step(s) == SQLITE_ROW) {
        rows.emplace_back();
        for (int c = 0; c < sqlite3_column_count(s); ++c) {
          const auto* text = sqlite3_column_text(s, c);
          rows.back().push_back(text ? reinterpret_cast<const char*>(text) : "NULL");
        }
      }
    sqlite3_finalize(s);
    sqlite3_close(db);
    return rows;
  }
  int trials() const {
    const auto rows = fs::exists(out / "study.sqlite") ? ask("SELECT count(*) FROM v_trial") : std::vector<std::vector<std::string>>{};
    return rows.empty() ? 0 : std::stoi(rows[0][0]);
  }
  void until_trials(int n, std::chrono::seconds limit = 60s) const {
    for (int i = 0; i < 10 * limit.count() && trials() < n; ++i) std::this_thread::sleep_for(100ms);
  }
  std::string log() const { return read_file(dir / "log").value(); }
  /// Servers that this test's own runs started and that still live: they carry its folder in their environment.
  std::vector<pid_t> servers(const std::string& model = "") const {
    std::vector<pid_t> found;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
      const auto read = [&](const char* name) {
        std::ifstream in(entry.path() / name);
        return std::string{std::istreambuf_iterator<char>(in), {}};
      };
      if (read("environ").find("QC_TEST_RUN=" + dir.string()) != std::string::npos && read("cmdline").find(model) != std::string::npos)
        found.push_back(std::stoi(entry.path().filename()));
    }
    return found;
  }
};

}  // namespace qc::test
