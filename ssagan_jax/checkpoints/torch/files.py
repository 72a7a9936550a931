"""Reading a PyTorch file: names and arrays, and nothing else."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

PARALLEL = "module."  # what DataParallel puts before every name


def read_state_dict(path: str | Path) -> dict[str, np.ndarray]:
    """The state dict in a file that ``torch.save`` wrote (zip or legacy), in float32.

    Code in the file is never run: PyTorch reads tensors and plain containers only.

    Raises:
      FileNotFoundError: if there is no such file.
      ImportError: without PyTorch.
      ValueError: if it holds anything but a state dict.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"No file {path}. Expected what torch.save(state_dict) wrote.")
    try:
        import torch
    except ImportError as error:
        raise ImportError(
            "Reading a PyTorch file needs PyTorch: pip install 'ssagan_jax[torch]'"
        ) from error
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except OSError:
        raise
    except Exception as error:  # whatever its reader stumbles over in a file of something else
        raise ValueError(f"{path} is refused{_code(error)}. {_EXPECTED}") from error
    if not _is_state(state, torch.Tensor):
        raise ValueError(f"{path} holds {_summary(state)}. {_EXPECTED}")
    return {name.removeprefix(PARALLEL): _array(tensor) for name, tensor in state.items()}


_EXPECTED = "Expected names and tensors alone, as torch.save(network.state_dict(), FILE) writes."


def _code(error: Exception) -> str:
    """Which Python object the file wanted, where PyTorch says so."""
    wanted = re.search(r"GLOBAL (\S+)", str(error))
    if wanted:
        return f": loading it would run code ({wanted[1]}), and nothing of it was"
    return ": it cannot be read as a PyTorch file of tensors"


def _is_state(state: Any, tensor: Any) -> bool:
    if not isinstance(state, Mapping) or not state:
        return False
    return all(isinstance(k, str) and isinstance(v, tensor) for k, v in state.items())


def _summary(state: Any) -> str:
    if not isinstance(state, Mapping):
        return f"a {type(state).__name__}"
    return f"a dictionary of {', '.join(map(str, list(state)[:5])) or 'nothing'}"


def _array(tensor: Any) -> np.ndarray:
    return tensor.detach().float().numpy()
