// Draws the curves of a report from the JSON in #data. Times are seconds of simulated time.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // "04:07", "01:30:00", "9d 20:00"; with milliseconds where the axis is that fine.
  function clock(seconds, step = 1) {
    const two = (n) => String(n).padStart(2, "0");
    const ms = Math.round(seconds * 1000);
    const s = Math.floor(ms / 1000), m = Math.floor(s / 60), h = Math.floor(m / 60);
    const tail = step < 1 ? "." + String(ms % 1000).padStart(3, "0") : "";
    if (h === 0) return `${two(m)}:${two(s % 60)}${tail}`;
    if (h < 24) return `${two(h)}:${two(m % 60)}:${two(s % 60)}${tail}`;
    const d = Math.floor(h / 24);
    if (step >= 86400) return `${d}d`;
    return `${d}d ${two(h % 24)}:${two(m % 60)}` + (step < 60 ? `:${two(s % 60)}${tail}` : "");
  }

  // Three digits without trailing zeros.
  const short = (n) => String(Number(n.toPrecision(3)));

  const print = {
    ms(v) {
      for (const [size, unit] of [[86400e3, "d"], [3600e3, "h"], [60e3, "min"], [1e3, "s"], [1, "ms"]]) {
        if (v >= size) return `${short(v / size)} ${unit}`;
      }
      return v === 0 ? "0" : `${short(v * 1e3)} µs`;
    },
    count: (v) => v.toLocaleString("en-US", { maximumFractionDigits: 0 }),
    rate: (v) => `${v >= 1000 ? v.toLocaleString("en-US", { maximumFractionDigits: 0 }) : short(v)}/s`,
  };

  // On a logarithmic axis of ms each tenfold step keeps the unit of the step before it, up to 1000 s.
  const decade = (v) => (v >= 1e3 && v <= 1e6 ? `${v / 1e3} s` : print.ms(v));
  const is_decade = (v) => Math.abs(Math.log10(v) - Math.round(Math.log10(v))) < 1e-6;
  const decades = (u, ticks) => ticks.map((v) => (is_decade(v) ? v : null));

  // Calls paint(ctx, fault, from, to) for each fault in view, in canvas pixels, clipped to the plot.
  function each_fault(u, paint) {
    const { ctx } = u, { left, top, width, height } = u.bbox;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top, width, height);
    ctx.clip();
    for (const fault of data.faults) {
      const from = u.valToPos(fault.from, "x", true), to = u.valToPos(fault.to, "x", true);
      if (to >= left && from <= left + width) paint(ctx, fault, from, to);
    }
    ctx.restore();
  }

  // Faults as bands behind the curves.
  function shade(u) {
    const { top, height } = u.bbox, ratio = devicePixelRatio;
    const band = style("--fault"), edge = style("--fault-edge");
    each_fault(u, (ctx, fault, from, to) => {
      ctx.fillStyle = band;
      ctx.fillRect(from, top, Math.max(to - from, 2 * ratio), height);
      ctx.fillStyle = edge;
      ctx.fillRect(from, top, ratio, height);
    });
  }

  // Their names on top, in three lanes, where there is room.
  function name_faults(u) {
    const { left, top } = u.bbox, ratio = devicePixelRatio;
    const ends = [-Infinity, -Infinity, -Infinity];
    const colour = style("--fault-edge");
    each_fault(u, (ctx, fault, from) => {
      const x = Math.max(from, left) + 4 * ratio;
      const lane = ends.findIndex((end) => end < x);
      if (lane < 0) return;
      ctx.font = `${11 * ratio}px system-ui, sans-serif`;
      ctx.textAlign = "left";
      ctx.textBaseline = "top";
      ctx.fillStyle = colour;
      ctx.fillText(fault.name, x, top + (2 + lane * 13) * ratio);
      ends[lane] = x + ctx.measureText(fault.name).width + 6 * ratio;
    });
  }

  function options(chart, width) {
    const show = print[chart.unit];
    const axis = { stroke: style("--quiet"), grid: { stroke: style("--rule"), width: 1 }, ticks: { stroke: style("--rule") } };
    const dashes = [[], [6, 3], [2, 3]];
    return {
      width,
      height: 240,
      scales: {
        x: { time: false },
        y: chart.log
          ? { distr: 3 }
          : { range: (u, low, high) => [0, high > 0 ? high * 1.1 : 1] },
      },
      cursor: { sync: { key: "run" }, drag: { x: true, y: false } },
      axes: [
        {
          ...axis,
          space: 90,
          incrs: [0.001, 0.01, 0.1, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200,
            14400, 21600, 43200, 86400, 172800, 432000, 864000, 2592000, 8640000],
          values: (u, ticks) => ticks.map((t) => clock(t, ticks.length > 1 ? ticks[1] - ticks[0] : 1)),
        },
        {
          ...axis,
          size: 74,
          values: (u, ticks) =>
            ticks.map((v) => (v === null ? null : chart.log ? decade(v) : show(v))),
          ...(chart.log && {
            filter: decades,
            grid: { ...axis.grid, filter: decades },
            ticks: { ...axis.ticks, filter: decades },
          }),
        },
      ],
      series: [
        { label: "time", value: (u, v) => (v === null ? "–" : clock(v)) },
        ...chart.lines.map((line, i) => ({
          label: line.label,
          stroke: style(`--line-${i}`),
          width: 1.75,
          dash: dashes[i],
          value: (u, v) => (v === null || v === undefined ? "–" : show(v)),
        })),
      ],
      hooks: { drawClear: [shade], draw: [name_faults] },
    };
  }

  // The start of the run is on every chart, though the first row ends later.
  const at = [0, ...data.at];
  let drawn = [];

  function draw() {
    for (const plot of drawn) plot.destroy();
    drawn = [];
    for (const chart of data.charts) {
      const place = document.querySelector(`[data-chart="${chart.id}"]`);
      if (place === null) continue;
      // A logarithm has no room for 0.
      const curves = chart.lines.map((line) =>
        [null, ...line.values.map((v) => (chart.log && v <= 0 ? null : v))]);
      place.hidden = curves.every((curve) => curve.every((v) => v === null));
      if (place.hidden) continue;
      drawn.push(new uPlot(options(chart, place.clientWidth), [at, ...curves], place));
    }
    document.documentElement.dataset.charts = drawn.length;
  }

  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  let width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth === width) return;
    width = innerWidth;
    for (const plot of drawn) plot.setSize({ width: plot.root.parentNode.clientWidth, height: 240 });
  });
})();
