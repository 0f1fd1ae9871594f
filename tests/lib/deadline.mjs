// Waiting for something to happen, with an end: a test that waits in vain says for what.

// How many times slower pages are made, by hand: see chromium.mjs.
export const SLOWDOWN = Number(process.env.HUBBUB_SLOWDOWN ?? 1);
// ms; for what never happens. However slow a machine is, and with sanitizers, nothing takes that long.
export const DEADLINE = 120_000 * SLOWDOWN;

// Settles as the promise does, or rejects when the deadline passes first. `details` is asked only then.
export function within(promise, what, { deadline = DEADLINE, details = () => '' } = {}) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${deadline} ms in vain for ${what}\n${details()}`)), deadline);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
