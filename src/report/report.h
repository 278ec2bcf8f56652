#pragma once
// Findings -> Document -> Markdown, HTML, SVG, CSV, JSON.
#include <map>
#include <string>

#include "core/result.h"
#include "judge/advise/findings.h"
#include "report/document.h"

namespace qc {

Document compose(const StudyData& data, const Findings& findings);

/// Markdown: GitHub tables; pictures as figures/<id>.svg.
std::string to_markdown(const Document& document);

/// One self-contained HTML5 file: light and dark, phone and print. `svgs` by picture id (light, dark).
struct RenderedPicture { std::string light, dark; };
std::string to_html(const Document& document, const std::map<std::string, RenderedPicture>& svgs);

/// Renders a Vega-Lite specification to SVG with the embedded engine. Fails as defect with the engine's message.
enum class Theme { light, dark };
Result<std::string> render_svg(const std::string& vega_lite_spec, Theme theme);

/// The capacity CSV of one workload and variant: columns of docs/interface.md, a row for each visit. Empty: of all.
std::string capacity_csv(const StudyData& data, const std::string& workload, const std::string& variant);
/// <name>_quant_quality_eval.json
std::string quality_json(const StudyData& data, const Findings& findings);
/// summary.json; keys in docs/interface.md.
std::string summary_json(const StudyData& data, const Findings& findings);
/// manifest.json: versions, hashes, commands, environment without secrets.
std::string manifest_json(const StudyData& data);

/// Writes all of the above into `dir`; returns the document's figures for the store, and the paths written.
struct Written { std::vector<Figure> figures; std::vector<std::string> paths; };
Result<Written> write_report(const std::string& dir, const StudyData& data, const Findings& findings, bool markdown, bool html);

}  // namespace qc
