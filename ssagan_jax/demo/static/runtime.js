// The exported generator in this browser: by WebGPU where that gives its clips, else by WebAssembly.

const THREADS = 4; // at most: more gain little and take a tablet's whole processor
const TOLERANCE = 0.02; // of the probe's values, in [-1, 1]: two and a half grey levels

/** An error whose text is for people. */
export class Told extends Error {}

/** What went wrong, for somebody who has never heard of the program. */
export function plainly(error) {
  if (error instanceof Told) return error.message;
  if (typeof WebAssembly === "undefined") return "This browser has no WebAssembly.";
  if (/memory|alloc/i.test(error?.message ?? error))
    return "The model needs more memory than this browser gives it.";
  return "The model does not run in this browser.";
}

/**
 * Loads the program and the model.
 * base: where the files are; told: device.json; wanted: null or {backend, threads}, for measuring;
 * report({done, total}): bytes.
 * Returns {run, backend, threads}; run(pixels: 8-bit [size, size, 3], names) are the network's outputs by name.
 */
export async function open(base, told, wanted, report) {
  const backend = wanted?.backend ?? ((await hasGpu()) ? "webgpu" : "wasm");
  if (backend === "webgpu") {
    try {
      return await start("webgpu", base, told, wanted, report);
    } catch (error) {
      if (wanted?.backend) throw error;
      console.warn(`WebGPU is not used: ${error.message}`);
    }
  }
  return start("wasm", base, told, wanted, report);
}

async function hasGpu() {
  try {
    return Boolean(await navigator.gpu?.requestAdapter());
  } catch {
    return false;
  }
}

async function start(backend, base, told, wanted, report) {
  const [script, program] = told[backend];
  const loaded = await fetched(base, [program, told.model], told.files, report);
  const runtime = await import(base + script);
  // Threads share memory, which only isolated pages have: those of localhost and https.
  const most = wanted?.threads ?? Math.min(THREADS, navigator.hardwareConcurrency || 1);
  const threads = self.crossOriginIsolated && backend === "wasm" ? most : 1;
  runtime.env.wasm.numThreads = threads;
  runtime.env.wasm.wasmBinary = loaded[program];
  runtime.env.logLevel = "error";
  const session = await runtime.InferenceSession.create(loaded[told.model], {
    executionProviders: [backend],
    logSeverityLevel: 3,
  });
  const shape = [1, told.size, told.size, 3];
  const ask = async (photo, names) => {
    const made = await session.run({ photo: new runtime.Tensor("float32", photo, shape) }, names);
    const values = await Promise.all(names.map((name) => made[name].getData()));
    return Object.fromEntries(names.map((name, i) => [name, values[i]]));
  };
  if (backend === "webgpu") await check(ask, told);
  const run = (pixels, names) => ask(Float32Array.from(pixels, (x) => x / 127.5 - 1), names);
  return { run, backend, threads };
}

/** Whether a clip is what it is elsewhere: drivers of GPUs differ. */
async function check(ask, { size, probe }) {
  const photo = Float32Array.from({ length: size * size * 3 }, (_, i) => ((i * 31) % 256) / 127.5 - 1);
  const { clip: values } = await ask(photo, ["clip"]);
  const apart = probe.map((x, i) =>
    Math.abs(x - values[Math.floor((i * values.length) / probe.length)]),
  );
  const most = Math.max(...apart);
  if (!(most <= TOLERANCE)) throw new Error(`its clips differ, by up to ${most.toFixed(3)} of 2.`);
}

function next(reader) {
  return reader.read().catch(() => {
    throw new Told("The connection broke off. Try again.");
  });
}

async function fetched(base, names, files, report) {
  const total = names.reduce((sum, name) => sum + files[name].bytes, 0);
  let done = 0;
  const got = {};
  for (const name of names) {
    const response = await fetch(base + name).catch(() => {
      throw new Told("The server does not answer. Is it still running?");
    });
    if (!response.ok) throw new Told(`The server has no ${name} any more. Load the page again.`);
    const content = new Uint8Array(files[name].bytes);
    const reader = response.body.getReader();
    for (let at = 0, part; !(part = await next(reader)).done; at += part.value.length) {
      content.set(part.value, at);
      report({ done: (done += part.value.length), total });
    }
    got[name] = content;
  }
  return got;
}
