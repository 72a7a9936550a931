"""Time of a clip on a visitor's device: onnxruntime-web in headless Chromium, by WebAssembly.

    python -m benchmarks.on_device --folder=FOLDER [--clips=5] [--threads=2,1]

FOLDER is of ``python -m ssagan_jax.demo.on_device``. For each number of threads a fresh page loads
the program and the model from a server on this machine, and makes clips of the demo's example. A
clip is: the photo squeezed, the network, the guided filter's fits; of a model that warps, the scene
with which the page blows the photo. Frames are painted as they play (here without a graphics
processor, so that is not timed).
"""

import argparse
import json
import os
import platform
import queue
import shutil
import statistics
import threading
import time

import numpy as np
from playwright.sync_api import sync_playwright

from ssagan_jax.animation.animator import Animator
from ssagan_jax.demo import clips, command, device_files, hosting
from ssagan_jax.demo.limits import Limits

PATIENCE = 60  # seconds: for the server to begin
_CLIPS = """async ({wanted, clips}) => {
  const { OnDevice } = await import("/static/on_device.js");
  const { device } = await (await fetch("/api/about")).json();
  const photo = { blob: await (await fetch("/static/example-1.jpg")).blob() };
  const maker = await OnDevice.at(device, wanted);
  const made = [];
  for (let i = 0; i < clips; i++) {
    const canvas = document.createElement("canvas");
    const order = { seconds: 4, speed: 1, moves: "everything" };
    const { signal } = new AbortController();
    const report = () => {};
    const painter = { edited: false };
    const found = maker.told.blows
      ? await maker.scene({ photo, painter, signal, report })
      : (await maker.make({ photo, painted: null, order, canvas, signal, report })).made;
    made.push({ ...found.milliseconds, threads: found.threads });
  }
  maker.close();
  return made;
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", required=True, help="of ssagan_jax.demo.on_device")
    parser.add_argument("--clips", type=int, default=5, help="of each page, 2 or more")
    parser.add_argument("--threads", default="2,1", help="numbers of threads, one after another")
    parser.add_argument("--chromium", default=os.environ.get("CHROMIUM", shutil.which("chromium")))
    options = parser.parse_args()
    if options.clips < 2:
        parser.error(f"--clips is 2 or more, since the first is timed apart; got {options.clips}.")
    files = device_files.read_device_files(options.folder)
    describe(files)
    listening = hosting.open_socket("127.0.0.1", 0)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}/"
    begun: queue.SimpleQueue = queue.SimpleQueue()
    serving = threading.Thread(
        target=command.run_server,
        args=(listening,),
        kwargs={
            "host": "127.0.0.1",
            "make": lambda folder, order, progress: None,
            "about": clips.described(_nothing()),
            "limits": Limits(),
            "on_device": files,
            "started": begun.put,
        },
    )
    serving.start()
    server = begun.get(timeout=PATIENCE)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=options.chromium, args=["--no-sandbox"]
            )
            print(f"Chromium {browser.version}, headless")
            for threads in map(int, options.threads.split(",")):
                page = browser.new_context().new_page()
                page.goto(address)
                wanted = {"backend": "wasm", "threads": threads}
                tell(page.evaluate(_CLIPS, {"wanted": wanted, "clips": options.clips}))
                page.close()
    finally:
        while serving.is_alive() and not server.started:
            time.sleep(0.01)  # before, it cannot be told to end
        server.should_exit = True
        serving.join()


def describe(files: device_files.DeviceFiles) -> None:
    """Prints the machine, the versions and the sizes."""
    told = json.loads(files.files[device_files.MANIFEST])
    print(f"{platform.machine()}, {os.cpu_count()} cores; {platform.platform()}")
    print(f"{told['frames']} frames at {told['size']} px; {told['versions']}")
    for name, content in sorted(files.files.items()):
        print(f"  {name}: {len(content) / 1e6:.2f} MB")


def tell(clips: list[dict]) -> None:
    """Prints a page's times; of what is repeated the median without the first clip."""
    first, *later = clips
    seconds = {
        "loading": first["loading"],
        "first clip, without loading": first["all"] - first["loading"],
        "later clips": statistics.median(clip["all"] for clip in later),
        "of that the network": statistics.median(clip["network"] for clip in later),
    }
    told = ", ".join(f"{what} {value / 1000:.2f} s" for what, value in seconds.items())
    print(f"{first['threads']} threads: {told} ({len(later)} later clips)")


def _nothing() -> Animator:
    """No model for the server, whose work would be counted."""
    return Animator(16, 8, False, lambda photos, seed, words: np.zeros((1, 8, 16, 16, 3), np.uint8))


if __name__ == "__main__":
    main()
