#pragma once
// Studies of one or two variants, scratch folders, and a fake server with known answers.
#include <gmock/gmock.h>

#include "core/files.h"
#include "integration/process/support.h"
#include "measure/engines/engine.h"
#include "measure/engines/probe.h"

namespace qc::test {

inline const std::string kFakeServer = QC_BINARY_DIR "/fake_server";

/// A folder for one test, empty at its start.
inline std::filesystem::path test_folder() {
  const auto* info = testing::UnitTest::GetInstance()->current_test_info();
  const auto folder = scratch() / (std::string(info->test_suite_name()) + "." + info->name());
  static std::string last;
  if (last != folder.string()) std::filesystem::remove_all(folder);
  last = folder.string();
  std::filesystem::create_directories(folder);
  return folder;
}

inline Study study_of(const std::vector<std::string>& variants) {
  Study study;
  study.name = "test";
  for (const auto& name : variants) {
    Variant variant;
    variant.name = variant.model = name;
    variant.baseline = study.variants.empty();
    study.variants.push_back(variant);
  }
  study.engine.max_num_seqs = 2;
  study.engine.max_model_len = 256;
  study.engine.start_timeout_s = 60;
  return study;
}

inline LaunchContext context_of(const Study& study) { return {.study = &study, .log_dir = test_folder() / "logs", .start_number = 1, .say = {}, .stop = nullptr}; }

inline Result<std::unique_ptr<Engine>> launch_first(const Study& study) { return launch(study.variants.front(), context_of(study)); }

/// A fake server on a port of its own that gives the answers in `files` (name -> status line and body), and waits until it listens.
class FakeServer {
 public:
  FakeServer(const std::string& name, const std::map<std::string, std::string>& files, const std::vector<std::string>& more = {}) {
    const auto folder = test_folder() / name;
    std::filesystem::create_directories(folder);
    for (const auto& [file, text] : files) std::ofstream(folder / file) << text;
    port_ = *free_port();
    Command command{.words = {kFakeServer, "--port", std::to_string(port_), "--answers", folder.string()}};
    command.words.insert(command.words.end(), more.begin(), more.end());
    process_.emplace(std::move(*Process::start(command, folder / "log")));
    const Endpoint endpoint{*parse_url(url()), ""};
    EXPECT_TRUE(wait_until([&] { return http_get(endpoint.address, "/", Seconds(1)).has_value(); }, 10));
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  void stop() { process_->stop(); }

 private:
  int port_ = 0;
  std::optional<Process> process_;
};

}  // namespace qc::test
