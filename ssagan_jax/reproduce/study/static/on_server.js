// Answers that the server keeps.

/** What went wrong, in words; `lasting`: trying again does not help. */
export class Refusal extends Error {
  constructor(text, lasting) {
    super(text);
    this.lasting = lasting;
  }
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Refusal("The server does not answer.", false);
  }
  if (response.ok) return response.status === 204 ? null : response.json();
  const told = await response.json().catch(() => ({}));
  const lasting = [400, 403, 404, 413].includes(response.status);
  throw new Refusal(told.message || `The server refused this (${response.status}).`, lasting);
}

/** begin and resume: {rater, order: [[trial, left], ...], answered: {trial: half}}. */
export const onServer = {
  begin: () => ask("raters", { method: "POST" }),
  resume: (code) => ask(`raters/${encodeURIComponent(code)}`),
  save: (rater, answer) =>
    ask(`raters/${rater}/answers`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(answer),
    }),
};
