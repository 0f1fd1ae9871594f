// Waits for events with a deadline: a test that waits in vain says what it waited for.

// How many times slower pages run, set by hand: see chromium.mjs.
export const SLOWDOWN = Number(process.env.HUBBUB_SLOWDOWN ?? 1);
// ms. Nothing that works takes this long, even on a slow machine and with sanitizers.
export const DEADLINE = 120_000 * SLOWDOWN;

// Settles as the promise does, or rejects if the deadline passes first; only then `details` is called.
export function within(promise, what, { deadline = DEADLINE, details = () => '' } = {}) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${deadline} ms in vain for ${what}\n${details()}`)), deadline);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// ms between two looks at something that has no event to tell that it has changed. More often, looking would take as much of the processor
// as what is looked for.
export const PACE = 50;
export const breath = () => new Promise((resolve) => { setTimeout(resolve, PACE); }); // the pace of looking, not a wait
