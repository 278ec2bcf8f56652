// What a browser has and the engine lacks, as far as Vega and Vega-Lite use it to draw without a screen.
globalThis.console = { log() {}, info() {}, debug() {}, warn() {}, error() {} };

// Nothing here waits for real time: a timer is work for the end of the job queue.
globalThis.setTimeout = (work) => { Promise.resolve().then(work); return 0; };
globalThis.clearTimeout = () => {};

// Specifications are trees of plain objects, arrays and scalars.
globalThis.structuredClone = function clone(value) {
  if (Array.isArray(value)) return value.map(clone);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, clone(part)]));
};
