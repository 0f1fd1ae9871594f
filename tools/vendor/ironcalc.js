// An engine that computes the formulas of a sheet as Excel does, in WebAssembly. compile() is done once for as many workers as
// there are, and gives what start() takes: the engine, with a bound for the memory that formulas can take.
import init, { Model } from '@ironcalc/wasm';
import wasm from '@ironcalc/wasm/wasm_bg.wasm';

const PAGES = 512 * 16; // of 64 KiB: 512 MiB. A full sheet of 50,000 cells takes a quarter of it
const MEMORY = 5; // the section of a module that says how large its memory is

export { Model };
export const start = (module) => init({ module_or_path: module });

export async function compile() {
  const answer = await fetch(new URL(wasm, import.meta.url));
  if (!answer.ok) throw new Error(`${answer.status}`);
  return WebAssembly.compile(bounded(new Uint8Array(await answer.arrayBuffer()), PAGES));
}

// The module, with a memory that grows up to so many pages. The format is that of the WebAssembly specification, 5.5.
function bounded(module, pages) {
  for (let at = 8; at < module.length;) {
    const [size, content] = readNumber(module, at + 1);
    if (module[at] !== MEMORY) {
      at = content + size;
      continue;
    }
    const [least] = readNumber(module, content + 2); // after the number of memories, which is 1, and a flag
    const memory = [1, 1, ...writtenNumber(least), ...writtenNumber(Math.max(least, pages))];
    return joined(module.subarray(0, at), [MEMORY, ...writtenNumber(memory.length), ...memory], module.subarray(content + size));
  }
  return module;
}

function joined(...parts) {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function readNumber(bytes, at) {
  let number = 0;
  for (let shift = 0; ; shift += 7, at += 1) {
    number |= (bytes[at] & 127) << shift;
    if (bytes[at] < 128) return [number, at + 1];
  }
}

const writtenNumber = (number) => (number < 128 ? [number] : [(number & 127) | 128, ...writtenNumber(number >> 7)]);
