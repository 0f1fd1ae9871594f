// Shows five busy minutes instead of the first seconds of the test machine: replaces the history in the greeting.
const noise = (i) => Math.abs(Math.sin(i * 12.9898) * 43758.5453) % 1;
const wave = (i, slow, low, high) => low + (high - low) * (0.15 + 0.3 * (1 + Math.sin(i / slow)) + 0.25 * noise(i + slow));

function minutes() {
  const now = Date.now();
  const ticks = Array.from({ length: 150 }, (_, i) => i);
  const figure = (slow, low, high) => ticks.map((i) => Math.round(10 * wave(i, slow, low, high)) / 10);
  return {
    ts: ticks.map((i) => now - (150 - i) * 2000),
    cpu: figure(14, 12, 74), memory: figure(60, 41, 47), disk: figure(1000, 63, 63.2),
    network: figure(9, 4e5, 5e6), received: figure(9, 1e5, 9e5), sent: figure(11, 4e5, 4e6),
    load1: figure(18, 0.4, 2.6), load5: figure(40, 0.8, 1.9), load15: figure(90, 1, 1.5),
    connections: ticks.map((i) => Math.round(120 + i / 2 + 30 * Math.sin(i / 20))), rooms: ticks.map((i) => 24 + Math.round(i / 30)),
    messages: figure(13, 40, 260), deliveries: figure(13, 300, 2100),
    server_cpu: figure(12, 3, 24), server_memory: figure(70, 2.4e7, 2.9e7),
  };
}

const busy = { uptime: 1_234_567, plugins: { chat: 4.1, code_update: 2.62, cursor_move: 3.3, draw: 6.94, kanban: 0.21, monitor: 0.04, spreadsheet: 0.87 } };

export default async function scene({ jane, bob }) {
  for (const page of [jane, bob]) {
    await page.routeWebSocket(/\/api\/ws/, (socket) => {
      const server = socket.connectToServer();
      server.onMessage((text) => {
        const { type, content } = JSON.parse(text);
        if (type === 'metrics_history') return;
        if (type === 'system_metrics') {
          const last = Object.entries(minutes()).map(([name, list]) => [name, list.at(-1)]);
          socket.send(JSON.stringify({ type, content: { ...Object.fromEntries(last), ...busy, ts: content.ts } }));
          return;
        }
        socket.send(text);
        if (type === 'welcome') socket.send(JSON.stringify({ type: 'metrics_history', content: minutes() }));
      });
    });
    await page.reload();
    await page.locator('#plugins tr').first().waitFor();
  }
}

// The messages of a large crowd, which the server counts.
export const murmur = (i, n) => ['message', `Number ${n} of person ${i}`];
