// The course of a visit: consent, pairs, thanks.

import { Film, Stage } from "./films.js";
import { inBrowser } from "./in_browser.js";
import { onServer } from "./on_server.js";
import { at, become, complain, is, plain, spaced, tell, write } from "./page.js";

const RETRY = 2000; // milliseconds
const SLOW = 4000; // milliseconds until a rater is told that films still load
const LINK_KEPT = 60_000; // milliseconds
const LEAST = 300; // milliseconds that a pair is there before it can be chosen: no double taps

let study, store, stage;
let visit = null; // {rater, order, answered}
let position = 0; // in the order
let shownAt = null; // when both clips were there; null: not yet, or already chosen
let mayGoBack = false;
const films = new Map(); // by trial: those around the position

async function start() {
  const response = await fetch("about.json");
  study = await response.json();
  if (!response.ok) throw new Error(study.message);
  store = study.orders ? inBrowser(study) : onServer;
  stage = new Stage(study);
  write(at("consent"), study.consent);
  at("keep").hidden = !study.orders;
  at("code").value = remembered() ?? "";
  become("welcome");
}

function remembered(code) {
  try {
    return code === undefined ? sessionStorage.getItem(study.study) : sessionStorage.setItem(study.study, code);
  } catch {
    return null; // a browser that keeps nothing
  }
}

async function enter(asked) {
  complain("");
  try {
    visit = await asked;
  } catch (error) {
    return complain(error.message);
  }
  remembered(spaced(visit.rater));
  at("rater").textContent = spaced(visit.rater);
  const open = visit.order.findIndex(([trial]) => !(trial in visit.answered));
  position = open < 0 ? visit.order.length : open;
  mayGoBack = position > 0;
  at("question").focus();
  scrollTo(0, 0);
  show();
}

/** The film of a place in the order, and no others in memory than its neighbours'. */
function film(place) {
  const near = [place - 1, place, place + 1].map((i) => visit.order[i]?.[0]).filter(Boolean);
  for (const [trial, old] of films) if (!near.includes(trial)) old.release(), films.delete(trial);
  for (const trial of near) if (!films.has(trial)) films.set(trial, new Film(trial));
  return films.get(visit.order[place]?.[0]);
}

async function show() {
  shownAt = null;
  const here = position;
  tell(here, visit.order.length);
  at("back").disabled = at("again").hidden = !mayGoBack;
  mark(true);
  if (here === visit.order.length) return finish();
  become("asking");
  const shown = film(here);
  const slow = setTimeout(() => complain("This pair is still loading."), SLOW);
  await shown.ready;
  clearTimeout(slow);
  if (here !== position) return;
  complain("");
  stage.show(shown, visit.order[here][1]);
  shownAt = performance.now();
  mark(false);
}

function mark(disabled) {
  for (const side of ["left", "right"]) at(side).setAttribute("aria-disabled", disabled);
}

/** side: 0 left, 1 right. */
async function choose(side) {
  const seconds = (performance.now() - shownAt) / 1000;
  if (shownAt === null || seconds * 1000 < LEAST) return;
  shownAt = null;
  mark(true);
  const [trial, left] = visit.order[position];
  const answer = { trial, left, chosen: side ? 1 - left : left, seconds: Math.round(seconds * 1000) / 1000 };
  if (!(await save(answer))) return;
  visit.answered[trial] = answer.chosen;
  position += 1;
  mayGoBack = true;
  show();
}

/** Saves until it is saved; false: it never will be. */
async function save(answer) {
  for (;;) {
    try {
      await store.save(visit.rater, answer);
      complain("");
      return true;
    } catch (error) {
      complain(error.lasting ? error.message : `${error.message} Your choice is not saved yet. Trying again.`);
      if (error.lasting) return false;
    }
    await new Promise((done) => setTimeout(done, RETRY));
  }
}

function back() {
  const waiting = shownAt === null && !is("done"); // a choice is on its way
  if (!mayGoBack || waiting) return;
  position -= 1;
  mayGoBack = false;
  show();
}

function finish() {
  become("done");
  at("thanks").focus();
}

/** Hands the rater the file of the answers so far. */
function keep() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(store.file(visit.rater));
  link.download = `answers-${visit.rater}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), LINK_KEPT);
}

const KEYS = {
  ArrowLeft: () => choose(0),
  1: () => choose(0),
  ArrowRight: () => choose(1),
  2: () => choose(1),
  Backspace: back,
  p: () => stage.toggle(),
  P: () => stage.toggle(),
};

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input")) return;
  if (!(event.key in KEYS) || !(is("asking") || (is("done") && event.key === "Backspace"))) return;
  event.preventDefault();
  KEYS[event.key]();
});
at("left").addEventListener("click", () => choose(0));
at("right").addEventListener("click", () => choose(1));
at("back").addEventListener("click", back);
at("again").addEventListener("click", back);
at("save").addEventListener("click", keep);
at("begin").addEventListener("click", () => enter(store.begin()));
at("resume").addEventListener("submit", (event) => {
  event.preventDefault();
  enter(store.resume(plain(at("code").value)));
});
start().catch((error) => complain(`This study cannot be shown: ${error.message}`));
