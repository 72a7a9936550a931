// The steps of ssagan_jax/animation/warping/ for the graphics processor. Colours are in grey levels, shifts in
// cells, which are twice as wide as Python's: that is enough to see, and four times as fast. Rows of textures go
// down, as the photo's do.

import { kaiser, twoBoxes } from "./kernels.js";

const TAPS = 6; // of the doubling kernel, to each side
const BETA = 5; // of its Kaiser window
const FINER = 2; // of Python's cells in one of these, along a side
const WINDOW = 33 / FINER; // cells: of the low-pass
const BLOCK = 4; // cells to a side of what the low-pass is taken of
export const LEVELS = 10; // flows, each twice as long as the one before

const HEAD = `#version 300 es
precision highp float;
precision highp sampler2D;
precision highp sampler3D;
`;

const MIRRORED = `
ivec2 mirrored(ivec2 at, ivec2 size) { // the mirror stands at the outer edge of the outermost pixels
  at = ivec2(at.x < 0 ? -1 - at.x : at.x, at.y < 0 ? -1 - at.y : at.y);
  return ivec2(at.x < size.x ? at.x : 2 * size.x - 1 - at.x, at.y < size.y ? at.y : 2 * size.y - 1 - at.y);
}`;

// doubling.py: what lies half way between pixels, along one axis.
const DOUBLE = `${HEAD}
uniform sampler2D image;
uniform vec2 along;
out vec4 colour;
const float[${2 * TAPS}] KERNEL = float[](${kaiser(TAPS, BETA).map((x) => x.toFixed(8))});
${MIRRORED}
void main() {
  ivec2 size = textureSize(image, 0), axis = ivec2(along), at = ivec2(gl_FragCoord.xy);
  int place = at.x * axis.x + at.y * axis.y;
  ivec2 across = at * (1 - axis);
  if (place % 2 == 1) {
    colour = texelFetch(image, across + axis * (place / 2), 0);
    return;
  }
  vec4 sum = vec4(0);
  for (int i = 0; i < ${2 * TAPS}; i++)
    sum += KERNEL[i] * texelFetch(image, mirrored(across + axis * (place / 2 + i - ${TAPS}), size), 0);
  colour = sum;
}`;

// grids.py: the mean of each cell of the layer.
const CELLS = `${HEAD}
uniform sampler2D image;
uniform float pixels;
out vec4 colour;
${MIRRORED}
void main() {
  int n = int(pixels);
  ivec2 first = ivec2(gl_FragCoord.xy) * n, size = textureSize(image, 0);
  vec3 sum = vec3(0);
  for (int y = 0; y < n; y++)
    for (int x = 0; x < n; x++) sum += texelFetch(image, mirrored(first + ivec2(x, y), size), 0).rgb;
  colour = vec4(sum * 255. / float(n * n), 1);
}`;

// layers.py: the photo less the layer's part; alpha beside it.
const BASE = `${HEAD}
uniform sampler2D photo, layer, mask;
out vec4 colour;
void main() {
  ivec2 at = ivec2(gl_FragCoord.xy);
  float alpha = texelFetch(mask, at, 0).a;
  colour = vec4(255. * (texelFetch(photo, at, 0).rgb - alpha * texelFetch(layer, at, 0).rgb), alpha);
}`;

// paths.py: a first short step back (xy) and ahead (zw), and a path twice as long.
const STEP = `${HEAD}
uniform sampler2D motion;
uniform vec2 wind;
uniform float frames;
out vec4 flow;
void main() {
  vec3 here = texelFetch(motion, ivec2(gl_FragCoord.xy), 0).rgb;
  vec2 velocity = here.r * wind + here.gb;
  flow = frames * vec4(-velocity, velocity);
}`;
const TWICE = `${HEAD}
uniform sampler2D once;
out vec4 flow;
void main() {
  vec2 size = vec2(textureSize(once, 0));
  vec4 here = texelFetch(once, ivec2(gl_FragCoord.xy), 0);
  flow = here + vec4(texture(once, (gl_FragCoord.xy + here.xy) / size).xy, texture(once, (gl_FragCoord.xy + here.zw) / size).zw);
}`;

// Where the layer was a share of the period ago, and will be when that ends: flows of powers of two, one after
// the other. With it the layer at both, for fading.
const levels = Array.from({ length: LEVELS }, (_, i) => i);
const PLACE = `${HEAD}
uniform sampler2D cells, ${levels.map((i) => `flow${i}`)};
uniform vec2 steps; // back and ahead, in the shortest flow
layout(location = 0) out vec4 shift;
layout(location = 1) out vec4 one;
layout(location = 2) out vec4 two;
void main() {
  vec2 size = vec2(textureSize(cells, 0)), at = gl_FragCoord.xy;
  ivec2 whole = ivec2(steps);
  vec4 first = texelFetch(flow0, ivec2(at), 0);
  vec2 back = fract(steps.x) * first.xy, ahead = fract(steps.y) * first.zw;
${levels
  .map(
    (i) => `  if ((whole.x & ${1 << i}) != 0) back += texture(flow${i}, (at + back) / size).xy;
  if ((whole.y & ${1 << i}) != 0) ahead += texture(flow${i}, (at + ahead) / size).zw;`,
  )
  .join("\n")}
  shift = vec4(back, ahead);
  one = texture(cells, (at + back) / size);
  two = texture(cells, (at + ahead) / size);
}`;

// fading.py, its low-pass of blocks of cells.
const REDUCE = `${HEAD}
uniform sampler2D one, two;
layout(location = 0) out vec4 first;
layout(location = 1) out vec4 second;
${MIRRORED}
void main() {
  ivec2 size = textureSize(one, 0);
  first = second = vec4(0);
  for (int i = 0; i < ${BLOCK * BLOCK}; i++) {
    ivec2 at = mirrored(ivec2(gl_FragCoord.xy) * ${BLOCK} + ivec2(i % ${BLOCK}, i / ${BLOCK}), size);
    first += texelFetch(one, at, 0) / ${BLOCK * BLOCK}.;
    second += texelFetch(two, at, 0) / ${BLOCK * BLOCK}.;
  }
}`;
const kernel = twoBoxes(WINDOW / BLOCK);
const LOW = `${HEAD}
uniform sampler2D one, two;
uniform vec2 along;
layout(location = 0) out vec4 first;
layout(location = 1) out vec4 second;
const float[${kernel.length}] KERNEL = float[](${kernel.map((x) => x.toFixed(8))});
void main() {
  vec2 size = vec2(textureSize(one, 0));
  first = second = vec4(0);
  for (int i = 0; i < ${kernel.length}; i++) {
    vec2 at = (gl_FragCoord.xy + along * float(i - ${(kernel.length - 1) / 2})) / size;
    first += KERNEL[i] * texture(one, at);
    second += KERNEL[i] * texture(two, at);
  }
}`;
const DEVIATE = `${HEAD}
uniform sampler2D one, two, lowOne, lowTwo;
uniform float share;
layout(location = 0) out vec4 first;
layout(location = 1) out vec4 second;
${MIRRORED}
void main() {
  ivec2 size = textureSize(one, 0), block = ivec2(gl_FragCoord.xy);
  vec3 a = texelFetch(lowOne, block, 0).rgb, b = texelFetch(lowTwo, block, 0).rgb;
  vec2 wanted = vec2(0);
  float found = 0.;
  for (int i = 0; i < ${BLOCK * BLOCK}; i++) {
    ivec2 at = mirrored(block * ${BLOCK} + ivec2(i % ${BLOCK}, i / ${BLOCK}), size);
    vec3 x = texelFetch(one, at, 0).rgb - a, y = texelFetch(two, at, 0).rgb - b, both = mix(x, y, share);
    wanted += vec2(dot(x, x), dot(y, y));
    found += dot(both, both);
  }
  first = second = vec4(mix(wanted.x, wanted.y, share), found, 0, 0) / ${3 * BLOCK * BLOCK}.;
}`;

// fading.py: of each block, by what deviations from the low-pass are multiplied, and what is added to the mean of
// the two then; with the light.
const FADE = `${HEAD}
uniform sampler2D lowOne, lowTwo, deviation;
uniform sampler3D light;
uniform vec2 covered; // the photo's size, in blocks
uniform float share, time;
out vec4 colour;
void main() {
  ivec2 at = ivec2(gl_FragCoord.xy);
  vec3 place = vec3(gl_FragCoord.xy / covered, (time + .5) / float(textureSize(light, 0).z));
  vec3 low = mix(texelFetch(lowOne, at, 0).rgb, texelFetch(lowTwo, at, 0).rgb, share);
  vec2 variance = texelFetch(deviation, at, 0).rg;
  float gain = share == 0. ? 1. : clamp(sqrt((variance.x + 4.) / (variance.y + 4.)), 1., 1.5);
  colour = vec4((1. - gain) * low + texture(light, place).rgb, gain);
}`;

// Likewise, of each cell, of the mean at full size: finer detail has a gain of its own.
const REST = `${HEAD}
uniform sampler2D one, two, shift, fade;
uniform float share;
out vec4 colour;
void main() {
  ivec2 at = ivec2(gl_FragCoord.xy);
  vec4 coarse = texture(fade, gl_FragCoord.xy / (${BLOCK}. * vec2(textureSize(fade, 0))));
  vec4 shifts = texelFetch(shift, at, 0);
  vec2 apart = ${2 * FINER}. * (shifts.xy - shifts.zw);
  float gain = inversesqrt(1. - 2. * share * (1. - share) * (1. - exp(-dot(apart, apart))));
  vec3 mean = mix(texelFetch(one, at, 0).rgb, texelFetch(two, at, 0).rgb, share);
  colour = vec4(coarse.rgb + (coarse.a - gain) * mean, gain);
}`;

// warped_full_size.py: the layer, moved and faded, behind what stands before it.
const PAINT = `${HEAD}
uniform sampler2D base, doubled, shift, rest;
uniform vec2 shown; // the canvas's size: the photo's, or less on slow machines
uniform float pixels, share;
out vec4 colour;
vec3 moved(vec2 place, vec2 size) { // the mirror stands at the outermost samples
  vec2 last = size - 1.;
  place = last - abs(last - abs(2. * place + 1.));
  return texture(doubled, (place + .5) / size).rgb * 255.;
}
void main() {
  vec2 whole = vec2(textureSize(base, 0)), at = vec2(gl_FragCoord.x, shown.y - gl_FragCoord.y) * (whole / shown);
  vec4 here = shown == whole ? texelFetch(base, ivec2(at), 0) : texture(base, at / whole);
  if (here.a > 0.) {
    vec2 cell = at / (pixels * vec2(textureSize(shift, 0))), size = vec2(textureSize(doubled, 0));
    vec4 shifts = pixels * texture(shift, cell), faded = texture(rest, cell);
    vec3 layer = moved(at - .5 + shifts.xy, size);
    if (share > 0.) layer = mix(layer, moved(at - .5 + shifts.zw, size), share);
    here.rgb += here.a * (faded.a * layer + faded.rgb);
  }
  colour = vec4(here.rgb / 255., 1);
}`;

export const SOURCES = { DOUBLE, CELLS, BASE, STEP, TWICE, PLACE, REDUCE, LOW, DEVIATE, FADE, REST, PAINT };
export { BLOCK };
export const blocks = ([columns, rows]) => [Math.ceil(columns / BLOCK), Math.ceil(rows / BLOCK)];
