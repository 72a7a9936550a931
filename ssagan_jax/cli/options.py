"""What each command of ``cli`` takes: its options, and their help."""

from argparse import ArgumentParser


def train(parser: ArgumentParser) -> None:
    """Of ``ssagan train``."""
    parser.add_argument("--config", required=True, metavar="FILE[:args]", help="see configs/")
    text = "where all is written: a folder, or gs://BUCKET/FOLDER"
    parser.add_argument("--workdir", required=True, metavar="DIR", help=text)
    parser.add_argument(
        "--allow_config_change", action="store_true", help="go on with another configuration"
    )
    pods = parser.add_argument_group("several processes", "see docs/launch.md")
    pods.add_argument("--coordinator", metavar="HOST:PORT", help="of process 0")
    pods.add_argument("--processes", type=int, metavar="N", help="how many there are")
    pods.add_argument("--process_id", type=int, metavar="K", help="this one: 0 to N - 1")
    pods.add_argument("--devices", type=int, metavar="N", help="refuse another number in all")
    parser.epilog = "Any key of the config can be set: --config.optimizer.learning_rate=1e-4"


def doctor(parser: ArgumentParser) -> None:
    """Of ``ssagan doctor``."""
    parser.add_argument("--config", required=True, metavar="FILE[:args]", help="see configs/")
    text = "a TPU slice that is not here, to compile for: v5e:2x4 (needs libtpu, no TPU)"
    parser.add_argument("--topology", default="", metavar="SLICE", help=text)
    parser.epilog = "Any key of the config can be set, as in ssagan train"


def evaluate(parser: ArgumentParser) -> None:
    """Of ``ssagan evaluate``."""
    parser.add_argument("--workdir", metavar="DIR", help="a training run, or one checkpoint")
    parser.add_argument("--dataset", metavar="NAME", help="another data set than the run's")
    parser.add_argument("--data_dir", metavar="DIR", help="where that was built")
    parser.add_argument("--split", default="test", help="train or test (default)")
    parser.add_argument("--statistics", default="running", help="running (default) or batch")
    parser.add_argument(
        "--clips", type=int, metavar="N", help="the first N; 0: all (default: as the run scores)"
    )
    parser.add_argument("--draws", type=int, default=1, metavar="K", help="score the best of K too")
    parser.add_argument(
        "--metrics",
        metavar="A,B",
        help="also these: lpips_alex, lpips_vgg, fvd, kvd (default: those it was scored by)",
    )
    parser.add_argument("--predictions", metavar="P", help=".npz or folder of videos to score")
    parser.add_argument("--reference", metavar="R", help="the true clips, likewise")
    parser.add_argument("--output", metavar="FILE.json", help="where the results go")


def generate(parser: ArgumentParser) -> None:
    """Of ``ssagan generate``."""
    text = "JPEG, PNG or WebP, or a folder of them"
    parser.add_argument("photos", nargs="+", metavar="PHOTO", help=text)
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help=".mp4, .gif, folder")
    parser.add_argument("--workdir", metavar="DIR", help="a training run (default: a small model)")
    parser.add_argument("--checkpoint", metavar="PATH", help="one checkpoint of a run")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
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
    how.add_argument("--loop", action="store_true", help="the end leads into the beginning")
    text = "only what is white in it moves; sky: only the photo's sky"
    how.add_argument("--mask", metavar="FILE.png", help=text)
    how.add_argument("--side-by-side", action="store_true", help="the photo to the left")
    also = parser.add_argument_group("files")
    also.add_argument("--gif", action="store_true", help="also OUT.gif")
    also.add_argument("--save-frames", action="store_true", help="also OUT_frames/00000.png, ...")
    also.add_argument("--overwrite", action="store_true", help="replace what is there")


def data(parser: ArgumentParser) -> None:
    """Of ``ssagan data``."""
    parser.add_argument("action", choices=("build", "verify"))
    parser.add_argument("name", metavar="NAME", help="sky, tiny_videos, video_folder")
    parser.add_argument("--source", required=True, metavar="DIR", help="the original files")
    parser.add_argument("--data_dir", metavar="DIR", help="where to build (default: tfds')")
    parser.add_argument("--list_file", metavar="FILE", help="tiny_videos: the clips to take")
    parser.add_argument("--max_size", type=int, metavar="N", help="video_folder: short side, px")


def report(parser: ArgumentParser) -> None:
    """Of ``ssagan report``."""
    parser.add_argument("--workdir", required=True, metavar="DIR", help="a training run")
    parser.add_argument("-o", "--output", metavar="FILE.html", help="(default: in the workdir)")


def demo(parser: ArgumentParser) -> None:
    """Of ``ssagan demo``."""
    parser.add_argument("--workdir", metavar="DIR", help="a training run (default: a small model)")
    text = (
        "address to listen at; 0.0.0.0: for everybody in the network (default: only this machine)"
    )
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help=text)
    parser.add_argument("--port", type=int, default=8000, metavar="N")
    text = "clips can be made on visitors' devices, with a folder as docs/demo.md tells to make"
    parser.add_argument("--on_device", metavar="FOLDER", help=text)


def export(parser: ArgumentParser) -> None:
    """Of ``ssagan export``."""
    parser.add_argument("--workdir", required=True, metavar="DIR", help="a run or a checkpoint")
    parser.add_argument("--format", required=True, metavar="F", help="stablehlo, onnx, savedmodel")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="a file or folder")
    parser.add_argument("--batch", default="symbolic", metavar="N", help="photos (default: any)")
    parser.add_argument("--overwrite", action="store_true", help="replace an earlier export")


def import_torch(parser: ArgumentParser) -> None:
    """Of ``ssagan import-torch``."""
    parser.add_argument("file", metavar="FILE.pth", help="a state dict, as torch.save writes it")
    parser.add_argument("--model", choices=("ssagan", "mdgan"), default="ssagan")
    parser.add_argument("--role", choices=("generator", "discriminator"), default="generator")
    parser.add_argument("--stage", type=int, choices=(1, 2), default=1, help="of a generator")
    parser.add_argument("--first", default="", metavar="PATH", help="mdgan, stage 2: its stage 1")
    parser.add_argument("--output", required=True, metavar="DIR", help="for the checkpoint")


def reproduce(parser: ArgumentParser) -> None:
    """Of ``ssagan reproduce``."""
    names = "cloud, beach, pos, attention, losses"
    parser.add_argument("--table", required=True, metavar="NAME", help=names)
    parser.add_argument("--workdirs", default="runs/reproduce", metavar="DIR", help="of the rows")
    parser.add_argument("--train", action="store_true", help="train the rows that are missing")
    parser.add_argument("--rows", default="", metavar="A,B", help="only these rows")
    parser.add_argument("--budget", default="small", help="tiny, small (default) or full")
    parser.add_argument("--steps", type=int, default=0, metavar="N", help="instead of the budget's")
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="runs of each row")
    parser.add_argument("--data_dir", metavar="DIR", help="real clips; without: synthetic ones")
    parser.add_argument("--dataset", metavar="NAME", help="another data set than the table's")
    parser.add_argument("--metrics", default="", metavar="A,B", help="also: lpips_alex, fvd, ...")
    parser.add_argument("--votes", metavar="FILE.csv", help="pos: rater,pair,left,right,chosen")
    parser.epilog = "--config.key=value goes to every row that has the key, after the budget's own"
