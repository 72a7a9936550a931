// A loop that is painted as it plays: the photo, and what changes in it, by the graphics processor.

import { linked } from "./gl.js";
import { LUMA } from "./guided.js";
import { loop, nearest } from "./motion.js";
import { recorded } from "./recording.js";
import { FPS } from "./schedule.js";

const STILL = 1; // grey levels: changes up to this leave the photo's own pixels

// As ssagan_jax/animation/full_size.py: slope * luminance + offset, both stretched, times the mask, shorter
// by STILL, is added to the photo.
const PAINT = `#version 300 es
precision highp float;
precision highp sampler2D;
uniform sampler2D photo, mask, planes;
uniform vec2 size;
uniform int side;
out vec4 colour;
const vec3 LUMA = vec3(${LUMA});
void main() {
  ivec2 at = ivec2(gl_FragCoord.x, size.y - gl_FragCoord.y);
  vec3 here = texelFetch(photo, at, 0).rgb * 255.;
  vec2 place = clamp((vec2(at) + .5) * (float(side) / size) - .5, 0., float(side - 1));
  ivec2 first = ivec2(place);
  ivec2 last = min(first + 1, side - 1);
  vec2 share = place - vec2(first);
  vec3 fitted[2];
  for (int i = 0; i < 2; i++) {
    ivec2 below = ivec2(0, i * side);
    vec3 upper = mix(texelFetch(planes, first + below, 0).rgb,
                     texelFetch(planes, ivec2(last.x, first.y) + below, 0).rgb, share.x);
    vec3 lower = mix(texelFetch(planes, ivec2(first.x, last.y) + below, 0).rgb,
                     texelFetch(planes, last + below, 0).rgb, share.x);
    fitted[i] = mix(upper, lower, share.y);
  }
  vec3 change = (fitted[0] * dot(here, LUMA) / 255. + fitted[1]) * texelFetch(mask, at, 0).r;
  vec3 sizes = abs(change);
  float largest = max(sizes.r, max(sizes.g, sizes.b));
  change *= max(largest - ${STILL}., 0.) / max(largest, ${STILL}.);
  colour = vec4(floor(here + change + .5) / 255., 1);
}`;

/** Plays like a video element: play(), pause(), paused, events "play" and "pause"; also "lost". */
export class Film extends EventTarget {
  /**
   * canvas: a fresh one, of the photo's size.
   * photo: {pixels: 8-bit [height, width, 4], width, height}; made: of the worker;
   * length: {seconds, speed}.
   */
  constructor(canvas, photo, made, length) {
    super();
    Object.assign(this, { canvas, made, paused: true, number: 0 });
    [canvas.width, canvas.height] = [photo.width, photo.height];
    const gl = canvas.getContext("webgl2", { alpha: false, antialias: false, preserveDrawingBuffer: true });
    if (!gl) throw new Error("This browser has no WebGL 2, which paints the clip.");
    this.gl = gl;
    this.blend = new Float32Array(made.planes.length / made.frames);
    this.#prepare(photo);
    this.time(length);
    canvas.addEventListener("webglcontextlost", () => this.closed || this.dispatchEvent(new Event("lost")));
    this.draw(0);
  }

  /** Another length or speed: takes effect at once. */
  time({ seconds, speed }) {
    this.frames = 2 * nearest((seconds * FPS) / 2); // even, as the server's
    this.parts = loop({ frames: this.frames, speed, window: this.made.frames });
    this.number %= this.frames;
    this.#begin();
  }

  /** Paints one frame of the loop. */
  draw(number) {
    this.number = number;
    this.blend.fill(0);
    for (const [frame, share] of this.parts(number)) {
      const start = frame * this.blend.length;
      for (let i = 0; i < this.blend.length; i++) this.blend[i] += share * this.made.planes[start + i];
    }
    const { gl } = this;
    const { size } = this.made;
    gl.activeTexture(gl.TEXTURE2);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA32F, size, 2 * size, 0, gl.RGBA, gl.FLOAT, this.blend);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  async play() {
    if (!this.paused || this.closed) return;
    this.paused = false;
    this.#begin();
    this.dispatchEvent(new Event("play"));
    const step = (now) => {
      if (this.paused) return;
      const number = Math.floor(((now - this.begun) / 1000) * FPS) % this.frames;
      if (number >= 0 && number !== this.number) this.draw(number);
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  pause() {
    if (this.paused) return;
    this.paused = true;
    this.dispatchEvent(new Event("pause"));
  }

  /** The loop once, as a File; `told` and `signal` as in recording.js. */
  async record(told, signal) {
    const played = !this.paused;
    this.pause();
    try {
      return await recorded(this.canvas, this.frames, { draw: (number) => this.draw(number), told, signal });
    } finally {
      if (played) this.play();
    }
  }

  /** Frees the graphics memory. */
  close() {
    this.paused = this.closed = true;
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
    this.canvas.remove();
  }

  #begin() {
    this.begun = performance.now() - (1000 * this.number) / FPS;
  }

  #prepare({ pixels, width, height }) {
    const { gl } = this;
    const { mask, size } = this.made;
    const program = linked(gl, PAINT);
    gl.useProgram(program);
    gl.viewport(0, 0, width, height);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    const white = new Uint8Array(width * height).fill(255);
    texture(gl, 0, gl.RGBA8, width, height, gl.RGBA, new Uint8Array(pixels.buffer));
    texture(gl, 1, gl.R8, width, height, gl.RED, mask ? new Uint8Array(mask.buffer) : white);
    texture(gl, 2);
    for (const [unit, name] of ["photo", "mask", "planes"].entries())
      gl.uniform1i(gl.getUniformLocation(program, name), unit);
    gl.uniform2f(gl.getUniformLocation(program, "size"), width, height);
    gl.uniform1i(gl.getUniformLocation(program, "side"), size);
  }
}

function texture(gl, unit, kind, width, height, format, pixels) {
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER])
    gl.texParameteri(gl.TEXTURE_2D, filter, gl.NEAREST);
  if (pixels)
    gl.texImage2D(gl.TEXTURE_2D, 0, kind, width, height, 0, format, gl.UNSIGNED_BYTE, pixels);
}
