// Runs a JavaScript program that anybody may have written:
//
//   const program = run('console.log(1 + 1)', {
//     onLine: ({ kind, text }) => …,   // kind is log, info, debug, warn or error
//     onEnd: (why) => …,               // 'end', or 'too much' when it has written more than a person would read
//   });
//   program.stop();                    // at any time, an endless loop included
//
// The program runs in a worker in a frame without an origin, see run.sandbox.html. It cannot get at the page and what is in it,
// at cookies, at storage, at this or another server. What it can do is what any worker can: keep a processor busy and fill
// memory, until it is stopped.

const LINES = 1000;

export function run(code, { onLine, onEnd }) {
  const frame = document.createElement('iframe');
  const { port1: port, port2: theirs } = new MessageChannel();
  let lines = 0;
  const stop = () => {
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
    if (lines === LINES) return end('too much');
    lines += 1;
    return onLine({ kind: String(kind), text: String(text) });
  };
  frame.hidden = true;
  frame.title = 'A program that runs';
  frame.sandbox = 'allow-scripts';
  frame.src = new URL('run.sandbox.html', import.meta.url);
  frame.onload = () => frame.contentWindow.postMessage(code, '*', [theirs]); // without an origin it can only be called *
  document.body.append(frame);
  return { stop };
}
