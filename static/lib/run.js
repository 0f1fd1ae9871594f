// Runs a JavaScript program that anybody may have written:
//
//   const program = run('console.log(1 + 1)', {
//     onLines: (lines) => …,   // what it has written since, a list of { kind, text }; kind is log, info, debug, warn or error
//     onEnd: (why) => …,       // 'end', or 'too much' when it has written more than a person would read
//   });
//   program.stop();                    // at any time, an endless loop included
//
// The program runs in a worker in a frame without an origin, see run.sandbox.html. It cannot get at the page and what is in it,
// at cookies, at storage, at this or another server. What it can do is what any worker can: keep a processor busy and fill
// memory, until it is stopped.

const MOST = { lines: 1000, characters: 200_000 };
const EVERY = 50; // ms between two times that lines are handed on: to lay out each by itself would hold up the page

export function run(code, { onLines, onEnd }) {
  const frame = document.createElement('iframe');
  const { port1: port, port2: theirs } = new MessageChannel();
  const left = { ...MOST };
  let gathered = [];
  let timer;
  const hand = () => {
    timer = undefined;
    if (gathered.length) onLines(gathered);
    gathered = [];
  };
  const stop = () => {
    clearTimeout(timer);
    hand();
    port.close();
    port.onmessage = null;
    frame.remove();
  };
  const end = (why) => {
    stop();
    onEnd(why);
  };
  port.onmessage = ({ data: { kind, text } }) => {
    if (kind === 'end') return end('end');
    const line = { kind: String(kind), text: String(text) };
    left.lines -= 1;
    left.characters -= line.text.length;
    if (left.lines < 0 || left.characters < 0) return end('too much');
    gathered.push(line);
    timer ??= setTimeout(hand, EVERY);
  };
  frame.hidden = true;
  frame.title = 'A program that runs';
  frame.sandbox = 'allow-scripts';
  frame.src = new URL('run.sandbox.html', import.meta.url);
  frame.onload = () => frame.contentWindow.postMessage({ code, most: MOST }, '*', [theirs]); // without an origin it can only be called *
  document.body.append(frame);
  return { stop };
}
