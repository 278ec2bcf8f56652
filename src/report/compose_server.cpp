// What the server itself says of a workload, beside what we saw of the same requests.
#include <fmt/format.h>

#include <algorithm>

#include "report/compose_sections.h"
#include "report/server_figures.h"

namespace qc {
namespace {

std::vector<const ServerRow*> rows_of(const Composer& c, const WorkloadComparison& w) {
  std::vector<const ServerRow*> rows;
  for (const ServerRow& row : c.findings.server)
    if (row.workload == w.workload.name) rows.push_back(&row);
  return rows;
}

bool told(const std::vector<const ServerRow*>& rows, const ServerFigure& figure) {
  return std::ranges::any_of(rows, [&](const ServerRow* r) { return (r->*figure.figure).value.has_value(); });
}

/// A histogram tells the bucket, no more: its two ends are what is printed.
std::string bucket_cell(Composer& c, Notes& notes, const FigureName& name, const ServerFigure& figure, const Measured& value) {
  if (!value) return cell(c, notes, name, figure.unit, value);
  const std::string ends = c.log.interval(name, figure.unit, value);
  return ends.empty() ? "over the last bucket" : ends;
}

std::vector<std::string> row_cells(Composer& c, Notes& notes, const ServerRow& row, const std::vector<const ServerFigure*>& columns) {
  std::vector<std::string> cells{row_of(row.concurrency), row.variant};
  for (const ServerFigure* figure : columns) {
    const FigureName name = server_figure_name(row, *figure);
    const Measured& value = row.*(figure->figure);
    cells.push_back(figure->bucket ? bucket_cell(c, notes, name, *figure, value) : cell(c, notes, name, figure->unit, value));
  }
  return cells;
}

}  // namespace

void add_server_truth(Composer& c, const WorkloadComparison& w, std::vector<Block>& blocks) {
  const auto rows = rows_of(c, w);
  std::vector<const ServerFigure*> columns;
  std::vector<std::string> silent;
  bool theirs = false;
  for (const ServerFigure& figure : server_figures()) {
    if (figure.head.empty()) continue;
    if (told(rows, figure)) columns.push_back(&figure), theirs = theirs || figure.theirs;
    else silent.emplace_back(figure.head.substr(0, figure.head.find(" (")));
  }
  if (!theirs) {
    const std::string why = rows.empty() ? "no reading of its metrics is stored" : rows.front()->tokens.na;
    blocks.push_back(Paragraph{fmt::format("What the server itself says: n/a, {}.", why)});
    return;
  }
  Notes notes;
  Table t = table("What the server itself says, beside ours", {"Config", "Model"});
  for (const ServerFigure* figure : columns) add_head(t, "#" + std::string(figure->head));
  for (const ServerRow* row : rows) t.rows.push_back(row_cells(c, notes, *row, columns));
  blocks.push_back(std::move(t));
  notes.foot(blocks);
  std::string text = server_finding(c, rows);
  blocks.push_back(finding(std::move(text)));
  if (!silent.empty()) blocks.push_back(Paragraph{fmt::format("n/a, for no server here tells it: {}.", fmt::join(silent, ", "))});
}

}  // namespace qc
