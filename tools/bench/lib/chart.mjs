// The ratios as a picture: for each figure a bar of every server, on a logarithmic scale that begins at half of what they
// are compared with. It has no background, and colours for light and for dark.

const WIDTH = 760, LEFT = 120, RIGHT = 64, BAR = 14, GAP = 4, HEADING = 30, TOP = 34;

const escape = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

export function chart(figures) {
  const bars = figures.filter(({ base }) => !base);
  const [{ case: base }] = figures.filter((figure) => figure.base);
  const largest = Math.max(2, ...bars.map(({ ratio }) => ratio));
  const octaves = Math.ceil(Math.log2(largest)) + 1;
  const x = (ratio) => LEFT + Math.max(0, Math.log2(ratio * 2) / octaves) * (WIDTH - LEFT - RIGHT);
  const parts = [];
  let y = TOP;
  let heading;
  for (const bar of bars) {
    const under = `${bar.title}: ${bar.figure}`;
    if (under !== heading) {
      parts.push(`<text class="heading" x="0" y="${y + 20}">${escape(under)}</text>`);
      y += HEADING;
      heading = under;
    }
    const end = x(bar.ratio);
    parts.push(`<text x="${LEFT - 8}" y="${y + BAR - 3}" text-anchor="end">${escape(bar.case)}</text>`
      + `<rect class="${bar.case === 'hubbub' ? 'ours' : 'bar'}" x="${LEFT}" y="${y}" width="${(end - LEFT).toFixed(1)}" height="${BAR}" rx="2"/>`
      + `<text x="${(end + 6).toFixed(1)}" y="${y + BAR - 3}">${bar.ratio.toFixed(2)}</text>`);
    y += BAR + GAP;
  }
  const grid = Array.from({ length: octaves + 1 }, (_, i) => 2 ** (i - 1)).map((ratio) =>
    `<line class="${ratio === 1 ? 'one' : 'grid'}" x1="${x(ratio).toFixed(1)}" x2="${x(ratio).toFixed(1)}" y1="${TOP - 8}" y2="${y}"/>`
    + `<text class="tick" x="${x(ratio).toFixed(1)}" y="${TOP - 14}" text-anchor="middle">${ratio === 1 ? escape(`1 = ${base}`) : ratio}</text>`);
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
${grid.join('\n')}
${parts.join('\n')}
</svg>
`;
}
