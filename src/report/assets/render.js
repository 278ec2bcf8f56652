// qcRender(specification text, theme name) -> promise of SVG text. Evaluated after vega.min.js, vega-lite.min.js and theme.js.
//
// There is no canvas to measure text on, so widths come from a table: advances of DejaVu Sans, the widest of the fonts that a
// page's sans-serif resolves to, in thousandths of the font size. A narrower font leaves air, no font runs over.
const qcAdvance = (() => {
  const groups = { 278: "ijl'|", 318: ' ,.', 337: ':;', 360: '-', 390: '()[]', 392: 't', 411: 'rf', 521: 'sz', 550: 'ckxy',
    592: 'vanuhEFTL?', 635: 'bdegopq0123456789$_SPB', 685: 'RAXVCKYZ', 770: 'DGHNUMOQ', 838: '+<=>~', 950: '%@W', 974: 'm', 818: 'w' };
  const table = new Map();
  for (const [width, letters] of Object.entries(groups)) for (const letter of letters) table.set(letter, Number(width));
  return (letter) => table.get(letter) ?? (letter.codePointAt(0) < 0x2e80 ? 700 : 1000);
})();

vega.textMetrics.width = (item, text) => {
  const shown = text ?? item.text ?? '';
  let sum = 0;
  for (const letter of String(shown)) sum += qcAdvance(letter);
  return sum * (item.fontSize ?? 11) / 1000;
};

globalThis.qcRender = (text, theme) => {
  vega.resetSVGDefIds();               // the same specification gives the same bytes, whatever was drawn before
  const compiled = vegaLite.compile(JSON.parse(text), { config: qcThemes[theme] }).spec;
  return new vega.View(vega.parse(compiled), { renderer: 'none' }).toSVG();
};
