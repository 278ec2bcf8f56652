// The look of every picture. Candidates take the Okabe-Ito colours (distinguishable with any colour vision), lighter on dark;
// the baseline is neutral; every series has a shape too, so that a grey print still tells them apart.
var qcThemes = (() => {
  const font = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
  const inks = {
    light: {
      paper: '#ffffff', text: '#1f2933', soft: '#52606d', grid: '#e4e7eb', axis: '#9aa5b1', limit: '#a61b1b',
      series: ['#3e4c59', '#0072b2', '#d55e00', '#007a5a', '#b0528a', '#a97900', '#3a8fc4'],
      parts: ['#1f4e79', '#5b9bd5', '#c5d3e0', '#8a6d3b', '#d9b382'],
    },
    dark: {
      paper: '#14181d', text: '#e4e7eb', soft: '#aab4bf', grid: '#2b333c', axis: '#66727f', limit: '#ff8a80',
      series: ['#cbd2d9', '#56b4e9', '#f08a4b', '#35c29a', '#e3a0c8', '#e6b422', '#9ad1f2'],
      parts: ['#7ab8f5', '#3f78b5', '#8a97a5', '#d9b382', '#a5854d'],
    },
  };
  const config = (ink) => ({
    aria: false,                       // the page names the picture; its marks need no names of their own
    background: ink.paper,
    font,
    padding: 6,
    axis: {
      labelColor: ink.text, titleColor: ink.soft, labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal',
      gridColor: ink.grid, domainColor: ink.axis, tickColor: ink.axis, titlePadding: 10, labelLimit: 260, tickSize: 4,
    },
    legend: {
      labelColor: ink.text, labelFontSize: 12, labelLimit: 260, symbolSize: 70, symbolStrokeWidth: 2, orient: 'top',
      title: null, columnPadding: 18, offset: 12,
    },
    title: { color: ink.soft, fontSize: 11, fontWeight: 'normal', offset: 10 },
    view: { stroke: null },
    line: { strokeWidth: 2 },
    point: { size: 60, strokeWidth: 2, opacity: 1 },
    text: { color: ink.text, fontSize: 12 },
    range: {
      category: ink.series, ordinal: ink.parts,
      symbol: ['circle', 'square', 'triangle-up', 'diamond', 'triangle-down', 'cross', 'triangle-right'],
    },
    style: {
      hollow: { fill: ink.paper },
      part: { stroke: ink.paper, strokeWidth: 1 },
      zero: { color: ink.text, strokeWidth: 1.25 },
      limit: { color: ink.limit, strokeWidth: 1.5, strokeDash: [6, 4] },
      limit_label: { color: ink.limit, fontSize: 12 },
    },
  });
  return { light: config(inks.light), dark: config(inks.dark) };
})();
