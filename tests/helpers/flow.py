"""The optical flow of a clip, by OpenCV's DIS: a second opinion on its wind."""

import cv2
import numpy as np

from ssagan_jax.data.winds import mean_of_fast


def flow_wind(clip):
    """The wind (right, down) of a clip, uint8 [t, h, w, 3], as far as optical flow finds it."""
    finder = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    large = [cv2.resize(frame, (256, 256), interpolation=cv2.INTER_CUBIC) for frame in clip]
    grey = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in large]
    pairs = zip(grey[1:], grey, strict=False)
    flow = -np.mean([finder.calc(here, before, None) for here, before in pairs], 0) / 256
    return mean_of_fast(flow)


def degrees_between(wind, other):
    return float(np.degrees(abs(np.angle(complex(*wind) / complex(*other)))))
