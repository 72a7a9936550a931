// The ways in which a photo comes to the page: chosen, taken, dropped, or one of the examples.

import { at, is, say } from "./page.js";

/** take(file): a File, a Blob or nothing. */
export function takePhotosFor(take) {
  for (const id of ["file", "camera"])
    at(id).addEventListener("change", (event) => {
      take(event.target.files[0]);
      event.target.value = ""; // so that the same photo can be taken once more
    });
  for (const button of at("examples").querySelectorAll("button"))
    button.addEventListener("click", () => example(button.querySelector("img").src).then(take, refuse));
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
}

async function example(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(response.status);
  return response.blob();
}

function refuse() {
  say("The example did not come. Is the server still running?", true);
}
