// An engine that computes the formulas of a sheet as Excel does, in WebAssembly. It asks for nothing before start().
import init, { Model } from '@ironcalc/wasm';
import wasm from '@ironcalc/wasm/wasm_bg.wasm';

export { Model };
export const start = () => init({ module_or_path: new URL(wasm, import.meta.url) });
