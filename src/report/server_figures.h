#pragma once
// The figures of a ServerRow: one table feeds the report's table, its sentences and v_figure.
#include <span>
#include <string>
#include <string_view>

#include "report/compose_parts.h"

namespace qc {

struct ServerFigure {
  std::string_view head;       ///< empty: in sentences only
  std::string_view column;     ///< in v_figure, and the placeholder in a sentence
  Unit unit;
  Measured ServerRow::*figure;
  bool theirs = true;          ///< the server's word, not ours
  bool bucket = false;         ///< known as a bucket only
};
std::span<const ServerFigure> server_figures();
FigureName server_figure_name(const ServerRow& row, const ServerFigure& figure);

/// Fills the placeholders of a rule's sentence with the row's figures, each into the log.
std::string fill_figures(Composer& c, const ServerRow& row, std::string text);
/// Key finding: do the two agree, and what makes the p95.
std::string server_finding(Composer& c, const std::vector<const ServerRow*>& rows);

}  // namespace qc
