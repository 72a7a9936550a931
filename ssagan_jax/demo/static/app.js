// The page: empty -> chosen -> working -> ready, and back.

import * as api from "./api.js";
import { Compare } from "./compare.js";
import { Painter } from "./painter.js";
import { prepare } from "./photo.js";

const POLL = 600; // milliseconds, while a clip is made
const STAY = 30_000; // and while it is looked at
const LIMITS = { side: 1280, step: 16 };

const at = (id) => document.getElementById(id);
const chosen = (name) => document.querySelector(`input[name="${name}"]:checked`).value;
const still = matchMedia("(prefers-reduced-motion: reduce)");

let photo = null; // {blob, width, height, url}
let clip = null; // the name of the clip on the server
let current = null; // AbortController of what is going on

const painter = new Painter(at("paint"), at("brush"), () => ({
  width: Number(at("width").value),
  erase: chosen("tool") === "erase",
}));
const compare = new Compare({
  frame: at("frame"),
  before: at("before"),
  divider: at("divider"),
  slider: at("compare"),
  usable: () => is("ready") && !painting(),
});

const is = (state) => document.body.dataset.state === state;
const painting = () => document.body.classList.contains("painting");

function become(state) {
  document.body.dataset.state = state;
  for (const field of at("panel").querySelectorAll("input, button"))
    field.disabled = state === "working";
  at("make").textContent = clip ? "Make it again" : "Make the clip";
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
    taken = await prepare(file, LIMITS);
  } catch (error) {
    return say(error.message, true); // what was there stays
  }
  end();
  if (photo) URL.revokeObjectURL(photo.url);
  photo = { ...taken, url: URL.createObjectURL(taken.blob) };
  at("photo").src = photo.url;
  fit();
  painter.reset(photo.width, photo.height);
  if (chosen("moves") === "painted") choose("everything");
  await make();
}

/** The frame as large as the window allows, in the photo's shape. */
function fit() {
  const { width, height } = photo;
  at("frame").style.aspectRatio = `${width} / ${height}`;
  at("frame").style.width = `min(100%, calc(78vh * ${width / height}))`;
}

function choose(moves) {
  document.querySelector(`input[name="moves"][value="${moves}"]`).checked = true;
  document.body.classList.toggle("painting", moves === "painted");
  if (moves === "painted") say("Paint, then make the clip again.");
}

async function make() {
  const moves = chosen("moves");
  if (moves === "painted" && painter.empty)
    return say("Nothing is painted yet: paint over what may move.", true);
  const order = {
    speed: at("speed").value,
    seconds: at("seconds").value,
    seed: at("seed").value || "0",
    moves,
  };
  end();
  const going = (current = new AbortController());
  say("");
  work("Sending the photo", null);
  become("working");
  at("stop").focus({ preventScroll: true });
  try {
    const mask = moves === "painted" ? await painter.png() : null;
    let told = await api.send(photo.blob, mask, order, going.signal);
    clip = told.name;
    if (going.signal.aborted) return end();
    while (told.state === "waiting" || told.state === "working") {
      told.state === "waiting" ? wait(told) : work("Painting the clip", told);
      await pause(POLL, going.signal);
      told = await api.state(clip, going.signal);
    }
    if (told.state === "failed") throw new api.Refusal(told.message);
    await show(going.signal);
  } catch (error) {
    if (going.signal.aborted) return;
    end();
    become("chosen");
    say(error.message, true);
  }
}

function wait({ place }) {
  const before = place === 1 ? "1 clip is" : `${place} clips are`;
  work(place ? `Waiting: ${before} made before yours` : "Getting ready", null);
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

async function show(signal) {
  const video = at("clip");
  at("before").src = video.poster = at("photo").src = api.file(clip, "photo.jpg");
  at("mp4").href = video.src = api.file(clip, "clip.mp4");
  at("gif").href = api.file(clip, "clip.gif");
  document.body.classList.remove("painting");
  compare.reset();
  become("ready");
  if (!still.matches) compare.wipe();
  say("The clip is ready.");
  at("play").focus({ preventScroll: true });
  if (!still.matches) await video.play().catch(() => {}); // some tablets save power: a tap plays
  told();
  stay(clip, signal);
}

/** Tells the server that somebody still looks, as long as it has the clip. */
async function stay(name, signal) {
  while (!signal.aborted) {
    try {
      await pause(STAY, signal);
      await api.state(name, signal);
    } catch (error) {
      if (error.status === 404 && !signal.aborted)
        return say("The clip is no longer on the server. Make it again to download it.");
    }
  }
}

/** Ends what is going on, here and on the server. */
function end() {
  current?.abort();
  current = null;
  if (clip) api.leave(clip);
  clip = null;
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
  at("play").textContent = at("clip").paused ? "Play" : "Pause";
}

function pause(milliseconds, signal) {
  return new Promise((done, failed) => {
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), failed(signal.reason)));
  });
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
  at("chance").hidden = !known.draws_noise;
  at("kept").textContent = known.kept_minutes;
  label();
}

for (const id of ["file", "camera"])
  at(id).addEventListener("change", (event) => {
    take(event.target.files[0]);
    event.target.value = ""; // so that the same photo can be taken once more
  });
at("example").addEventListener("click", async () =>
  take(await (await fetch("/static/example.jpg")).blob()),
);
at("panel").addEventListener("submit", (event) => (event.preventDefault(), make()));
at("stop").addEventListener("click", stop);
at("again").addEventListener("click", again);
at("clear").addEventListener("click", () => painter.clear());
at("dice").addEventListener("click", () => {
  at("seed").value = Math.floor(Math.random() * 10_000);
  make();
});
for (const id of ["speed", "seconds"]) at(id).addEventListener("input", label);
for (const radio of document.getElementsByName("moves"))
  // Not "change": once there is a clip, the same choice leads back to what was painted.
  radio.addEventListener("click", () => choose(radio.value));
at("play").addEventListener("click", () => (at("clip").paused ? at("clip").play() : at("clip").pause()));
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
start().catch((error) => say(error.message, true));
