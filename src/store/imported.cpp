#include "store/imported.h"

#include "core/text.h"

namespace qc {

const char* const kImportedSchema = R"sql(
CREATE TABLE IF NOT EXISTS imported(trial_id INTEGER PRIMARY KEY, file TEXT NOT NULL, tool TEXT NOT NULL, block_told INT NOT NULL, notes TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS imported_figure(trial_id INT NOT NULL, name TEXT NOT NULL, value REAL NOT NULL, PRIMARY KEY(trial_id, name)) WITHOUT ROWID;
CREATE VIEW IF NOT EXISTS v_imported AS SELECT trial_id, file, tool, block_told, nullif(notes, '') AS notes FROM imported;
CREATE VIEW IF NOT EXISTS v_imported_figure AS SELECT trial_id, name, value FROM imported_figure;
)sql";

namespace {

std::string lines(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& line : all) text += (text.empty() ? "" : "\n") + line;
  return text;
}

/// Whether the file has the tables at all: one that we may only read stays without them.
bool has_tables(Database& db) {
  auto s = db.prepare("SELECT count(*) FROM sqlite_master WHERE name='imported_figure'");
  return s && s->row() && s->integer(0) > 0;
}

}  // namespace

Status replace_imported(Database& db, const std::vector<ImportedRun>& runs) {
  if (auto s = db.execute("DELETE FROM imported; DELETE FROM imported_figure;"); !s) return s;
  auto run = db.prepare("INSERT INTO imported VALUES(?,?,?,?,?)");
  if (!run) return fail(run.error());
  auto figure = db.prepare("INSERT INTO imported_figure VALUES(?,?,?)");
  if (!figure) return fail(figure.error());
  for (const ImportedRun& each : runs) {
    run->bind(each.trial_id).bind(each.file).bind(each.tool).bind(each.block_told).bind(lines(each.notes));
    if (!run->run()) return fail(db.broken("storing an imported run"));
    for (const auto& [name, value] : each.figures) {
      figure->bind(each.trial_id).bind(name).bind(value);
      if (!figure->run()) return fail(db.broken("storing an imported figure"));
    }
  }
  return ok();
}

Result<std::vector<ImportedRun>> load_imported(Database& db) {
  std::vector<ImportedRun> runs;
  if (!has_tables(db)) return runs;
  auto s = db.prepare("SELECT trial_id, file, tool, block_told, notes FROM imported ORDER BY trial_id");
  if (!s) return fail(s.error());
  auto figures = db.prepare("SELECT name, value FROM imported_figure WHERE trial_id=?");
  if (!figures) return fail(figures.error());
  while (s->row()) {
    ImportedRun run{static_cast<int>(s->integer(0)), s->text(1), s->text(2), s->integer(3) != 0, {}, {}};
    if (const auto notes = s->text(4); !notes.empty()) run.notes = split(notes, '\n');
    figures->bind(run.trial_id);
    while (figures->row()) run.figures[figures->text(0)] = figures->real(1);
    figures->again();
    runs.push_back(std::move(run));
  }
  return runs;
}

}  // namespace qc
