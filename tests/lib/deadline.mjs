// Waiting for something to happen, with an end: a test that waits in vain says for what.

export const DEADLINE = 30_000; // ms; generous, because sanitizer builds on a busy machine are slow

// Settles as the promise does, or rejects when the deadline passes first. `details` is asked only then.
export function within(promise, what, { deadline = DEADLINE, details = () => '' } = {}) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${deadline} ms in vain for ${what}\n${details()}`)), deadline);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
