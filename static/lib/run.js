// Runs an untrusted JavaScript program:
//
//   const program = run('console.log(1 + 1)', {
//     onLines: (lines) => …,   // new output, a list of { kind, text }; kind is log, info, debug, warn or error
//     onEnd: (why) => …,       // 'end', or 'too much' if it has written more than a person would read
//   });
//   program.stop();                    // at any time, an endless loop included
//
// The program runs in a worker in a frame without an origin, see run.sandbox.html. It has no access to the page and its content, to
// cookies, to storage, to this server or any other. It can still do what any worker can: keep a processor busy and fill memory, until
// it is stopped.

const MOST = { lines: 1000, characters: 200_000 };
const EVERY = 50; // ms between two calls of onLines: laying out each line separately would block the page

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
  frame.onload = () => frame.contentWindow.postMessage({ code, most: MOST }, '*', [theirs]); // a frame without an origin can only be addressed as *
  document.body.append(frame);
  return { stop };
}
