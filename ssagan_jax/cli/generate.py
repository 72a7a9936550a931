"""``ssagan generate``."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

HELP = "animate photos"


def add_arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    text = "JPEG, PNG, WebP or HEIC, or a folder of them"
    parser.add_argument("photos", nargs="+", metavar="PHOTO", help=text)
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help=".mp4, .gif, folder")
    parser.add_argument("--workdir", metavar="DIR", help="a training run (default: a small model)")
    parser.add_argument("--checkpoint", metavar="PATH", help="one checkpoint of a run")
    text = "of the noise, for models that draw any; for one that takes wind, draws the wind"
    parser.add_argument("--seed", type=int, metavar="N", help=text)
    how = parser.add_argument_group("the clip")
    how.add_argument(
        "--size",
        default="native",
        metavar="S",
        help="native: the photo's pixels (default); N: at most N on the long side; model: the "
        "network's own clip, stretched",
    )
    how.add_argument("--frames", type=int, metavar="N", help="how many (default: the model's)")
    how.add_argument("--fps", type=float, default=25.0, metavar="N", help="frames per second")
    how.add_argument("--speed", type=float, default=1.0, metavar="X", help="of the motion")
    how.add_argument(
        "--wind",
        metavar="W",
        help="right, left, up, down, away, near, degrees (0: right, 90: up), or RIGHT,DOWN in "
        "shares of the picture a frame (default: what the model finds likely)",
    )
    how.add_argument("--loop", action="store_true", help="the end leads into the beginning")
    text = "nothing moves but what is white in it; sky: but the sky, by the model and the photo"
    how.add_argument("--mask", metavar="FILE.png", help=text)
    how.add_argument("--side-by-side", action="store_true", help="the photo to the left")
    also = parser.add_argument_group("files")
    text = "also OUT.gif, at most 640 pixels and 4 MB (of 64 frames; of more in proportion)"
    also.add_argument("--gif", action="store_true", help=text)
    also.add_argument("--save-frames", action="store_true", help="also OUT_frames/00000.png, ...")
    also.add_argument("--save-mask", action="store_true", help="also OUT_mask.png: what moves")
    also.add_argument("--overwrite", action="store_true", help="replace what is there")


def run(arguments: Namespace, overrides: Sequence[str]) -> None:
    """Animates photo files; prints the clips written (and, as a note, the wind)."""
    from tqdm import tqdm

    from ssagan_jax.animation.files import animate_files
    from ssagan_jax.animation.options import Options
    from ssagan_jax.animation.outputs import Files
    from ssagan_jax.distributed.jax_setup import set_up_jax

    set_up_jax()
    size = arguments.size
    options = Options(
        size=int(size) if size.isdecimal() else size,
        frames=arguments.frames,
        speed=arguments.speed,
        loop=arguments.loop,
        seed=arguments.seed,
        side_by_side=arguments.side_by_side,
        wind=arguments.wind,
    )
    files = Files(
        fps=arguments.fps,
        gif=arguments.gif,
        save_frames=arguments.save_frames,
        save_mask=arguments.save_mask,
        overwrite=arguments.overwrite,
    )
    animate_files(
        arguments.photos,
        arguments.output,
        path=arguments.checkpoint or arguments.workdir,
        options=options,
        mask=arguments.mask,
        files=files,
        done=lambda clip: tqdm.write(str(clip)),
    )
