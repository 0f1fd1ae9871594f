// The ratios as a picture: for each figure a bar for every server, on a logarithmic scale that begins at half of the server
// they are compared with, or lower if a bar is lower. It has no background, and colours for light and dark pages.

const WIDTH = 760, LEFT = 120, RIGHT = 64, BAR = 14, GAP = 4, HEADING = 30, TOP = 34;

const headingOf = ({ title, figure }) => `${title}: ${figure}`;
const escape = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

export function chart(figures) {
  const bars = figures.filter(({ base, ratio }) => !base && ratio > 0 && Number.isFinite(ratio));
  const [{ case: base }] = figures.filter((figure) => figure.base);
  const exponents = bars.map(({ ratio }) => Math.log2(ratio));
  const [first, last] = [Math.floor(Math.min(-1, ...exponents)), Math.ceil(Math.max(1, ...exponents))];
  const x = (exponent) => LEFT + ((exponent - first) / (last - first)) * (WIDTH - LEFT - RIGHT);
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const parts = ticks.map((tick) => `<text class="tick" x="${x(tick).toFixed(1)}" y="${TOP - 14}" text-anchor="middle">`
    + `${tick === 0 ? escape(`1 = ${base}`) : 2 ** tick}</text>`);
  let y = TOP;
  for (const heading of new Set(bars.map(headingOf))) {
    const group = bars.filter((bar) => headingOf(bar) === heading);
    parts.push(`<text class="heading" x="0" y="${y + 20}">${escape(heading)}</text>`);
    y += HEADING;
    parts.push(...ticks.map((tick) => `<line class="${tick === 0 ? 'one' : 'grid'}" x1="${x(tick).toFixed(1)}" x2="${x(tick).toFixed(1)}" `
      + `y1="${y - GAP}" y2="${y + group.length * (BAR + GAP)}"/>`));
    for (const { case: name, ratio } of group) {
      const end = x(Math.log2(ratio));
      parts.push(`<text x="${LEFT - 8}" y="${y + BAR - 3}" text-anchor="end">${escape(name)}</text>`
        + `<rect class="${name.startsWith('hubbub') ? 'ours' : 'bar'}" x="${LEFT}" y="${y}" width="${(end - LEFT).toFixed(1)}" height="${BAR}" rx="2"/>`
        + `<text x="${(end + 6).toFixed(1)}" y="${y + BAR - 3}">${ratio.toFixed(2)}</text>`);
      y += BAR + GAP;
    }
  }
  const height = y + 8;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>What each server costs, as a ratio to ${escape(base)}; less is better</title>
<style>
text { font: 12px system-ui, sans-serif; fill: #24292f; }
.heading { font-weight: 600; }
.tick { fill: #57606a; font-size: 11px; }
.grid { stroke: #d0d7de; }
.one { stroke: #57606a; stroke-width: 1.5; }
.bar { fill: #8c959f; }
.ours { fill: #0969da; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .tick { fill: #9198a1; }
  .grid { stroke: #3d444d; }
  .one { stroke: #9198a1; }
  .bar { fill: #656c76; }
  .ours { fill: #4493f8; }
}
</style>
${parts.join('\n')}
</svg>
`;
}
