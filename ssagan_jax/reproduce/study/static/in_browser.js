// Answers that stay in this browser until the rater saves them as a file.

import { Refusal } from "./on_server.js";

const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"; // 32, as answers.py has them
const NOT_KEPT = "This browser keeps nothing for this page. Allow it to, or take another one.";

function random(count) {
  return crypto.getRandomValues(new Uint8Array(count));
}

/** As onServer; study: with `names` of trials and `orders`, one of which is drawn. */
export function inBrowser(study) {
  const key = (rater) => `${study.study}/${rater}`;

  function put(rater, kept) {
    try {
      localStorage.setItem(key(rater), JSON.stringify(kept));
    } catch {
      throw new Refusal(NOT_KEPT, true);
    }
  }

  function get(rater) {
    try {
      return JSON.parse(localStorage.getItem(key(rater)));
    } catch {
      throw new Refusal(NOT_KEPT, true);
    }
  }

  function told(rater, kept) {
    const order = study.orders[kept.order].map(([trial, left]) => [study.names[trial], left]);
    const answered = Object.fromEntries(Object.values(kept.answers).map((x) => [x.trial, x.chosen]));
    return { rater, order, answered };
  }

  return {
    async begin() {
      const rater = [...random(8)].map((x) => LETTERS[x % LETTERS.length]).join("");
      const kept = { order: random(1)[0] % study.orders.length, answers: {} };
      put(rater, kept);
      return told(rater, kept);
    },
    async resume(code) {
      const kept = get(code);
      if (!kept) throw new Refusal("Nobody has this code in this browser. Look at it again, or begin anew.", true);
      return told(code, kept);
    },
    async save(rater, answer) {
      const kept = get(rater);
      if (!kept) throw new Refusal(NOT_KEPT, true); // cleared meanwhile
      kept.answers[answer.trial] = answer;
      put(rater, kept);
    },
    /** The file to be sent. */
    file(rater) {
      const content = { schema: study.schema, study: study.study, rater, answers: Object.values(get(rater).answers) };
      return new Blob([JSON.stringify(content)], { type: "application/json" });
    },
  };
}
