#pragma once
// What a variant's server was found to run with, setting by setting, each with where it was read. Values only: judge/fairness compares them.
#include <string>
#include <string_view>
#include <vector>

namespace qc {

/// The value of a setting that is not among a server's arguments and that no other source tells: as that release has it.
inline constexpr std::string_view kByDefault = "default";
/// Whose source says only what was asked for, not what came of it.
inline constexpr std::string_view kFromArguments = "log (arguments)";

/// One setting. `value` is empty where it can't be known; `source` then says why.
struct ProvenSetting {
  std::string name;                       ///< "max_num_seqs"; of lists that nobody named: "config.scheduler_config.policy", "env.VLLM_..."
  std::string value;                      ///< "on", "off", "none", "bfloat16", "0.9"
  std::string source;                     ///< "log", "/server_info", "/metrics", "config.json" ...
};

/// Whether a variant is what it says it is.
enum class IdentityVerdict { unproved, proved, contradicted };
constexpr std::string_view to_string(IdentityVerdict v) {
  return v == IdentityVerdict::proved ? "proved" : v == IdentityVerdict::contradicted ? "contradicted" : "cannot be proved";
}
struct Identity {
  IdentityVerdict verdict = IdentityVerdict::unproved;
  std::string because;                    ///< one sentence
};

/// Settings in the order they were found. The first source that tells a setting counts: it is asked for first because it is nearest to
/// what runs (the log, then the server's answers, then files).
class SettingList {
 public:
  /// Does nothing when the value is empty, or the setting is told already.
  void add(const std::string& name, const std::string& value, const std::string& source);
  /// Says why a setting is not known, unless it is.
  void add_unknown(const std::string& name, const std::string& why);
  [[nodiscard]] bool has(std::string_view name) const;
  [[nodiscard]] const std::vector<ProvenSetting>& all() const { return all_; }
  std::vector<ProvenSetting> take() { return std::move(all_); }

 private:
  std::vector<ProvenSetting> all_;
};

/// The value of a setting; empty where it is not told.
std::string value_of(const std::vector<ProvenSetting>& settings, std::string_view name);

}  // namespace qc
