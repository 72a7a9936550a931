"""The networks' building blocks in plain NumPy, written from their definitions.

Everything takes and returns ``b t h w c`` arrays; nothing here imports the package.
"""

import itertools

import numpy as np


def conv3d(x, kernel, *, strides, padding):
    """sum over taps of x[strides * i + tap] @ kernel[tap]: PyTorch's Conv3d."""
    x = np.pad(x, [(0, 0), *((p, p) for p in padding), (0, 0)])
    sizes = [(n - k) // s + 1 for n, k, s in zip(x.shape[1:4], kernel.shape, strides, strict=False)]
    y = np.zeros((len(x), *sizes, kernel.shape[4]))
    for tap in itertools.product(*map(range, kernel.shape[:3])):
        places = (slice(k, k + s * n, s) for k, s, n in zip(tap, strides, sizes, strict=True))
        y += x[:, *places] @ kernel[tap]
    return y


def conv3d_transpose(y, kernel, *, strides, padding):
    """Each position adds its tap-weighted value to the output: PyTorch's ConvTranspose3d."""
    axes = list(zip(y.shape[1:4], kernel.shape[:3], strides, strict=True))
    x = np.zeros((len(y), *((n - 1) * s + k for n, k, s in axes), kernel.shape[3]))
    for tap in itertools.product(*map(range, kernel.shape[:3])):
        places = (slice(t, t + (n - 1) * s + 1, s) for t, (n, _, s) in zip(tap, axes, strict=True))
        x[:, *places] += y @ kernel[tap].T
    return x[:, *(slice(p, n - p) for p, n in zip(padding, x.shape[1:4], strict=True))]


def normalise(vector):
    return vector / max(np.linalg.norm(vector), 1e-12)


def spectral_norm(kernel, u, v, *, axis, iterations):
    """The kernel over u W v, and u and v after ``iterations`` power iterations."""
    matrix = np.moveaxis(kernel, axis, 0).reshape(kernel.shape[axis], -1)
    for _ in range(iterations):
        v = normalise(matrix.T @ u)
        u = normalise(matrix @ v)
    return kernel / (u @ matrix @ v), u, v


def batch_norm(x, scale, bias, *, mean=None, var=None, epsilon=1e-5):
    """With the batch's own mean and biased variance, unless others are given."""
    axes = tuple(range(x.ndim - 1))
    mean = x.mean(axes) if mean is None else mean
    var = x.var(axes) if var is None else var
    return (x - mean) / np.sqrt(var + epsilon) * scale + bias


def leaky_relu(x, slope):
    return np.where(x > 0, x, slope * x)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softplus(x):
    return np.log1p(np.exp(x))


def softmax(x):
    x = np.exp(x - x.max(-1, keepdims=True))
    return x / x.sum(-1, keepdims=True)


def attend(query, key, value, *, kind):
    """softmax(q k) v with one map per frame, one for all frames, or one over space and time."""
    b, t, h, w, _ = value.shape

    def rows(x):
        if kind == "per_frame":
            return x.reshape(b * t, h * w, -1)
        if kind == "spatiotemporal":
            return x.reshape(b, t * h * w, -1)
        return np.moveaxis(x, 1, 3).reshape(b, h * w, -1)  # shared: features are (t c)

    q, k, v = map(rows, (query, key, value))
    result = softmax(q @ k.swapaxes(1, 2)) @ v
    if kind == "shared":
        return np.moveaxis(result.reshape(b, h, w, t, -1), 3, 1)
    return result.reshape(value.shape)


def block(drawn, x, convolution, *, train, slope, transpose=False, epsilon=1e-5):
    """Convolution -> bias or batch norm -> leaky ReLU, from the block's own variables."""
    kernel, strides, padding = convolution
    layer = drawn["params"]["Conv_0"]
    assert layer["kernel"].shape[:3] == kernel
    apply = conv3d_transpose if transpose else conv3d
    x = apply(x, layer["kernel"], strides=strides, padding=padding)
    if "bias" in layer:
        assert "BatchNorm_0" not in drawn["params"]
        x = x + layer["bias"]
    else:
        running = {} if train else drawn["batch_stats"]["BatchNorm_0"]
        x = batch_norm(x, **drawn["params"]["BatchNorm_0"], **running, epsilon=epsilon)
    return x if slope is None else leaky_relu(x, slope)


def part(drawn, name):
    """The variables of a submodule."""
    return {kind: tree[name] for kind, tree in drawn.items() if name in tree}


HALVE = ((1, 4, 4), (1, 2, 2), (0, 1, 1))


def image_encoder(drawn, frame, *, train, slope=0.0, epsilon=1e-5):
    """Halvings of a photo, down to 4 x 4."""
    x, number = frame[:, None], 0
    while x.shape[2] > 4:
        number += 1
        x = block(part(drawn, f"down{number}"), x, HALVE, train=train, slope=slope, epsilon=epsilon)
    assert number == len(drawn["params"])
    return x[:, 0]


def image_decoder(drawn, x, *, train):
    """Doublings, the last one without norm or activation."""
    x, count = x[:, None], len(drawn["params"])
    for number in range(1, count + 1):
        slope = None if number == count else 0.0
        x = block(part(drawn, f"up{number}"), x, HALVE, train=train, slope=slope, transpose=True)
    return x[:, 0]
