// What the page says to its server.

/** The server's one line of text about what went wrong; `status` of HTTP, 0 without an answer. */
export class Refusal extends Error {
  constructor(text, status = 0) {
    super(text);
    this.status = status;
  }
}

async function answer(path, options = {}) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal("The server does not answer. Is it still running?");
  }
  if (response.ok) return response.status === 204 ? null : response.json();
  const told = await response.json().catch(() => ({}));
  throw new Refusal(told.message || `The server refused this (${response.status}).`, response.status);
}

export const about = () => answer("/api/about");

/** What devices can make clips with; base: where the server has it. */
export const described = (base) => answer(`${base}device.json`);

/** Sends a photo, and a mask or null; order: speed, seconds, seed, moves. */
export function send(photo, mask, order, signal) {
  const query = new URLSearchParams(order);
  if (mask) query.set("mask_bytes", mask.size);
  return answer(`/api/clips?${query}`, {
    method: "POST",
    headers: { "Content-Type": "application/octet-stream" },
    body: new Blob(mask ? [photo, mask] : [photo]),
    signal,
  });
}

export const state = (name, signal) => answer(`/api/clips/${name}`, { signal });

export const file = (name, which) => `/api/clips/${name}/${which}`;

/** Says that nobody needs a clip any more; works while the page closes, too. */
export const leave = (name) => navigator.sendBeacon(`/api/clips/${name}/leave`);
