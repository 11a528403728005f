// The page of a packing line. Every message is the whole state, so a lost one costs nothing.
"use strict";

const SILENCE_MS = 3500; // the line speaks once a second
const RETRY_MS = 1000;
const GOOD_FOR_S = 10; // afterwards the carton is gone, and its verdict with it
const BEFORE_FOR_S = 60; // so long an earlier refusal is still told beside newer verdicts
const LOST = { zh: "未连接", en: "not connected" };
const HANGS = { zh: "产线没有响应", en: "the line does not answer" };
const READY = { zh: "请扫码", en: "ready to scan" };

const at = (id) => document.getElementById(id);
let state = null;
let heardMs = 0;
let triedMs = 0;
let stream = null;
let soundedRow = null;

// ---------------------------------------------------------------- drawing

function put(element, zh, en) {
  element.replaceChildren();
  if (!zh && !en) return;
  const chinese = document.createElement("b");
  chinese.lang = "zh-Hans";
  chinese.textContent = zh;
  const english = document.createElement("span");
  english.lang = "en";
  english.textContent = en;
  element.append(chinese, english);
}

function shape(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#shape-${name}`);
  svg.append(use);
  return svg;
}

const lookOf = (reading) => (reading.outcome === "packed" ? "packed" : reading.look);
const ageOf = (reading) => reading.age_s + (performance.now() - heardMs) / 1000;

function showVerdict(look, word, reading) {
  const body = document.body;
  body.dataset.look = look;
  at("shape").firstElementChild.setAttribute("href", `#shape-${look}`);
  put(at("word"), word.zh, word.en);
  at("word").toggleAttribute("data-long", word.zh.length > 4);
  body.toggleAttribute("data-plain", !(reading && reading.why.zh));
  put(at("why"), reading ? reading.why.zh : "", reading ? reading.why.en : "");
  put(at("to-do"), reading ? reading.to_do.zh : "", reading ? reading.to_do.en : "");
  let unit = reading ? [reading.unit, reading.lot].filter(Boolean).join("  ") : "";
  if (reading && reading.times > 1) unit += `  ×${reading.times}`;
  at("unit").textContent = unit;
}

function draw() {
  const silent = performance.now() - heardMs > SILENCE_MS;
  if (state === null || silent || !state.alive) {
    document.body.dataset.link = "lost";
    showVerdict("lost", state && !silent && !state.alive ? HANGS : LOST, null);
    at("before").textContent = "";
    return;
  }
  document.body.dataset.link = "up";
  const newest = state.last[0];
  const old = !newest || (newest.look !== "bad" && ageOf(newest) > GOOD_FOR_S);
  if (old) showVerdict("none", READY, null);
  else showVerdict(lookOf(newest), newest.word, newest);
  document.body.dataset.side = newest && newest.row % 2 ? "right" : "left";
  showBefore(newest);
}

function showBefore(newest) {
  const refused = state.refused;
  const told = refused && newest && refused.row !== newest.row && ageOf(refused) < BEFORE_FOR_S;
  at("before").textContent = told
    ? `✖ ${Math.round(ageOf(refused))} s 前拒收 refused: ${refused.unit || refused.device} ${refused.why.zh} ${refused.why.en}`
    : "";
}

function drawLists() {
  at("station").textContent = state.station;
  at("clock").textContent = state.now;
  at("count-done").textContent = state.today.done;
  at("count-refused").textContent = state.today.refused;
  at("count-pallets").textContent = state.today.pallets;
  drawFill();
  at("last").replaceChildren(...state.last.map(line));
  at("devices").replaceChildren(...state.devices.map(device));
}

function line(reading) {
  const item = document.createElement("li");
  item.className = `look-${reading.look}`;
  const what = document.createElement("div");
  what.className = "what";
  put(what, `${reading.word.zh} ${reading.word.en}`, reading.unit || reading.device);
  if (reading.why.zh) put(what, `${reading.word.zh} ${reading.why.zh}`, `${reading.word.en}: ${reading.why.en}`);
  const when = document.createElement("div");
  when.className = "when";
  when.textContent = reading.at + (reading.times > 1 ? ` ×${reading.times}` : "");
  item.append(shape(lookOf(reading)), what, when);
  return item;
}

function device(one) {
  const box = document.createElement("div");
  box.className = one.state;
  box.textContent = `${one.name} ${one.word.zh} ${one.word.en}`;
  if (one.why) box.title = `${one.why.zh}\n${one.why.en}`;
  return box;
}

function drawFill() {
  at("fill").hidden = state.wanted === 0;
  at("fill-text").textContent = `${state.waiting} / ${state.wanted}`;
  const shown = Math.min(state.wanted, 40);
  const full = state.wanted ? Math.floor((Math.min(state.waiting, state.wanted) * shown) / state.wanted) : 0;
  const boxes = Array.from({ length: shown }, (_, n) => {
    const box = document.createElement("u");
    if (n < full) box.className = "full";
    return box;
  });
  at("fill-bar").replaceChildren(...boxes);
}

// ---------------------------------------------------------------- sound

let audio = null;
let silenced = false;
const TONES = { // [Hz, begin s, length s, wave]
  good: [[1568, 0, 0.09, "sine"]],
  packed: [[1047, 0, 0.12, "sine"], [1568, 0.13, 0.22, "sine"]],
  bad: [[196, 0, 0.25, "square"], [156, 0.3, 0.45, "square"]],
  unclear: [[440, 0, 0.12, "triangle"]],
};

function play(look) {
  if (!audio || audio.state !== "running" || silenced) return;
  for (const [hertz, begin, length, wave] of TONES[look]) {
    const tone = new OscillatorNode(audio, { type: wave, frequency: hertz });
    const loud = new GainNode(audio, { gain: 0.35 });
    const from = audio.currentTime + begin;
    loud.gain.setValueAtTime(0.35, from + length - 0.02);
    loud.gain.linearRampToValueAtTime(0, from + length);
    tone.connect(loud).connect(audio.destination);
    tone.start(from);
    tone.stop(from + length);
  }
  document.body.dataset.sounded = look;
}

function sound() { // one sound for everything new; the worst is the one that is heard
  const newestRow = state.last.length ? state.last[0].row : 0;
  const fresh = soundedRow === null ? [] : state.last.filter((reading) => reading.row > soundedRow);
  soundedRow = newestRow;
  const looks = fresh.map(lookOf);
  const worst = ["bad", "unclear", "packed", "good"].find((look) => looks.includes(look));
  if (worst) play(worst);
}

function wakeSound() { // browsers let a page make sounds only after a touch or key
  if (!audio) {
    audio = new AudioContext();
    audio.onstatechange = showSound;
  }
  if (audio.state !== "running") audio.resume().then(showSound, () => {});
  showSound();
}

function showSound() {
  const asleep = !audio || audio.state !== "running";
  const [zh, en] = asleep ? ["触摸以开声音", "touch for sound"] : silenced ? ["声音已关", "sound is off"] : ["声音已开", "sound is on"];
  at("sound").querySelector("b").textContent = zh;
  at("sound").querySelector("i").textContent = en;
}

function pressSound() {
  if (audio && audio.state === "running") silenced = !silenced;
  wakeSound();
}

// ---------------------------------------------------------------- connection

function heard(text) {
  const before = state;
  state = JSON.parse(text);
  heardMs = performance.now();
  if (state.number === undefined) { // the line is just starting
    state.alive = false;
    draw();
    return;
  }
  if (!before || before.run !== state.run) soundedRow = null;
  sound();
  drawLists();
  draw();
}

function connect() {
  triedMs = performance.now();
  stream = new EventSource("stream");
  stream.onmessage = (message) => heard(message.data);
  stream.onerror = () => { // closed, refused or broken: the verdict goes at once, the line is asked again
    heardMs = -Infinity;
    stream.close();
    stream = null;
    draw();
  };
}

function watch() {
  draw();
  if (stream && performance.now() - Math.max(heardMs, triedMs) > SILENCE_MS * 2) stream.onerror();
}

document.addEventListener("keydown", (event) => {
  wakeSound();
  if (event.key === "F4") {
    event.preventDefault();
    pressSound();
  }
});
document.addEventListener("pointerdown", (event) => {
  if (!event.target.closest("#sound")) wakeSound();
});
at("sound").addEventListener("click", pressSound);
setInterval(watch, 250);
setInterval(() => stream || connect(), RETRY_MS);
wakeSound();
connect();
if (navigator.wakeLock) navigator.wakeLock.request("screen").catch(() => {});
