// What several files look at on the page, and change there.

const PHOTO_HEIGHT = "78vh"; // at most

export const at = (id) => document.getElementById(id);
export const chosen = (name) => document.querySelector(`input[name="${name}"]:checked`).value;
export const check = (name, value) => (document.querySelector(`input[name="${name}"][value="${value}"]`).checked = true);

/** The page's state: empty -> chosen -> working -> ready, and back. */
export const is = (state) => document.body.dataset.state === state;
export const painting = () => document.body.classList.contains("painting");

/** live: whether the page blows the photo by itself. */
export function become(state, live) {
  document.body.dataset.state = state;
  document.body.classList.toggle("live", live);
  lock(state === "working");
  at("make").hidden = live && state === "ready";
  at("make").textContent = state === "ready" ? "Make it again" : "Make the clip";
  // Where it is made is chosen before there is a photo, and then with the rest.
  state === "empty" ? at("drop").append(at("where")) : at("make").before(at("where"));
}

export function lock(locked) {
  for (const field of at("panel").querySelectorAll("input, button")) field.disabled = locked;
}

export function say(text, error = false) {
  at("status").textContent = text;
  at("status").classList.toggle("error", error);
}

/** How far the work is; told: {total, done} or null. */
export function work(text, told) {
  if (at("doing").textContent !== text) {
    at("doing").textContent = text;
    say(text + ".");
  }
  const progress = at("progress");
  if (told) [progress.max, progress.value] = [told.total, told.done];
  else progress.removeAttribute("value");
}

/** The frame as large as the window allows, in the photo's shape. */
export function fit({ width, height }) {
  at("frame").style.aspectRatio = `${width} / ${height}`;
  at("frame").style.width = `min(100%, calc(${PHOTO_HEIGHT} * ${width / height}))`;
}

/** Shows what moves, to be painted. */
export function tint(shown) {
  document.body.classList.toggle("painting", shown);
  at("edit").textContent = shown ? "Done" : "Change it";
}

/** What the sliders say. */
export const order = () => ({ speed: Number(at("speed").value), seconds: Number(at("seconds").value) });

export function label() {
  const { speed, seconds } = order();
  at("speed-told").textContent = `${speed} ×`;
  at("seconds-told").textContent = `${seconds} s`;
}

export function range(input, [low, high]) {
  [input.min, input.max] = [low, high];
}

export function offerFullScreen() {
  at("full").hidden = !document.fullscreenEnabled;
  at("full").addEventListener("click", () => {
    const done = document.fullscreenElement ? document.exitFullscreen() : at("frame").requestFullscreen();
    done.catch(() => say("This browser does not show the picture on the full screen.", true));
  });
}
