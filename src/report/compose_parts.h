#pragma once
// What the sections of a document share while it is composed.
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "judge/advise/findings.h"
#include "report/document.h"
#include "report/figures_log.h"

namespace qc {

/// Where the engines worked, as far as the store knows.
enum class Device { cpu, gpu, remote };

struct Composer {
  const StudyData& data;
  const Findings& findings;
  FigureLog log;
  Device device;
  Unit memory_unit;                         ///< MiB for small models, GiB for others: one unit in the whole document

  Composer(const StudyData& data, const Findings& findings);
  [[nodiscard]] const std::string& base() const { return data.study.baseline().name; }
  [[nodiscard]] std::vector<std::string> candidates() const;
  /// Variants whose server never answered: nothing of them was read. None in a study that was imported.
  [[nodiscard]] std::vector<std::string> silent() const;
  /// "models", or "models that answered" where some never did.
  [[nodiscard]] std::string models() const { return silent().empty() ? "models" : "models that answered"; }
  /// Null where no server of the variant ever answered.
  [[nodiscard]] const VariantFacts* facts(const std::string& variant) const;
  /// Why a variant has no data: its server's own story, or that nothing is stored.
  [[nodiscard]] std::vector<std::string> attached() const;                    ///< models whose servers answered and were not started by us
  [[nodiscard]] std::string missing_because(const std::string& variant, const std::string& workload = "") const;
  /// With a capital letter, unless it begins with a variant's name, which stays as it is.
  [[nodiscard]] std::string opening(std::string text) const;
  [[nodiscard]] std::string machine() const;              ///< "2 cores of AMD EPYC (avx2), 24 GiB"
};

/// Reasons of "n/a", numbered at a table's foot.
class Notes {
 public:
  /// "n/a (2)"; the same reason keeps its number.
  std::string na(const std::string& reason);
  /// "(2)" for a value that has no interval.
  std::string mark(const std::string& reason);
  /// "n/a: (1) ...; (2) ...". Adds nothing where there is no reason.
  void foot(std::vector<Block>& blocks) const;

 private:
  std::vector<std::string> reasons_;
};

/// An empty table; a head that begins with '#' is of a numeric column.
Table table(std::string caption, std::initializer_list<std::string> heads);
void add_head(Table& table, const std::string& head);
Paragraph finding(std::string text);

/// A figure's cell: the number, or n/a with a numbered reason.
std::string cell(Composer& c, Notes& notes, const FigureName& name, Unit unit, const Measured& value);
/// With its interval: "246.1 [240.0, 252.1]", or "246.1 (3)" where there is none.
std::string cell_with_interval(Composer& c, Notes& notes, const FigureName& name, Unit unit, const Measured& value);

/// "4 blocks", or "2 of 4 planned blocks" where the run was cut short; of a study that decided on its blocks while it ran blocks_of_points.
std::string blocks_run(Composer& c);
std::string blocks_of_points(Composer& c);                ///< "2 to 6 blocks, more where the figures asked for them"
std::string capitalized(std::string text);
/// Why there is no weight file to measure, and why none was hashed.
std::string no_file_because(const VariantFacts& facts);
std::string no_hash_because(const VariantFacts& facts);
/// "1 request", "3 requests".
std::string counted(long long n, std::string_view noun, std::string_view plural = "");
/// "concurrency 1, 8 and 16".
std::string concurrencies(const std::vector<int>& values);
std::string row_of(int concurrency);                      ///< "conc=16"
std::string row_of(const std::string& workload, int concurrency);
/// The file's name without its folders, or the hub id.
std::string model_name(const StudyData& data, const Variant& variant);
/// Foreign text as one line without our marks.
std::string one_line(std::string_view text, std::size_t longest);
/// Ends with exactly one full stop.
std::string sentence(std::string text);
/// The number of a visit in the plan, whichever attempt this is.
int planned_id(const TrialRecord& trial);
/// 3000 -> "3000": a setting as the study file would have it.
std::string setting(double value);

}  // namespace qc
