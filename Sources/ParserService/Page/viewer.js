// Comparison of the photo with its parsing: two canvases, a divider, and the name of the part under the pointer.

/** Pixels of the longer edge that are kept for the screen; downloads always have all. */
const longestEdge = 1600;

/** The bytes of a base64 text as a file. */
export function pngBlob(base64) {
  return new Blob([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))], { type: "image/png" });
}

export class Viewer {
  #photo = document.getElementById("photo");
  #parsing = document.getElementById("parsing");
  #stage = document.getElementById("stage");
  #divider = document.getElementById("divider");
  #split = 0.5;
  #opacity = 0.7;
  #masks = [];
  #owners = new Uint16Array(0);
  #source = null;
  #isShown = () => true;
  #lit = null;
  #area = { left: 0, top: 0, width: 1, height: 1 };

  /** Called with the index of the mask under the pointer, or null, and the place in the stage. */
  onHover = () => {};
  /** Called with the share of the photo that is left of the divider. */
  onSplit = () => {};

  constructor() {
    new ResizeObserver(() => this.#layOut()).observe(this.#stage);
    this.#divider.addEventListener("pointerdown", (event) => this.#drag(event));
    this.#divider.addEventListener("keydown", (event) => this.#key(event));
    this.#stage.addEventListener("pointermove", (event) => this.#hover(event));
    this.#stage.addEventListener("pointerdown", (event) => this.#hover(event));
    this.#stage.addEventListener("pointerleave", () => this.onHover(null));
  }

  /** Shows a photo and its masks: `[{box, mask, score, color}]`, `mask` a PNG in base64. */
  async show(file, width, height, masks) {
    const scale = Math.min(1, longestEdge / Math.max(width, height));
    const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
    for (const canvas of [this.#photo, this.#parsing]) Object.assign(canvas, size);
    const bitmap = await createImageBitmap(file);
    const context = this.#photo.getContext("2d", { willReadFrequently: true });
    context.drawImage(bitmap, 0, 0, size.width, size.height);
    bitmap.close();
    this.#source = context.getImageData(0, 0, size.width, size.height);
    this.#masks = masks.map((mask) => ({ rgb: parseInt(mask.color.slice(1), 16) }));
    this.#owners = await ownersOf(masks, width, height, size);
    this.#lit = null;
    this.setSplit(0.5);
    this.#layOut();
    this.draw();
  }

  /** Whether a mask, by its index, is painted. */
  set filter(isShown) {
    this.#isShown = isShown;
    this.draw();
  }

  set opacity(value) {
    this.#opacity = value;
    this.draw();
  }

  /** Lets some masks stand out: a function from index to truth, or null. */
  set lit(isLit) {
    this.#lit = isLit;
    this.draw();
  }

  /** Blends the colors over the photo; at full opacity, its background is black. */
  draw() {
    const source = this.#source;
    if (!source) return;
    const picture = new ImageData(source.width, source.height);
    const from = source.data, to = picture.data;
    // For each mask: its color, its coverage, and the brightness of the photo.
    const colors = [[0, 0, 0], ...this.#masks.map(({ rgb }) => [rgb >> 16, (rgb >> 8) & 255, rgb & 255])];
    const shares = colors.map((_, owner) => {
      if (owner === 0 || !this.#isShown(owner - 1)) return Math.max(0, this.#opacity * 2 - 1);
      return this.#lit && !this.#lit(owner - 1) ? this.#opacity * 0.3 : this.#lit ? Math.max(this.#opacity, 0.8) : this.#opacity;
    });
    const paints = colors.map((color, owner) => (owner > 0 && this.#isShown(owner - 1) ? color : colors[0]));
    for (let pixel = 0, index = 0; pixel < this.#owners.length; pixel += 1, index += 4) {
      const owner = this.#owners[pixel], share = shares[owner], paint = paints[owner];
      to[index] = from[index] + (paint[0] - from[index]) * share;
      to[index + 1] = from[index + 1] + (paint[1] - from[index + 1]) * share;
      to[index + 2] = from[index + 2] + (paint[2] - from[index + 2]) * share;
      to[index + 3] = 255;
    }
    this.#parsing.getContext("2d").putImageData(picture, 0, 0);
  }

  setSplit(share) {
    this.#split = Math.min(1, Math.max(0, share));
    const percent = Math.round(this.#split * 100);
    this.#divider.setAttribute("aria-valuenow", percent);
    this.#parsing.style.clipPath = `inset(0 0 0 ${this.#split * 100}%)`;
    this.#divider.style.left = `${this.#area.left + this.#area.width * this.#split}px`;
    this.onSplit(percent);
  }

  /** Fits the picture into the stage. */
  #layOut() {
    const { clientWidth, clientHeight } = this.#stage;
    const { width, height } = this.#photo;
    if (!clientWidth || !width) return;
    const scale = Math.min(clientWidth / width, clientHeight / height);
    const area = { width: width * scale, height: height * scale };
    area.left = (clientWidth - area.width) / 2;
    area.top = (clientHeight - area.height) / 2;
    this.#area = area;
    for (const { style } of [this.#photo, this.#parsing]) {
      for (const side of ["left", "top", "width", "height"]) style[side] = `${area[side]}px`;
    }
    this.#divider.style.top = `${area.top}px`;
    this.#divider.style.height = `${area.height}px`;
    this.setSplit(this.#split);
  }

  #drag(event) {
    event.preventDefault();
    this.#divider.focus();
    this.#divider.setPointerCapture(event.pointerId);
    const move = ({ clientX }) =>
      this.setSplit((clientX - this.#stage.getBoundingClientRect().left - this.#area.left) / this.#area.width);
    this.#divider.addEventListener("pointermove", move);
    this.#divider.addEventListener("lostpointercapture", () => this.#divider.removeEventListener("pointermove", move), { once: true });
  }

  #key(event) {
    const steps = { ArrowLeft: -0.02, ArrowDown: -0.02, ArrowRight: 0.02, ArrowUp: 0.02, PageDown: -0.1, PageUp: 0.1, Home: -1, End: 1 };
    if (!(event.key in steps)) return;
    event.preventDefault();
    this.setSplit(this.#split + steps[event.key]);
  }

  #hover(event) {
    const place = this.#stage.getBoundingClientRect();
    const x = event.clientX - place.left, y = event.clientY - place.top;
    const column = Math.floor(((x - this.#area.left) / this.#area.width) * this.#photo.width);
    const row = Math.floor(((y - this.#area.top) / this.#area.height) * this.#photo.height);
    const inside = column >= 0 && row >= 0 && column < this.#photo.width && row < this.#photo.height;
    const owner = inside ? this.#owners[row * this.#photo.width + column] : 0;
    this.onHover(owner > 0 && this.#isShown(owner - 1) ? owner - 1 : null, x, y);
  }
}

/** For each pixel 1 + the index of the mask that it belongs to, or 0: the most probable one, by score. */
async function ownersOf(masks, width, height, size) {
  const owners = new Uint16Array(size.width * size.height);
  const best = new Float32Array(owners.length);
  const canvas = new OffscreenCanvas(1, 1);
  const scale = { x: size.width / width, y: size.height / height };
  for (const [index, mask] of masks.entries()) {
    const left = Math.floor(mask.box[0] * scale.x), top = Math.floor(mask.box[1] * scale.y);
    const right = Math.min(size.width, Math.ceil((mask.box[0] + mask.box[2]) * scale.x));
    const bottom = Math.min(size.height, Math.ceil((mask.box[1] + mask.box[3]) * scale.y));
    canvas.width = right - left;
    canvas.height = bottom - top;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const bitmap = await createImageBitmap(pngBlob(mask.mask));
    context.drawImage(bitmap, -left, -top, size.width, size.height);
    bitmap.close();
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    for (let y = top, from = 0; y < bottom; y += 1) {
      for (let x = left, to = y * size.width + left; x < right; x += 1, to += 1, from += 4) {
        const probability = data[from] * mask.score;
        if (data[from] > 127 && probability > best[to]) {
          best[to] = probability;
          owners[to] = index + 1;
        }
      }
    }
  }
  return owners;
}
