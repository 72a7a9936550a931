// The page: empty -> chosen -> working -> ready, and back.

import * as api from "./api.js";
import { Compare } from "./compare.js";
import { Course } from "./course.js";
import { choose, editWhatMoves } from "./editing.js";
import { takePhotosFor } from "./intake.js";
import { Keeping } from "./keeping.js";
import { Live, largest } from "./live.js";
import { OnServer } from "./on_server.js";
import { at, become, chosen, fit, is, label, offerFullScreen, order, painting, range, say, tint, work } from "./page.js";
import { Painter } from "./painter.js";
import { prepare } from "./photo.js";
import { Place } from "./place.js";
import { ServerScenes } from "./server_scenes.js";

const HINT = "Drag on the picture: the wind turns.";
const PLAYS = ["play", "pause"]; // events
const LIMITS = { side: 1280, step: 16, least: 1 };

const still = matchMedia("(prefers-reduced-motion: reduce)");

let photo = null; // {blob, width, height, url}
let taking = null; // the file that is read
let film = null; // what plays on a canvas: a clip that was made here, or the photo blown
let player = at("clip"); // what plays: the video of the server, or the film
let known = {}; // what the server told of itself and its model
let current = null; // AbortController of what is going on
let reduced = null; // why photos are smaller here than the server takes them

const server = new OnServer();
const scenes = new ServerScenes();
const place = new Place({ where: at("where"), here: at("here"), megabytes: at("megabytes"), changed: moved });
const brush = () => ({ width: Number(at("width").value), erase: chosen("tool") === "erase" });
const painter = new Painter(at("paint"), at("brush"), brush, () => live.film?.masked());
const live = new Live({ holder: at("film"), painter });
const course = new Course({ live, usable: () => blown() && is("ready") && !painting() && !keeping.busy });
const seen = () => ({ photo, film, signal: current?.signal });
const keeping = new Keeping({ place, live, painter, seen });
const compare = new Compare(() => is("ready") && !painting() && !blown());

/** Whether the page blows photos by itself, where clips are made now. */
function blown() {
  return Boolean(place.here ? place.device.told.blows : known.blows);
}

async function take(file) {
  if (!file) return;
  taking = file;
  say("");
  let taken;
  try {
    await started; // else a photo might be sent that shall stay here
    taken = await prepare(file, LIMITS);
  } catch (error) {
    return say(error.message, true); // what was there stays
  }
  if (taking !== file) return; // another one was chosen meanwhile
  end();
  if (photo) URL.revokeObjectURL(photo.url);
  photo = { ...taken, url: URL.createObjectURL(taken.blob) };
  at("photo").src = photo.url;
  fit(photo);
  painter.reset(photo.width, photo.height, blown());
  course.reset();
  if (chosen("moves") === "painted") choose("everything");
  if (!place.broken) return make();
  become("chosen", blown());
  warn();
}

/** Who chose that nothing is uploaded is told where that cannot be, and asked first. */
function warn() {
  const instead = "“Make the clip” sends the photo to the computer that serves this page.";
  if (place.broken) say(`You chose to make clips on this device, but ${place.broken} ${instead}`, true);
}

async function make() {
  const moves = chosen("moves");
  if ((blown() ? painter.edited : moves === "painted") && painter.empty)
    return say("Nothing is painted yet: paint over what may move.", true);
  end();
  const { here } = place;
  if (!here) place.elsewhere();
  const { signal } = (current = new AbortController());
  say("");
  work("One moment", null);
  become("working", blown());
  at("stop").focus({ preventScroll: true });
  try {
    await (blown() ? blow : here ? makeHere : makeThere)({ ...order(), moves }, signal);
  } catch (error) {
    if (signal.aborted) return;
    end();
    become("chosen", blown());
    const own = here && !(error instanceof api.Refusal);
    at("instead").hidden = !own;
    say(own ? `It could not be made on this device: ${error.message}` : error.message, true);
  }
}

async function makeThere(order, signal) {
  const mask = order.moves === "painted" ? await painter.png() : null;
  const seed = at("seed").value || "0";
  await server.make({ photo, mask, order: { ...order, seed }, signal, report: work });
  at("before").src = at("clip").poster = at("photo").src = server.file("photo.jpg");
  at("mp4").href = at("clip").src = server.file("clip.mp4");
  at("gif").href = server.file("clip.gif");
  await show(at("clip"), "The clip is ready.");
  server.stay(signal).then(() => {
    if (!signal.aborted)
      say("The clip is no longer on the server. Make it again to download it.");
  });
}

async function makeHere(order, signal) {
  const begun = performance.now();
  const canvas = document.createElement("canvas");
  at("film").replaceChildren(canvas);
  const painted = order.moves === "painted" ? painter.numbers() : null;
  film = await place.device.make({ photo, painted, order, canvas, signal, report: work });
  film.addEventListener("lost", () => {
    end();
    become("chosen", blown());
    say("The browser took the clip's memory back. Make it again.", true);
  });
  await showFilm(`Made on this device in ${seconds(begun)} s (${place.nameOf(film.made)}). Nothing was uploaded.`);
}

async function blow({ speed, seconds: length }, signal) {
  const begun = performance.now();
  const source = place.here ? place.device : scenes;
  film = await live.make({ photo, source, speed, seconds: length, signal, report: work });
  course.show();
  const found = place.here ? ` Found on this device in ${seconds(begun)} s (${place.nameOf(live.scene)}). Nothing was uploaded.` : "";
  const why = photo.reduced && reduced ? ` The photo is shown at ${photo.width} x ${photo.height} pixels: ${reduced}.` : "";
  await showFilm(HINT + found + why);
}

async function showFilm(text) {
  for (const event of PLAYS) film.addEventListener(event, told);
  at("before").src = at("photo").src = photo.url;
  if (place.here) at("loads").hidden = true;
  await show(film, text);
}

const seconds = (begun) => ((performance.now() - begun) / 1000).toFixed(1);

/** Plays what was made: the video element, or a film. */
async function show(made, text) {
  player = made;
  document.body.classList.toggle("film", made === film);
  tint(false);
  compare.reset();
  become("ready", blown());
  if (!still.matches && !blown()) compare.wipe();
  say(text);
  at("play").focus({ preventScroll: true });
  if (!still.matches) await player.play().catch(() => {}); // some tablets save power: a tap plays
  told();
}

/** Clips are made elsewhere than before. */
function moved(here) {
  at("chance").hidden = here || !known.draws_noise;
  const before = document.body.classList.contains("live");
  document.body.classList.toggle("live", blown());
  if (!photo || is("working") || (!before && !blown())) return;
  end(); // also a photo that is blown: what is painted on it would go where its scene came from
  if (before !== blown()) painter.reset(photo.width, photo.height, blown());
  become("chosen", blown());
}

/** Ends what is going on, here and on the server. */
function end() {
  current?.abort();
  current = null;
  at("instead").hidden = true;
  player.pause();
  server.leave();
  film?.close();
  live.close();
  keeping.forget();
  film = null;
}

function stop() {
  end();
  become("chosen", blown());
  say("Stopped.");
  at("make").focus();
}

function again() {
  end();
  at("clip").removeAttribute("src");
  URL.revokeObjectURL(photo.url);
  photo = taking = null;
  choose("everything");
  become("empty", blown());
  say("");
  at("file").focus();
}

function told() {
  at("play").textContent = player.paused ? "Play" : "Pause";
}

async function start() {
  known = await api.about();
  Object.assign(LIMITS, { side: known.side, step: known.step, least: known.size });
  for (const [id, limits] of [["speed", known.speeds], ["seconds", known.seconds], ["seed", known.seeds]])
    range(at(id), limits);
  await place.offer(known.device);
  if (known.blows || place.device?.told.blows) ({ side: LIMITS.side, why: reduced } = largest(known.side));
  warn();
  at("kept").textContent = known.kept_minutes;
  label();
}

takePhotosFor(take);
editWhatMoves({ live, painter, seen, hint: HINT });
offerFullScreen();
at("panel").addEventListener("submit", (event) => {
  event.preventDefault();
  if (!at("make").hidden) make(); // by the key Enter, in a field
});
at("stop").addEventListener("click", stop);
at("again").addEventListener("click", again);
at("dice").addEventListener("click", () => {
  at("seed").value = Math.floor(Math.random() * 10_000);
  make();
});
for (const id of ["speed", "seconds"])
  at(id).addEventListener("input", () => {
    label();
    live.film ? live.film.blow(order()) : film?.time(order());
  });
at("instead").addEventListener("click", () => (place.elsewhere(), make()));
at("play").addEventListener("click", () => (player.paused ? player.play() : player.pause()));
for (const event of PLAYS) at("clip").addEventListener(event, told);
addEventListener("pagehide", end);
addEventListener("pageshow", (event) => {
  if (event.persisted && photo) become("chosen", blown()); // back again: the clip was given up
});

at("chance").hidden = true;
const started = start();
started.catch((error) => say(error.message, true));
