"""How many frames a second the demo's page blows: in headless Chromium, by graphics in software.

    python -m benchmarks.live [--side=1024] [--seconds=5] [--workdir=RUN]

Beside it the time of processors that all of the browser takes for a frame, which says more where
other programs are busy. With what the model says of the demo's example, and with all of it moving;
at the photo's size, and at the one that the page takes by itself where that is too slow.
"""

import argparse
import contextlib
import itertools
import os
import platform
import queue
import shutil
import threading
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from ssagan_jax.demo import clips, command, hosting
from ssagan_jax.demo.limits import Limits

PATIENCE = 60  # seconds: for the server to begin
_BLOW = """async ({side, seconds, all, fixed}) => {
  const { Live } = await import("/static/live.js");
  const { Painter } = await import("/static/painter.js");
  const { ServerScenes } = await import("/static/server_scenes.js");
  const { prepare } = await import("/static/photo.js");
  const example = await (await fetch("/static/example-1.jpg")).blob();
  const photo = await prepare(example, { side, step: 16, least: 1 });
  const holder = document.createElement("div");
  document.body.replaceChildren(holder);
  const painter = new Painter(document.createElement("canvas"), holder, () => ({}), () => {});
  painter.reset(photo.width, photo.height, true);
  if (all) {
    painter.pen.fillRect(0, 0, photo.width, photo.height);
    painter.edited = true;
  }
  const { signal } = new AbortController();
  const live = new Live({ holder, painter });
  const asked = performance.now();
  const asking = { photo, source: new ServerScenes(), speed: 1, seconds: 4, signal };
  const film = await live.make({ ...asking, report: () => {} });
  const waited = (performance.now() - asked) / 1000;
  if (fixed) film.coarser = () => {};
  film.play();
  await new Promise((done) => setTimeout(done, fixed ? 1000 : 8000)); // to find a size
  await window.timed();
  const [drawn, begun] = [film.drawn, performance.now()];
  await new Promise((done) => setTimeout(done, 1000 * seconds));
  const frames = film.drawn - drawn;
  const rate = (1000 * frames) / (performance.now() - begun);
  const { width, height } = film.canvas;
  return { rate, frames, waited, kind: film.constructor.name, width, height };
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=1024, help="of the photo, in pixels")
    parser.add_argument("--seconds", type=float, default=5.0, help="of playing")
    parser.add_argument("--workdir", help="(default: the model of the package)")
    parser.add_argument("--chromium", default=os.environ.get("CHROMIUM", shutil.which("chromium")))
    options = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores; {platform.platform()}")
    make, about = clips.open_maker(options.workdir, side=options.side)
    listening = hosting.open_socket("127.0.0.1", 0)
    begun: queue.SimpleQueue = queue.SimpleQueue()
    asked = {"host": "127.0.0.1", "make": make, "about": about, "limits": Limits()}
    serving = threading.Thread(
        target=command.run_server, args=(listening,), kwargs={**asked, "started": begun.put}
    )
    serving.start()
    server = begun.get(timeout=PATIENCE)
    try:
        measure(f"http://127.0.0.1:{listening.getsockname()[1]}/", options)
    finally:
        while serving.is_alive() and not server.started:
            time.sleep(0.01)  # before, it cannot be told to end
        server.should_exit = True
        serving.join()


def measure(address: str, options: argparse.Namespace) -> None:
    """Prints frames a second."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=options.chromium, args=["--no-sandbox"]
        )
        print(f"Chromium {browser.version}, headless")
        for everything, fixed in itertools.product((False, True), (True, False)):
            page = browser.new_page(viewport={"width": 1100, "height": 900})
            begun: list[float] = []
            page.expose_function("timed", lambda begun=begun: begun.append(_seconds_of_chromium()))
            page.goto(address)
            wanted = {"side": options.side, "seconds": options.seconds, "all": everything}
            wanted["fixed"] = fixed
            told = page.evaluate(_BLOW, wanted)
            taken = 1000 * (_seconds_of_chromium() - begun[0]) / max(1, told["frames"])
            print(
                f"{told['width']} x {told['height']}, {told['kind']}, "
                f"{'all of it' if everything else 'what the model says'} moves: "
                f"{told['rate']:.1f} frames a second ({taken:.0f} ms of processors "
                f"each), {told['waited']:.2f} s to the first"
            )
            page.close()


def _seconds_of_chromium() -> float:
    """Of processors, that this program's browsers have taken so far (Linux)."""
    parents, taken = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            parents[int(path.parent.name)] = int(fields[1])
            taken[int(path.parent.name)] = int(fields[11]) + int(fields[12])
    own = {os.getpid()}
    while more := {child for child, parent in parents.items() if parent in own} - own:
        own |= more
    return sum(taken[child] for child in own - {os.getpid()}) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
