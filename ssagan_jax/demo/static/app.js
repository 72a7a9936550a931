// The page: empty -> chosen -> working -> ready, and back.

import * as api from "./api.js";
import { Arrow } from "./arrow.js";
import { Compare } from "./compare.js";
import { Live, largest } from "./live.js";
import { OnServer } from "./on_server.js";
import { Painter } from "./painter.js";
import { prepare } from "./photo.js";
import { Place } from "./place.js";
import { Saving, canShare } from "./saving.js";

const KEPT = 60_000; // milliseconds: a recorded file, for the browser to store it
const HINT = "Drag on the picture: the wind turns.";
const LIMITS = { side: 1280, step: 16, least: 1 };

const at = (id) => document.getElementById(id);
const chosen = (name) => document.querySelector(`input[name="${name}"]:checked`).value;
const still = matchMedia("(prefers-reduced-motion: reduce)");

let photo = null; // {blob, width, height, url}
let film = null; // a clip that was made here
let player = at("clip"); // what plays: the video of the server, or the film
let drawsNoise = false; // whether the server's model has a seed
let current = null; // AbortController of what is going on
let blows = false; // whether the server's model says how the page can blow a photo
let reduced = null; // why photos are smaller here than the server takes them

const server = new OnServer();
const place = new Place({
  where: at("where"),
  here: at("here"),
  megabytes: at("megabytes"),
  changed: (here) => moved(here),
});
const painter = new Painter(
  at("paint"),
  at("brush"),
  () => ({ width: Number(at("width").value), erase: chosen("tool") === "erase" }),
  () => live.film?.masked(),
);
const live = new Live({ holder: at("film"), painter });
const arrow = new Arrow({
  frame: at("frame"),
  element: at("arrow"),
  usable: () => blown() && is("ready") && !painting(),
  turned: (degrees) => live.turn(degrees),
});
const saving = new Saving(async () => ({
  photo,
  mask: painter.edited ? await painter.png() : null,
  order: { ...order(), moves: painter.edited ? "painted" : "sky", wind: live.wind.join(",") },
}));
const compare = new Compare({
  frame: at("frame"),
  before: at("before"),
  divider: at("divider"),
  slider: at("compare"),
  usable: () => is("ready") && !painting() && !blown(),
});

const is = (state) => document.body.dataset.state === state;
const blown = () => blows && !place.here;
const painting = () => document.body.classList.contains("painting");

function lock(locked) {
  for (const field of at("panel").querySelectorAll("input, button")) field.disabled = locked;
}

function become(state) {
  document.body.dataset.state = state;
  document.body.classList.toggle("live", blown());
  lock(state === "working");
  at("make").hidden = blown() && state === "ready";
  at("make").textContent = state === "ready" ? "Make it again" : "Make the clip";
  // Where it is made is chosen before there is a photo, and then with the rest.
  state === "empty" ? at("drop").append(at("where")) : at("make").before(at("where"));
}

function say(text, error = false) {
  at("status").textContent = text;
  at("status").classList.toggle("error", error);
}

async function take(file) {
  if (!file) return;
  say("");
  let taken;
  try {
    await started; // else a photo might be sent that shall stay here
    taken = await prepare(file, LIMITS);
  } catch (error) {
    return say(error.message, true); // what was there stays
  }
  end();
  if (photo) URL.revokeObjectURL(photo.url);
  photo = { ...taken, url: URL.createObjectURL(taken.blob) };
  at("photo").src = photo.url;
  fit();
  painter.reset(photo.width, photo.height, blown());
  if (chosen("moves") === "painted") choose("everything");
  if (!place.broken) return make();
  become("chosen");
  warn();
}

/** Who chose that nothing is uploaded is told where that cannot be, and asked first. */
function warn() {
  const instead = "“Make the clip” sends the photo to the computer that serves this page.";
  if (place.broken) say(`You chose to make clips on this device, but ${place.broken} ${instead}`, true);
}

/** The frame as large as the window allows, in the photo's shape. */
function fit() {
  const { width, height } = photo;
  at("frame").style.aspectRatio = `${width} / ${height}`;
  at("frame").style.width = `min(100%, calc(78vh * ${width / height}))`;
}

function choose(moves) {
  document.querySelector(`input[name="moves"][value="${moves}"]`).checked = true;
  tint(moves === "painted");
  if (moves === "painted") say("Paint, then make the clip again.");
}

async function make() {
  const moves = chosen("moves");
  if ((blown() ? painter.edited : moves === "painted") && painter.empty)
    return say("Nothing is painted yet: paint over what may move.", true);
  end();
  const { here } = place;
  if (!here) place.elsewhere();
  const going = (current = new AbortController());
  say("");
  work("One moment", null);
  become("working");
  at("stop").focus({ preventScroll: true });
  try {
    await (here ? makeHere : blows ? blow : makeThere)({ ...order(), moves }, going.signal);
  } catch (error) {
    if (going.signal.aborted) return;
    end();
    become("chosen");
    const own = here && !(error instanceof api.Refusal);
    at("instead").hidden = !own;
    say(own ? `It could not be made on this device: ${error.message}` : error.message, true);
  }
}

const order = () => ({ speed: Number(at("speed").value), seconds: Number(at("seconds").value) });

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

/** Clips are made elsewhere than before. */
function moved(here) {
  at("chance").hidden = here || !drawsNoise;
  const before = document.body.classList.contains("live");
  document.body.classList.toggle("live", blown());
  if (before === blown() || !photo || is("working")) return;
  end();
  painter.reset(photo.width, photo.height, blown());
  become("chosen");
}

async function blow({ speed }, signal) {
  film = await live.make({ photo, speed, signal, report: work });
  for (const event of ["play", "pause"]) film.addEventListener(event, told);
  arrow.show(live.degrees);
  at("before").src = photo.url;
  const why = photo.reduced && reduced ? ` The photo is shown at ${photo.width} x ${photo.height} pixels: ${reduced}.` : "";
  await show(film, HINT + why);
}

/** Shows what moves, to be painted. */
function tint(shown) {
  document.body.classList.toggle("painting", shown);
  at("edit").setAttribute("aria-pressed", shown);
  at("edit").textContent = shown ? "Done" : "Change it";
}

/** Painting what moves begins, or ends: then the server fills in what is behind what stands still. */
async function edit() {
  const begins = !painting();
  tint(begins);
  if (begins) return say("What is tinted moves: paint more, or erase.");
  say(live.film ? HINT : "");
  if (!live.film || !painter.edited) return;
  try {
    await live.refresh({ photo, signal: current.signal });
  } catch (error) {
    if (error.name !== "AbortError") say(error.message, true);
  }
}

/** Asks the server for the clip that is seen, and stores or shares it; meanwhile it goes on blowing. */
async function keep(how) {
  const { signal } = current;
  const buttons = ["save-mp4", "save-gif", "share"].map(at);
  for (const button of buttons) button.disabled = true;
  const report = (text, told) => say(told ? `${text}: ${told.done} of ${told.total}` : `${text}.`);
  try {
    if (how === "share") {
      const done = await saving.share(signal, report);
      say(done ? "" : "The clip is ready: press Share once more.");
    } else say(`Saved as ${await saving.save(how, signal, report)}.`);
  } catch (error) {
    if (!signal.aborted) say(error.message, true);
  }
  for (const button of buttons) button.disabled = false;
}

async function makeHere(order, signal) {
  const begun = performance.now();
  const canvas = document.createElement("canvas");
  at("film").replaceChildren(canvas);
  const painted = order.moves === "painted" ? painter.numbers() : null;
  film = await place.device.make({ photo, painted, order, canvas, signal, report: work });
  for (const event of ["play", "pause"]) film.addEventListener(event, told);
  film.addEventListener("lost", () => {
    end();
    become("chosen");
    say("The browser took the clip's memory back. Make it again.", true);
  });
  at("before").src = at("photo").src = photo.url;
  at("loads").hidden = true;
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  const by = place.nameOf(film.made);
  await show(film, `Made on this device in ${seconds} s (${by}). Nothing was uploaded.`);
}

function work(text, told) {
  if (at("doing").textContent !== text) {
    at("doing").textContent = text;
    say(text + ".");
  }
  const progress = at("progress");
  if (told) [progress.max, progress.value] = [told.total, told.done];
  else progress.removeAttribute("value");
}

/** Plays what was made: the video element, or a film. */
async function show(made, text) {
  player = made;
  document.body.classList.toggle("film", made === film);
  tint(false);
  compare.reset();
  become("ready");
  if (!still.matches && !blown()) compare.wipe();
  say(text);
  at("play").focus({ preventScroll: true });
  if (!still.matches) await player.play().catch(() => {}); // some tablets save power: a tap plays
  told();
}

/** Records the loop of a film, which takes as long as it lasts. */
async function save() {
  const { signal } = current;
  const button = at("save");
  lock(true);
  at("play").disabled = true; // it would draw between the recorder's frames
  try {
    const told = (share) => (button.textContent = `Recording ${Math.round(100 * share)} %`);
    const { blob, ending } = await film.record(told, signal);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `moving-sky.${ending}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), KEPT);
    say(`Saved as moving-sky.${ending}.`);
  } catch (error) {
    if (!signal.aborted) say(error.message, true);
  }
  button.textContent = "Save as a video";
  at("play").disabled = false;
  lock(is("working"));
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
  saving.forget();
  film = null;
}

function stop() {
  end();
  become("chosen");
  say("Stopped.");
  at("make").focus();
}

function again() {
  end();
  at("clip").removeAttribute("src");
  URL.revokeObjectURL(photo.url);
  photo = null;
  choose("everything");
  become("empty");
  say("");
  at("file").focus();
}

function told() {
  at("play").textContent = player.paused ? "Play" : "Pause";
}

function label() {
  at("speed-told").textContent = `${Number(at("speed").value)} ×`;
  at("seconds-told").textContent = `${at("seconds").value} s`;
}

function range(input, [low, high]) {
  [input.min, input.max] = [low, high];
}

async function start() {
  const known = await api.about();
  [LIMITS.side, LIMITS.step] = [known.side, known.step];
  range(at("speed"), known.speeds);
  range(at("seconds"), known.seconds);
  range(at("seed"), known.seeds);
  drawsNoise = known.draws_noise;
  blows = known.blows;
  LIMITS.least = known.size;
  if (blows) ({ side: LIMITS.side, why: reduced } = largest(known.side));
  await place.offer(known.device);
  warn();
  at("kept").textContent = known.kept_minutes;
  label();
}

for (const id of ["file", "camera"])
  at(id).addEventListener("change", (event) => {
    take(event.target.files[0]);
    event.target.value = ""; // so that the same photo can be taken once more
  });
for (const example of at("examples").querySelectorAll("button"))
  example.addEventListener("click", async () =>
    take(await (await fetch(example.querySelector("img").src)).blob()),
  );
at("edit").addEventListener("click", edit);
for (const kind of ["mp4", "gif"]) at(`save-${kind}`).addEventListener("click", () => keep(`clip.${kind}`));
at("share").addEventListener("click", () => keep("share"));
at("share").hidden = !canShare();
at("full").hidden = !document.fullscreenEnabled;
at("full").addEventListener("click", () =>
  document.fullscreenElement ? document.exitFullscreen() : at("frame").requestFullscreen(),
);
at("panel").addEventListener("submit", (event) => (event.preventDefault(), make()));
at("stop").addEventListener("click", stop);
at("again").addEventListener("click", again);
at("clear").addEventListener("click", () => (live.film ? live.forget() : painter.clear()));
at("dice").addEventListener("click", () => {
  at("seed").value = Math.floor(Math.random() * 10_000);
  make();
});
for (const id of ["speed", "seconds"])
  at(id).addEventListener("input", () => {
    label();
    live.film ? live.film.blow(order()) : film?.time(order());
  });
at("save").addEventListener("click", save);
at("instead").addEventListener("click", () => (place.elsewhere(), make()));
for (const radio of document.getElementsByName("moves"))
  // Not "change": once there is a clip, the same choice leads back to what was painted.
  radio.addEventListener("click", () => choose(radio.value));
at("play").addEventListener("click", () => (player.paused ? player.play() : player.pause()));
for (const event of ["play", "pause"]) at("clip").addEventListener(event, told);

addEventListener("dragover", (event) => {
  event.preventDefault();
  document.body.classList.add("over");
});
addEventListener("dragleave", () => document.body.classList.remove("over"));
addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("over");
  if (!is("working")) take(event.dataTransfer.files[0]);
});
addEventListener("pagehide", end);
addEventListener("pageshow", (event) => {
  if (event.persisted && photo) become("chosen"); // back again: the clip was given up
});

at("chance").hidden = true;
const started = start();
started.catch((error) => say(error.message, true));
