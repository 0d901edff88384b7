// The page: sends a photo to the service, shows the result, and saves downloads.

import { chooseLanguage, language, say, sayError, sayLabel } from "./messages.js";
import { Viewer, pngBlob } from "./viewer.js";

const element = (id) => document.getElementById(id);
const viewer = new Viewer();
let colors = {};
let limits = { body_bytes: Infinity };
let photo = null; // The current file.
let reply = null; // The JSON response for it.
let request = null; // The request in progress.
let pending = null; // The photo to send once there is a token.
let failure = null; // The current error, to show it again in another language.
let facts = null;
const hidden = { classes: new Set(), people: new Set() };

// MARK: Requests

/** Thrown with the service's `code` and `message`. */
class ServiceFailure extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** Posts the photo. XMLHttpRequest, since fetch does not tell how much has been sent. */
function post(path, file, accept, onProgress = () => {}) {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    request = call;
    call.open("POST", path);
    call.responseType = "arraybuffer";
    call.setRequestHeader("Accept", accept);
    call.setRequestHeader("Content-Type", "application/octet-stream");
    const token = sessionStorage.getItem("token");
    if (token) call.setRequestHeader("Authorization", `Bearer ${token}`);
    call.upload.onprogress = (event) => onProgress(event.loaded / (event.total || 1));
    call.onload = () => {
      if (call.status === 200) return resolve(call.response);
      try {
        const { code, message } = JSON.parse(new TextDecoder().decode(call.response));
        reject(new ServiceFailure(code, message));
      } catch {
        reject(new ServiceFailure("other", `HTTP ${call.status}`));
      }
    };
    call.onerror = () => reject(new ServiceFailure("unreachable", ""));
    call.onabort = () => reject(new ServiceFailure("canceled", ""));
    call.send(file);
  });
}

async function loadColors() {
  try {
    const answer = await (await fetch("api/labels")).json();
    colors = Object.fromEntries(answer.labels.map((label) => [label.name, label]));
    limits = answer.limits;
    element("model").textContent = answer.weights;
  } catch {
    fail(new ServiceFailure("unreachable", ""));
  }
}

// MARK: Photos

async function open(file) {
  if (!file) return;
  request?.abort();
  fail(null);
  if (!/^image\/(jpeg|png|webp|avif)$/.test(file.type) && !/\.(jpe?g|png|webp|avif)$/i.test(file.name)) {
    return fail(new ServiceFailure("not_a_picture", ""), file.name);
  }
  const name = file.name || "photo.png";
  if (file.size > limits.body_bytes) return fail(new ServiceFailure("too_large", `${size(file.size)} > ${size(limits.body_bytes)}`), name);
  busy(say("uploading", { name, percent: 0 }), 0);
  const start = performance.now();
  try {
    const bytes = await post("api/parse", file, "application/json", (share) => {
      if (share < 1) busy(say("uploading", { name, percent: Math.round(share * 100) }), share);
      else busy(say("parsing", { name }));
    });
    reply = JSON.parse(new TextDecoder().decode(bytes));
    photo = new File([file], name, { type: file.type });
    facts = { bytes: file.size, seconds: (performance.now() - start) / 1000 };
    await showResult();
  } catch (error) {
    if (error.code === "unauthorized") pending = file;
    show(reply ? "result" : "start");
    if (error.code === "canceled") element("status").textContent = say("canceled");
    else fail(error, name);
  } finally {
    request = null;
  }
}

async function showResult() {
  hidden.classes.clear();
  hidden.people.clear();
  show("result");
  list();
  const masks = reply.masks.map((mask) => ({ ...mask, color: colors[mask.label]?.color ?? "#808080" }));
  await viewer.show(photo, reply.width, reply.height, masks);
  viewer.filter = isShown;
  element("resultTitle").focus();
  element("status").textContent = say("done", {
    name: photo.name, people: reply.people.length, parts: reply.masks.length, seconds: facts.seconds.toFixed(2),
  });
}

/** Whether a mask is among the classes and people that are ticked. */
const isShown = (index) => {
  const { label, person } = reply.masks[index];
  return !hidden.classes.has(label) && !hidden.people.has(person);
};

// MARK: Lists

function list() {
  const { masks, people, width, height } = reply;
  const names = [...new Set(masks.map((mask) => mask.label))].sort((a, b) => (colors[a]?.index ?? 0) - (colors[b]?.index ?? 0));
  const area = (filter) => masks.filter(filter).reduce((sum, mask) => sum + mask.area, 0);
  fillList("classes", names, "noParts", (name) => ({
    text: sayLabel(name), color: colors[name]?.color, number: share(area((mask) => mask.label === name)),
    matches: (mask) => mask.label === name,
  }));
  const numbers = people.map((person) => person.number);
  if (masks.some((mask) => mask.person === null)) numbers.push(null);
  fillList("people", numbers, "noPeople", (number) => ({
    text: number === null ? say("nobody") : say(people[number - 1].unsure ? "unsurePerson" : "person", { number }),
    number: number === null ? "" : people[number - 1].score.toFixed(2),
    matches: (mask) => mask.person === number,
  }));
  listMasks();
  element("photo").setAttribute("aria-label", say("photoText", {
    name: photo.name, width, height, parts: names.map(sayLabel).join(", ") || say("noParts"),
  }));
  element("facts").textContent = say(reply.cached ? "cachedFacts" : "facts", {
    width, height, size: size(facts.bytes), seconds: facts.seconds.toFixed(2),
    network: (reply.timing_ms.forward / 1000).toFixed(2),
  });
}

const share = (area) => `${((100 * area) / (reply.width * reply.height)).toFixed(1)} %`;
const size = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

/** A tick box for each item; pointing at one lets its masks stand out. */
function fillList(id, items, empty, describe) {
  const rows = items.map((item) => {
    const { text, color, number, matches } = describe(item);
    const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: !hidden[id].has(item) });
    box.dataset.name = item;
    box.addEventListener("change", () => {
      hidden[id][box.checked ? "delete" : "add"](item);
      viewer.filter = isShown;
    });
    const label = document.createElement("label");
    label.append(box);
    if (color) {
      const swatch = Object.assign(document.createElement("span"), { className: "swatch" });
      swatch.style.background = color;
      label.append(swatch);
    }
    label.append(Object.assign(document.createElement("span"), { textContent: text }));
    label.append(Object.assign(document.createElement("span"), { className: "number", textContent: number }));
    const light = () => (viewer.lit = (index) => matches(reply.masks[index]));
    const dark = () => (viewer.lit = null);
    label.addEventListener("pointerenter", light);
    label.addEventListener("pointerleave", dark);
    box.addEventListener("focus", () => box.matches(":focus-visible") && light());
    box.addEventListener("blur", dark);
    const row = document.createElement("li");
    row.append(label);
    return row;
  });
  if (rows.length === 0) rows.push(Object.assign(document.createElement("li"), { className: "empty", textContent: say(empty) }));
  element(id).replaceChildren(...rows);
}

const maskName = ({ label, person }) => (person === null ? sayLabel(label) : `${say("person", { number: person })}: ${sayLabel(label)}`);

function listMasks() {
  const options = reply.people.map((person) => new Option(say("person", { number: person.number }), `p${person.number}`));
  options.push(...reply.masks.map((mask, index) => new Option(maskName(mask), `m${index}`)));
  element("mask").replaceChildren(...options);
  element("saveMask").disabled = options.length === 0;
}

function tick(isTicked) {
  hidden.classes = new Set(isTicked ? [] : reply.masks.map((mask) => mask.label));
  for (const box of element("classes").querySelectorAll("input")) box.checked = isTicked;
  viewer.filter = isShown;
}

// MARK: Downloads

const stem = () => photo.name.replace(/\.[^.]*$/, "");

function save(blob, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  element("status").textContent = say("saved", { name });
}

/** Asks the service for another form of the answer, and saves it. */
async function fetchAndSave(button, query, type, name) {
  fail(null);
  button.disabled = true;
  element("status").textContent = say("preparing");
  try {
    save(new Blob([await post(`api/parse${query}`, photo, type)], { type }), name);
  } catch (error) {
    fail(error, photo.name);
  } finally {
    button.disabled = false;
  }
}

/** The query for what is ticked; empty where that is all. */
function selection() {
  const query = new URLSearchParams({ output: "cutout" });
  const labels = [...new Set(reply.masks.map((mask) => mask.label))];
  if (hidden.classes.size > 0) {
    query.set("parts", labels.filter((label) => !hidden.classes.has(label)).map((label) => colors[label].file_name).join(","));
  }
  if (hidden.people.size > 0) {
    query.set("people", reply.people.map((person) => person.number).filter((number) => !hidden.people.has(number)).join(","));
  }
  return `?${query}`;
}

function saveMask() {
  const value = element("mask").value;
  const index = Number(value.slice(1));
  const two = (number) => String(number).padStart(2, "0");
  if (value.startsWith("p")) return save(pngBlob(reply.people[index - 1].mask), `${stem()}.p${two(index)}.png`);
  const { label, person, mask } = reply.masks[index];
  save(pngBlob(mask), `${stem()}.${person === null ? "" : `p${two(person)}-`}${colors[label]?.file_name ?? label}.png`);
}

// MARK: State of the page

function show(name) {
  for (const id of ["start", "busy", "result"]) element(id).hidden = id !== name;
  element("another").hidden = name !== "result";
}

function busy(text, progress) {
  if (element("busy").hidden) show("busy");
  element("busyText").textContent = text;
  if (progress === undefined) element("progress").removeAttribute("value");
  else element("progress").value = progress;
}

/** Says what went wrong, or nothing more. */
function fail(error, name = "") {
  failure = error && { error, name };
  element("error").hidden = !error;
  element("tokenForm").hidden = error?.code !== "unauthorized";
  if (!error) return;
  const details = error.code === "unauthorized" || !error.message ? "" : ` (${error.message})`;
  element("error").textContent = sayError(error.code, { name }) + details;
  if (error.code === "unauthorized") element("token").focus();
}

function translate() {
  for (const target of document.querySelectorAll("[data-text]")) target.textContent = say(target.dataset.text);
  for (const target of document.querySelectorAll("[data-label]")) target.setAttribute("aria-label", say(target.dataset.label));
  document.title = say("title");
  const isEnglish = language() === "en";
  Object.assign(element("language"), { textContent: isEnglish ? "中文" : "English", lang: isEnglish ? "zh" : "en" });
  element("language").setAttribute("aria-label", isEnglish ? "切换到中文" : "Switch to English");
  viewer.setSplit(element("divider").getAttribute("aria-valuenow") / 100);
  if (failure) fail(failure.error, failure.name);
  if (reply) list();
}

function listen() {
  const files = (transfer) => [...(transfer?.files ?? [])].find((file) => file.type.startsWith("image/")) ?? transfer?.files[0];
  element("file").addEventListener("change", ({ target }) => {
    open(target.files[0]);
    target.value = "";
  });
  element("another").addEventListener("click", () => element("file").click());
  element("cancel").addEventListener("click", () => request?.abort());
  document.addEventListener("paste", (event) => open(files(event.clipboardData)));
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("dragging");
  });
  for (const end of ["dragleave", "drop"]) document.addEventListener(end, () => document.body.classList.remove("dragging"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    open(files(event.dataTransfer));
  });
  element("opacity").addEventListener("input", ({ target }) => {
    element("opacityValue").textContent = `${target.value} %`;
    viewer.opacity = target.value / 100;
  });
  element("language").addEventListener("click", () => {
    chooseLanguage(language() === "en" ? "zh" : "en");
    translate();
  });
  element("tokenForm").addEventListener("submit", (event) => {
    event.preventDefault();
    sessionStorage.setItem("token", element("token").value.trim());
    open(pending);
  });
  element("all").addEventListener("click", () => tick(true));
  element("none").addEventListener("click", () => tick(false));
  element("saveColor").addEventListener("click", () => save(pngBlob(reply.merged_mask), `${stem()}.color.png`));
  element("saveCutout").addEventListener("click", ({ target }) => fetchAndSave(target, selection(), "image/png", `${stem()}.cutout.png`));
  element("saveZip").addEventListener("click", ({ target }) => fetchAndSave(target, "", "application/zip", `${stem()}.zip`));
  element("saveJson").addEventListener("click", () => save(new Blob([JSON.stringify(reply)], { type: "application/json" }), `${stem()}.json`));
  element("saveMask").addEventListener("click", saveMask);
  viewer.onSplit = (percent) => element("divider").setAttribute("aria-valuetext", say("dividerValue", { percent }));
  viewer.onHover = (index, x, y) => {
    const tip = element("tip");
    tip.hidden = index === null;
    const label = index === null ? null : reply.masks[index].label;
    for (const box of element("classes").querySelectorAll("input")) box.parentElement.classList.toggle("lit", box.dataset.name === label);
    if (index === null) return;
    tip.textContent = `${maskName(reply.masks[index])} · ${reply.masks[index].score.toFixed(2)}`;
    const stage = element("stage");
    tip.style.left = `${Math.max(4, Math.min(x + 14, stage.clientWidth - tip.offsetWidth - 4))}px`;
    tip.style.top = `${Math.max(4, y < 40 ? y + 18 : y - 34)}px`;
  };
}

chooseLanguage();
listen();
translate();
loadColors();
