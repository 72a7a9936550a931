// What drawing with WebGL 2 takes each time: programs, textures, and passes from some to others.

export const CORNERS = `#version 300 es
void main() { // one triangle over the whole picture
  gl_Position = vec4(gl_VertexID == 1 ? 3 : -1, gl_VertexID == 2 ? 3 : -1, 0, 1);
}`;

/** A program over the whole picture, with the places of its uniforms in `at`. */
export function linked(gl, source) {
  const program = gl.createProgram();
  for (const [type, text] of [[gl.VERTEX_SHADER, CORNERS], [gl.FRAGMENT_SHADER, source]]) {
    const shader = gl.createShader(type);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost())
    throw new Error(`This browser cannot paint the clip: ${gl.getProgramInfoLog(program)}`);
  return program;
}

/** Passes of one context: each draws over the whole of its targets, from the textures it names. */
export class Passes {
  constructor(gl, sources) {
    this.gl = gl;
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    this.programs = Object.fromEntries(
      Object.entries(sources).map(([name, source]) => [name, linked(gl, source)]),
    );
    this.textures = [];
    this.buffers = new Map(); // framebuffers by their targets
    this.places = new Map(); // uniforms by program
  }

  /** kind: [internal format, format, type]; how: {linear, mirrored}; pixels: an array, a picture or null. */
  texture(kind, [width, height, depth], how = {}, pixels = null) {
    const { gl } = this;
    const target = depth ? gl.TEXTURE_3D : gl.TEXTURE_2D;
    const texture = Object.assign(gl.createTexture(), { target, size: [width, height] });
    this.textures.push(texture);
    gl.bindTexture(target, texture);
    const [internal, format, type] = kind;
    if (depth) gl.texImage3D(target, 0, internal, width, height, depth, 0, format, type, pixels);
    else gl.texImage2D(target, 0, internal, width, height, 0, format, type, pixels);
    const filter = how.linear ? gl.LINEAR : gl.NEAREST;
    const wrap = how.mirrored ? gl.MIRRORED_REPEAT : gl.CLAMP_TO_EDGE;
    for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(target, name, filter);
    for (const name of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T, gl.TEXTURE_WRAP_R]) gl.texParameteri(target, name, wrap);
    return texture;
  }

  /** Other numbers for a texture of two dimensions. */
  fill(texture, [internal, format, type], pixels) {
    const { gl } = this;
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, internal, ...texture.size, 0, format, type, pixels);
  }

  /**
   * Draws into textures of one size, or null: the canvas. values: numbers, or arrays of them, or textures. box: only
   * there, [left, bottom, width, height], shares of the whole.
   */
  run(name, targets, values, box = null) {
    const { gl } = this;
    const program = this.programs[name];
    gl.useProgram(program);
    gl.bindFramebuffer(gl.FRAMEBUFFER, targets && this.#buffer(targets));
    const [width, height] = targets ? targets[0].size : [gl.drawingBufferWidth, gl.drawingBufferHeight];
    gl.viewport(0, 0, width, height);
    if (box) this.#cut(box, width, height);
    let unit = 0;
    for (const [key, value] of Object.entries(values)) {
      const place = this.#place(program, key);
      if (value instanceof WebGLTexture) {
        gl.activeTexture(gl.TEXTURE0 + unit);
        gl.bindTexture(value.target, value);
        gl.uniform1i(place, unit++);
      } else if (Array.isArray(value)) gl.uniform2f(place, ...value);
      else gl.uniform1f(place, value);
    }
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    if (box) gl.disable(gl.SCISSOR_TEST);
  }

  /** Frees the textures, for others of another picture. */
  free() {
    for (const texture of this.textures) this.gl.deleteTexture(texture);
    for (const buffer of this.buffers.values()) this.gl.deleteFramebuffer(buffer);
    this.textures = [];
    this.buffers.clear();
  }

  #cut([left, bottom, across, up], width, height) {
    const { gl } = this;
    const first = [Math.floor(left * width), Math.floor(bottom * height)];
    const end = [Math.ceil((left + across) * width), Math.ceil((bottom + up) * height)];
    gl.enable(gl.SCISSOR_TEST);
    gl.scissor(...first, Math.max(0, end[0] - first[0]), Math.max(0, end[1] - first[1]));
  }

  #place(program, key) {
    if (!this.places.has(program)) this.places.set(program, {});
    const known = this.places.get(program);
    return (known[key] ??= this.gl.getUniformLocation(program, key));
  }

  #buffer(targets) {
    const { gl } = this;
    if (!this.buffers.has(targets)) {
      const buffer = gl.createFramebuffer();
      gl.bindFramebuffer(gl.FRAMEBUFFER, buffer);
      const points = targets.map((_, i) => gl.COLOR_ATTACHMENT0 + i);
      targets.forEach((texture, i) => gl.framebufferTexture2D(gl.FRAMEBUFFER, points[i], gl.TEXTURE_2D, texture, 0));
      gl.drawBuffers(points);
      this.buffers.set(targets, buffer);
    }
    return this.buffers.get(targets);
  }
}
